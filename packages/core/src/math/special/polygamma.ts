import { digamma } from './digamma.js'
import type { DoubleDouble } from './doubleDouble.js'
import { add, divide, multiply, negate, one, pi, scale, zero } from './doubleDouble.js'
import { scaleByPowerOfTwo } from './exponent.js'
import { exponential, logarithm, type Scaled, toNumber } from './exponential.js'
import { logGamma } from './lgamma.js'
import { cosinePi, sinePi } from './sinePi.js'
import { ratioSum } from './zeta.js'

/**
 * The polygamma function of order `n`, the `n`-th derivative of `digamma`, for integer `n >= 0`; NaN for other `n`.
 * At its poles 0, -1, -2, ... `Infinity` for odd `n`; for even `n` NaN, and `-+Infinity` at `+-0`.
 *
 * Within 1 ulp for `x > 0`, and for `x < 0` except in the few doubles closest to a zero (even `n` only).
 *
 * For `x > 0`, `polygamma(n, x) = (-1)^(n+1) n! zeta(n+1, x)`. For `x < 0` by reflection,
 * `polygamma(n, x) = (-1)^n polygamma(n, 1 - x) - pi d^n/dx^n cot(pi x)`.
 *
 * Source: Abramowitz & Stegun 6.4.7 (reflection), 6.4.10 (series).
 */
export function polygamma(n: number, x: number): number {
  if (!(Number.isInteger(n) && n >= 0) || Number.isNaN(x) || x === Number.NEGATIVE_INFINITY) return Number.NaN
  if (n === 0) return digamma(x)
  const sign = n % 2 === 0 ? -1 : 1
  if (x === Number.POSITIVE_INFINITY) return sign * 0
  if (Math.abs(x) < 2 ** -512 || (x < 0 && Number.isInteger(x))) return poleValue(n, x)
  return sign * (x > 0 ? toNumber(factorialZeta(n, x, 0)) : reflected(n, x))
}

/** At the poles, and so close to 0 that `n! / |x|^(n+1)` is beyond the doubles. */
function poleValue(n: number, x: number): number {
  if (n % 2 === 1) return Number.POSITIVE_INFINITY
  return Math.abs(x) < 1 ? Number.NEGATIVE_INFINITY * Math.sign(1 / x) : Number.NaN
}

/** `n! zeta(n + 1, x)` for `x > 0`; without its first term, so `n! zeta(n + 1, x + 1)`, for `from = 1`. */
function factorialZeta(n: number, x: number, from: 0 | 1): Scaled {
  const log = logarithm([x, 0])
  if (x > 1e17 * n) return exponential(add(logGamma(n), multiply(log, [-n, 0])))
  const { mantissa, exponent } = exponential(add(logGamma(n + 1), multiply(log, [-n - 1, 0])))
  return { mantissa: multiply(mantissa, ratioSum(n + 1, x, from)), exponent }
}

/** `(-1)^(n+1) polygamma(n, x)` for negative `x`, not an integer. */
function reflected(n: number, x: number): number {
  const offset = x - Math.round(x)
  const cotangent = cotangentDerivative(n, offset)
  const zeta = factorialZeta(n, -x, 1)
  return sumOfScaled(cotangent, n % 2 === 0 ? zeta : { ...zeta, mantissa: negate(zeta.mantissa) })
}

/** The sum, rounded once, with the larger exponent put in common first so that neither overflows alone. */
function sumOfScaled(a: Scaled, b: Scaled): number {
  const exponent = Math.max(a.exponent, b.exponent)
  const aligned = [a, b].map(({ mantissa, exponent: own }): DoubleDouble => {
    const [high, low] = mantissa
    return [scaleByPowerOfTwo(high, own - exponent), scaleByPowerOfTwo(low, own - exponent)]
  })
  return toNumber({ mantissa: aligned.reduce(add), exponent })
}

/**
 * `(-1)^n pi d^n/dr^n cot(pi r)` for `0 < |r| <= 1/2`, as `n! (pi / s)^(n+1) * sum over k of a_k c^k s^(n+1-k)`
 * with `s = sin(pi r)` and `c = cos(pi r)`. The `a_k` are positive, so nothing cancels.
 */
function cotangentDerivative(n: number, r: number): Scaled {
  const sine = sinePi([Math.abs(r), 0])
  const cosine = cosinePi(r)
  const coefficients = cotangentCoefficients(n)
  const sineSquare = multiply(sine, sine)
  const cosineSquare = multiply(cosine, cosine)
  let sinePower = one
  let sum = zero
  for (let k = n + 1; k >= 0; k -= 2) {
    sum = add(multiply(sum, cosineSquare), multiply(coefficients[k] as DoubleDouble, sinePower))
    sinePower = multiply(sinePower, sineSquare)
  }
  if (n % 2 === 0) sum = multiply(sum, cosine)
  const logFactor = multiply(logarithm(divide(pi, sine)), [n + 1, 0])
  const { mantissa, exponent } = exponential(add(logGamma(n + 1), logFactor))
  const oddPower = n % 2 === 0 && r < 0
  return { mantissa: scale(multiply(mantissa, sum), oddPower ? -1 : 1), exponent }
}

/**
 * The `a_k` of `d^n/dx^n cot(x) = (-1)^n n! sum over k of a_k cot(x)^k`, from `d cot = -(1 + cot^2)`:
 * `a_k <- ((k + 1) a_(k+1) + (k - 1) a_(k-1)) / n`.
 */
export function cotangentCoefficients(n: number): readonly DoubleDouble[] {
  let coefficients: readonly DoubleDouble[] = [zero, one]
  for (let order = 1; order <= n; order++) {
    const at = (k: number) => multiply(coefficients[k] ?? zero, [k, 0])
    const next = Array.from({ length: order + 2 }, (_, k) => divide(add(at(k + 1), at(k - 1)), [order, 0]))
    coefficients = next
  }
  return coefficients
}
