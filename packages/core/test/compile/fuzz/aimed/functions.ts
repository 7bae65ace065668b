import { type Aim, finished, maker, REAL } from './aim.js'
import { magnitudes } from './magnitudes.js'

// Functions of one and two numbers, over all magnitudes, each result held to the true value.

const intoUnit = (x: number): number => (Math.abs(x) > 1 ? 1 / x : x)
/** Where functions are defined that are not everywhere. */
const DOMAIN: Readonly<Record<string, (x: number) => number>> = {
  log: Math.abs,
  rsqrt: Math.abs,
  log1p: (x) => (x < -1 ? 1 / x : x),
  asin: intoUnit,
  acos: intoUnit,
  atanh: intoUnit,
  erfInv: intoUnit,
  acosh: (x) => (Math.abs(x) < 1 ? 1 / Math.abs(x) : Math.abs(x)),
}
/** Zeros that a function comes to by cancellation. */
const ZEROS: Readonly<Record<string, readonly number[]>> = {
  lgamma: [
    1, 2, -2.4570247382208006, -2.7476826467274127, -3.1435808883499798, -3.955294284858598,
    -4.991544640560048,
  ],
  digamma: [
    1.4616321449683622, -0.5040830082644554, -1.5734984731623904, -2.610720868444145, -3.635293366436901,
  ],
}
const UNARY = [
  'exp expm1 log log1p rsqrt cbrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh',
  'sigmoid softplus erf erfc erfInv lgamma digamma',
]
  .join(' ')
  .split(' ')

export const functions: Aim = (r) => {
  const m = maker(r)
  const dtype = r.pick(REAL)
  const outputs = Array.from({ length: r.int(2, 5) }, () => {
    const n = r.int(8, 70)
    const name = r.weighted([
      [UNARY.length, r.pick(UNARY)],
      [2, 'pow'],
      [2, 'atan2'],
      [1, 'mod'],
      [3, 'integerPow'],
      [1, 'polygamma'],
    ])
    if (name === 'integerPow') {
      const power = r.chance(0.4) ? -2 : r.int(-5, 9)
      // Often about where the power leaves the range.
      const end = r.chance(0.5) && power !== 0 ? r.pick([1024, -1022, -1074]) : undefined
      const near = (x: number): number => (end ? Math.sign(x) * 2 ** ((end + 60 * r.next() - 30) / power) : x)
      return m.add(name, [m.argument(magnitudes(r, n, dtype, near))], { n: power })[0]!
    }
    const into = DOMAIN[name] ?? (name === 'pow' && r.chance(0.7) ? Math.abs : (x: number) => x)
    const x = m.argument(magnitudes(r, n, dtype, into, ZEROS[name]))
    if (name === 'polygamma') return m.add(name, [x], { n: r.int(1, 4) })[0]!
    if (UNARY.includes(name)) return m.add(name, [x])[0]!
    return m.add(name, [x, m.argument(magnitudes(r, n, dtype))])[0]!
  })
  return finished(m, outputs, { rounds: 0, nodes: true })
}
