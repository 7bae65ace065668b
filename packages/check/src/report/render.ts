import { Tensor } from '@cotangent/core'
import { type Blame, type GradFailure, LAWS, type Mismatch, type NotSmooth } from '../failure.js'
import type { Entry } from '../subject/leaves.js'

/** A number as people write it: dyadics as fractions, others to eight digits. */
export const showNumber = (x: number, digits = 8): string => {
  if (Number.isInteger(x) && Math.abs(x) < 1e9) return String(Object.is(x, -0) ? 0 : x)
  for (const q of [2, 4, 8, 16, 32, 64])
    if (Number.isInteger(x * q) && Math.abs(x * q) < 1e4) return `${x * q}/${q}`
  return Number.isFinite(x) ? String(Number(x.toPrecision(digits))) : String(x)
}

const MOST = 12

/** Arguments and trees in one line; long arrays are cut. */
export const showValue = (x: unknown): string => {
  if (x instanceof Tensor) return showValue(x.toArray())
  if (typeof x === 'number') return showNumber(x)
  if (ArrayBuffer.isView(x)) return showValue(Array.from(x as Float64Array))
  if (Array.isArray(x)) {
    const shown = x.slice(0, MOST).map(showValue)
    return `[${[...shown, ...(x.length > MOST ? [`… ${x.length} in all`] : [])].join(', ')}]`
  }
  if (typeof x === 'object' && x !== null)
    return `{ ${Object.entries(x)
      .map(([k, v]) => `${k}: ${showValue(v)}`)
      .join(', ')} }`
  return String(x)
}

const decimal = (x: number): string => (Number.isFinite(x) ? String(Number(x.toPrecision(8))) : String(x))
export const short = (x: number): string =>
  Number.isFinite(x) ? x.toExponential(0).replace('e+', 'e') : String(x)
const relative = (x: number): string => (Number.isFinite(x) && x < 1e290 ? x.toExponential(1) : 'infinite')

/** `x[0]`, or `x/kernel[1, 0]` in a tree; the arguments after the first are y, z, …. */
export const showEntry = ({ path, index }: Entry): string => {
  const [first = '0', ...rest] = path.split('/')
  const argument = 'xyzuvw'[Number(first)] ?? `argument ${first}`
  const number = (s: string): boolean => /^\d+$/.test(s)
  const at = [...rest.filter(number), ...index.map(String)]
  const names = rest.filter((s) => !number(s))
  return `d/d${[argument, ...names].join('/')}${at.length > 0 ? `[${at.join(', ')}]` : ''}`
}

export const row = (name: string, text: string): string => `  ${name.padEnd(16)} ${text}`

const shownArguments = (at: readonly unknown[]): string =>
  at.map((x, i) => `${'xyzuvw'[i] ?? `argument ${i}`} = ${showValue(x)}`).join(', ')

/** ` at hidden/act (mlp.ts:12)`. */
const showPlace = ({ path, site }: { readonly path: string; readonly site?: string }): string =>
  `${path === '' ? '' : ` at ${path}`}${site === undefined || site === '' ? '' : ` (${site})`}`

const blameLine = (b: Blame): string => {
  const rule = b.rule === 'jvp' ? 'local rule' : `local rule (${b.rule})`
  return `${b.op}${showPlace(b)}: ${rule} ${Number(b.local.toPrecision(5))}, should be ${Number(b.expected.value.toPrecision(5))}`
}

const seedOf = (f: GradFailure): string => `seed ${f.seed}`

