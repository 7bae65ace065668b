import { type Certificate, LAWS } from '../failure.js'
import { row, short, showEntry, showNumber } from './render.js'

const ORACLES = {
  'double-double': 'the same graph with 106 bits',
  ridders: 'adaptive differences with a measured error',
  'complex-step': 'imaginary steps through the same graph',
  'exact-bilinear': 'exact differences of a bilinear function',
} as const

const count = (x: number): string =>
  x < 1000
    ? String(Math.ceil(x))
    : Number.isFinite(x)
      ? x.toExponential(0).replace('e+', 'e')
      : 'infinitely many'

/**
 * What a passed check has shown, in a few lines: which laws held, against which truth, the smallest error that would have
 * been seen, and how accurate the gradient is in float64.
 *
 * @example
 * const found = checkGrad((x: Tensor) => sum(exp(x)), [tensor([0, 1])], { seed: 1 })
 * renderCertificate((found as { right: Certificate }).right).split('\n')[0] // => '✓ gradient is right, seed 1'
 */
export const renderCertificate = (c: Certificate, name = 'f'): string => {
  const of = (verdict: string): string[] =>
    c.laws.filter((l) => l.verdict === verdict).map((l) => LAWS[l.law])
  const [holds, subgradient, skipped] = [of('holds'), of('subgradient'), of('skipped')]
  const list = (title: string, laws: readonly string[]): string[] =>
    laws.map((law, i) => row(i === 0 ? title : '', law))
  const { accuracy } = c
  const agreed = c.opinions.flatMap((o) => (o.verdict === 'agrees' ? [ORACLES[o.oracle]] : []))
  return [
    `✓ ${name === 'f' || name === '' ? '' : `${name}: `}gradient is right, seed ${c.seed}`,
    ...list('holds', holds),
    ...list(
      'at a kink',
      subgradient.map((law) => `${law}: a subgradient`),
    ),
    ...list('skipped', skipped),
    row('compared with', ORACLES[c.oracle]),
    ...list('and with', agreed),
    row('would see', c.mde === 0 ? 'any error' : `relative errors above ${short(c.mde)}`),
    ...(accuracy
      ? [
          row(
            'accuracy',
            `${count(accuracy.ulps)} ulps at worst, in ${showEntry(accuracy.entry)}: ${showNumber(accuracy.given)}` +
              (accuracy.ulps > 1e6 ? `, exactly ${showNumber(accuracy.exact)}` : ''),
          ),
        ]
      : []),
  ].join('\n')
}
