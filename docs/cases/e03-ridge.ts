import { type Tensor, tensor } from '@cotangent/core'
import { elasticNet, l1, l2, leastSquares, ridgePath, solve } from '@cotangent/regularize'
import { figure } from '@cotangent/train'
import type { Case, Measured } from './support/case.js'
import { diabetes, NAMES } from './support/diabetes.js'
import { rowsOf } from './support/raw.js'

// scikit-learn's Ridge(alpha=1) on the same data.
const KNOWN = [
  29.4661118935, -83.1542763619, 306.3526801507, 201.6277343733, 5.9096143675, -29.5154950797,
  -152.0402800619, 117.3117316003, 262.9442900143, 111.8789564395,
]

export const ridge: Case = {
  id: 'E3',
  title: 'L2 shrinks, and shares',
  claim: 'L2 makes weights small and brings them to the same level (section 3.4).',
  setting:
    'The diabetes data: ½‖y - Xβ‖² + ½α‖β‖² for α from 10⁻³ to 10³. And two columns that are nearly the same (bmi and a copy with a little noise), with L1, L2 and both.',
  lesson:
    'Squared L2 shrinks the whole vector and never makes a zero. It shrinks most where the data say least, and does not bring coefficients to one level. Between columns that say the same, L2 shares evenly and L1 picks one.',
  async run(): Promise<Measured> {
    const { X, y, n } = await diabetes()
    const alphas = Array.from({ length: 61 }, (_, i) => 10 ** (-3 + i / 10))
    const fits = ridgePath(
      X,
      y,
      alphas.map((a) => a / n),
    )
    const betas = fits.map((fit) => [...fit.params.kernel.toTypedArray()])

    const bmi = Array.from({ length: n }, (_, i) => X.toTypedArray()[i * 10 + 2]!)
    // A fixed little wave in place of noise: the copy is correlated 0.99 with the original.
    const copy = bmi.map((v, i) => v + 0.007 * Math.sin(7 * i))
    const length = Math.hypot(...copy)
    const twins = tensor(
      Float64Array.from({ length: 2 * n }, (_, j) => (j % 2 === 0 ? bmi[j >> 1]! : copy[j >> 1]! / length)),
      { shape: [n, 2] },
    ) as Tensor
    const loss = leastSquares(twins, y)
    const shares = (
      [
        ['L1', l1(0.5)],
        ['L2', l2(0.5 / 442)],
        ['elastic net', elasticNet(0.5, 0.99)],
      ] as const
    ).map(([name, penalty]) => [name, [...(solve({ loss, penalty }) as Tensor).toTypedArray()]] as const)
    return {
      head: ['penalty', 'β of bmi', 'β of its copy'],
      rows: shares.map(([name, [a, b]]) => [name, a!.toFixed(2), b!.toFixed(2)]),
      raw: [
        ['part', 'alpha', 'df', ...NAMES],
        ...alphas.map((a, i) => ['ridge', a, fits[i]!.df, ...betas[i]!]),
        ...shares.map(([name, [a, b]]) => [
          'twins',
          name,
          '',
          ...NAMES.map((_, k) => (k === 2 ? a! : k === 3 ? b! : '')),
        ]),
      ],
      figures: {
        trace: await figure.lines({
          title: 'Coefficients of ridge regression',
          x: { name: 'degrees of freedom' },
          y: { name: 'coefficient' },
          lines: NAMES.map((name, k) => ({
            name,
            dashed: k > 7,
            points: fits.map((fit, i) => [fit.df, betas[i]![k]!] as const),
          })),
          width: 760,
          height: 400,
        }),
        twins: await figure.bars({
          title: 'Two columns that are nearly the same',
          categories: shares.map(([name]) => name),
          y: { name: 'coefficient' },
          groups: ['bmi', 'copy'].map((name, k) => ({ name, values: shares.map(([, pair]) => pair[k]!) })),
        }),
      },
    }
  },
  judge(raw) {
    const rows = rowsOf(raw).where({ part: 'ridge' })
    const paths = NAMES.map((name) => rows.of(name))
    const alphas = rows.of('alpha')
    const at1 = alphas.findIndex((a) => Math.abs(a - 1) < 1e-9)
    const off = Math.max(...KNOWN.map((b, k) => Math.abs(paths[k]![at1]! / b - 1)))
    const norms = alphas.map((_, i) => Math.hypot(...paths.map((path) => path[i]!)))
    const zeros = paths.flat().filter((b) => b === 0).length
    const growing = paths.filter((path) =>
      path.some((v, i) => i > 0 && Math.abs(v) > Math.abs(path[i - 1]!) + 1e-9),
    ).length
    const sizes = NAMES.map((_, k) => Math.abs(paths[k]![at1]!))
    const evenness = (name: string) => {
      const twins = rowsOf(raw).where({ part: 'twins', alpha: name })
      const [a, b] = [twins.of('bmi')[0]!, twins.of('bp')[0]!].map(Math.abs) as [number, number]
      return Math.min(a, b) / Math.max(a, b)
    }
    return [
      {
        text: 'The coefficients at α = 1 are those of scikit-learn',
        measured: `relative difference ${off.toExponential(1)}`,
        holds: off < 1e-9,
      },
      {
        text: 'The norm falls with α at every step',
        measured: `from ${norms[0]!.toFixed(0)} to ${norms.at(-1)!.toFixed(1)}`,
        holds: norms.every((v, i) => i === 0 || v < norms[i - 1]!),
      },
      {
        text: 'No coefficient is ever exactly zero',
        measured: `${zeros} zeros in ${alphas.length} fits`,
        holds: zeros === 0,
      },
      {
        text: 'L2 shares between twins, L1 picks one',
        measured: `smaller over larger: L2 ${evenness('L2').toFixed(2)}, L1 ${evenness('L1').toFixed(2)}`,
        holds: evenness('L2') > 0.9 && evenness('L1') < 0.1,
      },
      {
        text: 'Every coefficient falls by itself, towards one level',
        measured: `${growing} of 10 grow somewhere on the way; at α = 1 the largest is ${(Math.max(...sizes) / Math.min(...sizes)).toFixed(0)} times the smallest`,
        holds: growing === 0,
      },
    ]
  },
}