const headline = (f: GradFailure): string => {
  const name = f.of === 'f' ? '' : `${f.of}: `
  switch (f._tag) {
    case 'Mismatch':
      if (f.law === 'accuracy')
        return `${name}the rules are right, but rounding spoils the gradient, ${seedOf(f)}`
      return `${name}gradient is wrong: ${LAWS[f.law]}, ${seedOf(f)}`
    case 'NotSmooth':
      return `${name}not differentiable here: ${f.verdict}, ${seedOf(f)}`
    case 'Impure':
      return f.law === 'purity'
        ? `${name}two runs give different ${f.what}s, ${seedOf(f)}`
        : `${name}the ${f.what} is another one: ${LAWS[f.law]}, ${seedOf(f)}`
    case 'ShapeDrift':
      return `${name}shapes do not fit, ${seedOf(f)}`
    case 'NonFinite':
      return `${name}the ${f.what} is not finite, ${seedOf(f)}`
    case 'Inconclusive':
      return `${name}nothing can be said, ${seedOf(f)}`
  }
}

const smoothness = (f: Mismatch): string =>
  f.smooth === 'smooth' ? 'yes' : f.smooth === 'unresolved' ? 'cannot be told' : `no: a ${f.smooth}`

/** Values disagree with the graph although no rule is wrong. */
const perhaps = (f: Mismatch): string[] =>
  f.blame.length === 0 && (f.law === 'taylor' || f.law === 'second-opinion')
    ? [row('perhaps', 'the function reads numbers out of tensors, and calculates with them')]
    : []

const slopes = (f: NotSmooth): string[] => [
  ...(Number.isNaN(f.left)
    ? []
    : [row('slopes', `${decimal(f.left)} from the left, ${decimal(f.right)} from the right`)]),
  ...f.sites.map((s) => row('on the edge', `${s.op}${showPlace(s)}: ${s.text}`)),
]

const details = (f: GradFailure): string[] => {
  switch (f._tag) {
    case 'Mismatch':
      return [
        row(
          f.entry ? 'wrong entry' : 'along',
          `${f.entry ? showEntry(f.entry) : 'a random direction'}   given ${decimal(f.analytic)}   true ${decimal(f.oracle.value)} (± ${short(f.oracle.error)})   relative ${relative(f.relative)}`,
        ),
        ...f.blame.map((b, i) => row(i === 0 ? 'blame' : '', blameLine(b))),
        ...perhaps(f),
        row('smooth here', smoothness(f)),
      ]
    case 'NotSmooth':
      return slopes(f)
    case 'Impure':
      return [
        row(
          f.entry ? 'entry' : 'values',
          `${f.entry ? `${showEntry(f.entry)}   ` : ''}${f.values[0]}, then ${f.values[1]}`,
        ),
      ]
    case 'ShapeDrift':
      return [row(f.what, `${f.got}, expected ${f.expected}`)]
    case 'NonFinite':
      return [
        row('value', `${f.value}${f.entry ? ` in ${showEntry(f.entry)}` : ''}`),
        ...(f.born ? [row('born in', `${f.born.op}${showPlace(f.born)}, ${f.born.pass} pass`)] : []),
      ]
    case 'Inconclusive':
      return [
        row('reason', f.reason),
        ...(Number.isFinite(f.mde)
          ? [row('would miss', `errors of ${relative(f.mde)} of the gradient`)]
          : []),
      ]
  }
}

/**
 * A failure as a report of a few lines: what is wrong, where, whose rule it is, and how to see it again.
 *
 * @example
 * const found = checkGrad({ f: (x: number) => x * x, gradient: (x: number) => x }, [3], { seed: 1 })
 * render((found as { left: GradFailure[] }).left[0]!).split('\n')[0] // => '✗ gradient is wrong: directional derivative, reverse mode, seed 1'
 */
export const render = (failure: GradFailure): string => {
  const { replay } = failure
  return [
    `✗ ${headline(failure)}`,
    row(
      replay ? 'counterexample' : 'at',
      `${shownArguments(failure.at)}${replay && replay.shrinks > 0 ? `   (shrunk, ${replay.shrinks} steps)` : ''}`,
    ),
    ...details(failure),
    row('replay', replay ? `{ seed: ${replay.seed}, path: '${replay.path}' }` : `{ seed: ${failure.seed} }`),
  ].join('\n')
}
