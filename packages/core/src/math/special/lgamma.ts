import { bernoulliNumbers } from './bernoulli.js'
import type { DoubleDouble } from './doubleDouble.js'
import { add, divide, evaluatePolynomial, multiply, one, pi, subtract, twoSum } from './doubleDouble.js'
import { logarithm } from './exponential.js'
import { aboutZero } from './polynomial.js'
import { sinePi } from './sinePi.js'

/** `lgamma(1 + t) / t` on `|t| <= 1/16`: the value `-euler` at 0, then the rest divided by `t`. */
export const euler = 0.5772156649015329
export const nextToOne = [
  -0.067481562835696, 0.07229657117863547, -0.07692812583835108, 0.08334917582880857, -0.09095402889057777,
  0.10009946999076964, -0.11133426585344564, 0.12550966950761772, -0.14404989676885666, 0.16955717699741937,
  -0.20738555102867398, 0.27058080842778454, -0.40068563438653143, 0.8224670334241132,
]

/** The same about 2, where the value is `1 - euler`. */
export const slopeAtTwo = 0.42278433509846713
export const nextToTwo = [
  -4.501884182838242e-5, 9.965869314200496e-5, -0.00022315444077934132, 0.0005096688346139391,
  -0.0011927539121479515, 0.002890510331707586, -0.007385551028673767, 0.020580808427784075,
  -0.0673523010531981, 0.3224670334241132,
]

/** `B_2k / (2 k (2 k - 1))` for k = 13 ... 1. */
export const stirlingTerms = bernoulliNumbers
  .map((b, k) => divide(b, [(2 * k + 2) * (2 * k + 1), 0]))
  .reverse()

const half: DoubleDouble = [0.5, 0]
const halfLogTwoPi: DoubleDouble = [0.9189385332046728, -3.8782941580672414e-17]

/** Stirling's series is used from here; the first term left out is then below 1e-31. */
const stirlingFrom = 24

/**
 * `log Gamma(x)` as a double-double for `x` in [1e-20, 1e17], absolute error near 1e-30 while `x` is below 100:
 * `x (x + 1) ... (x + n - 1)` takes the argument up to 24, Stirling's series does the rest.
 */
export function logGamma(x: number): DoubleDouble {
  let product = one
  let shifted: DoubleDouble = [x, 0]
  for (let step = 1; shifted[0] < stirlingFrom; step++) {
    product = multiply(product, shifted)
    shifted = twoSum(x, step)
  }
  const reciprocal = divide(one, shifted)
  const series = multiply(evaluatePolynomial(stirlingTerms, multiply(reciprocal, reciprocal)), reciprocal)
  const leading = subtract(multiply(subtract(shifted, half), logarithm(shifted)), shifted)
  const stirling = add(leading, add(halfLogTwoPi, series))
  return product === one ? stirling : subtract(stirling, logarithm(product))
}

/**
 * The logarithm of the size of the gamma function, `log |Gamma(x)|`; `Infinity` at the poles 0, -1, -2, ... and at
 * both infinities.
 *
 * Within 1 ulp, next to the zeros 1 and 2 as well; but for the ten doubles closest to each zero on the left of -2,
 * where the error reaches 34 ulp (measured for the zeros down to -12).
 *
 * For `x < 0` by reflection, `log |Gamma(x)| = log(pi / |x sin(pi x)|) - log Gamma(-x)`.
 *
 * Source: Abramowitz & Stegun 6.1.17 (reflection), 6.1.41 (Stirling); own interpolation about 1 and 2.
 */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return x
  const size = Math.abs(x)
  if (size < 1e-20) return -Math.log(size)
  if (x < 0) return logGammaOfNegative(x)
  if (x > 1e17) return x * (Math.log(x) - 1)
  if (x === 1 || x === 2) return 0
  if (Math.abs(x - 1) <= 1 / 16) return aboutZero([x - 1, 0], -euler, nextToOne)
  if (Math.abs(x - 2) <= 1 / 16) return aboutZero([x - 2, 0], slopeAtTwo, nextToTwo)
  const [high, low] = logGamma(x)
  return high + low
}

function logGammaOfNegative(x: number): number {
  const offset = x - Math.round(x)
  if (!(Math.abs(offset) > 0)) return Number.POSITIVE_INFINITY
  const sine = sinePi([Math.abs(offset), 0])
  const [high, low] = subtract(logarithm(divide(pi, multiply([-x, 0], sine))), logGamma(-x))
  return high + low
}
