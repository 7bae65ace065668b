import { bernoulliNumbers } from './bernoulli.js'
import type { DoubleDouble } from './doubleDouble.js'
import {
  add,
  divide,
  evaluatePolynomial,
  multiply,
  one,
  pi,
  scale,
  subtract,
  twoSum,
} from './doubleDouble.js'
import { logarithm } from './exponential.js'
import { aboutZero } from './polynomial.js'
import { cosinePi, sinePi } from './sinePi.js'

/** The positive zero, as a sum of two doubles, and `digamma(zero + t) / t`: its value at 0, then the rest over `t`. */
export const positiveZero = [1.4616321449683622, 9.549995429965697e-17] as const
export const slopeAtZero = 0.9676722454476212
export const nextToZero = [
  0.004953974555541776, -0.007244287314517173, 0.010538671599275828, -0.015424590454945462,
  0.02259764847621441, -0.03316112683153875, 0.04880428816391894, -0.07219956125612702, 0.10782405069126244,
  -0.16394270544240663, 0.258499760955651, -0.4427631689835921,
]

/** `B_2k / (2 k)` for k = 13 ... 1. */
export const asymptoticTerms = bernoulliNumbers.map((b, k) => divide(b, [2 * k + 2, 0])).reverse()

/** The asymptotic series is used from here; the first term left out is then below 1e-30. */
const asymptoticFrom = 24

/** `digamma(x)` for `x` in [1e-20, 1e17] as a double-double, absolute error near 1e-30. */
function digammaOfPositive(x: number): DoubleDouble {
  let reciprocals: DoubleDouble = [0, 0]
  let shifted: DoubleDouble = [x, 0]
  for (let step = 1; shifted[0] < asymptoticFrom; step++) {
    reciprocals = add(reciprocals, divide(one, shifted))
    shifted = twoSum(x, step)
  }
  const r = divide(one, shifted)
  const square = multiply(r, r)
  const series = add(
    multiply(evaluatePolynomial(asymptoticTerms, square), square),
    add(reciprocals, scale(r, 0.5)),
  )
  return subtract(logarithm(shifted), series)
}

/**
 * The digamma function, `d/dx log Gamma(x)`; NaN at the poles -1, -2, ..., `-+Infinity` at `+-0`.
 *
 * Within 1 ulp, at the positive zero 1.4616... as well; but for the double closest to each negative zero, where the
 * error reaches 4 ulp (measured for the zeros down to -12).
 *
 * For `x < 0` by reflection, `digamma(x) = digamma(-x) - 1/x - pi cot(pi x)`.
 *
 * Source: Abramowitz & Stegun 6.3.5 to 6.3.7, 6.3.18; own interpolation about the positive zero.
 */
export function digamma(x: number): number {
  if (Math.abs(x) < 1e-20) return -1 / x
  if (!(x <= 1e17)) return Math.log(x)
  const t = x - positiveZero[0]
  if (Math.abs(t) <= 1 / 16) return aboutZero(twoSum(t, -positiveZero[1]), slopeAtZero, nextToZero)
  const [high, low] = x > 0 ? digammaOfPositive(x) : digammaOfNegative(x)
  return high + low
}

function digammaOfNegative(x: number): DoubleDouble {
  const offset = x - Math.round(x)
  if (!(Math.abs(offset) > 0)) return [Number.NaN, 0]
  const cotangent = divide(cosinePi(offset), sinePi([offset, 0]))
  const atOneLess = subtract(digammaOfPositive(-x), divide(one, [x, 0]))
  return subtract(atOneLess, multiply(pi, cotangent))
}
