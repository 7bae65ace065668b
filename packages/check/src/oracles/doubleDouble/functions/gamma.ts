import {
  abs,
  add,
  type DoubleDouble,
  dd,
  div,
  isInteger,
  mul,
  NAN,
  naturalPower,
  neg,
  ONE,
  polynomial,
  scale,
  square,
  sub,
  ZERO,
} from '../arithmetic.js'
import { BERNOULLI, HALF_LOG_TWO_PI, LOG_PI } from '../constants.js'
import { piCotPi, sinPi } from './circular.js'
import { log } from './exponential.js'
import { reciprocal } from './power.js'

// The gamma family: the recurrence takes the argument up to where the asymptotic series of Stirling has more than 106
// bits; on the far left, reflection (Abramowitz and Stegun 6.1.17, 6.1.41, 6.3.5, 6.3.7, 6.3.18, 6.4.6, 6.4.11).

const FROM = 28
/** Left of this, reflection is shorter than the recurrence. */
const LEFT = -16

/** B₂ₖ/(2k(2k-1)) and B₂ₖ/2k. */
const stirling = BERNOULLI.map((b, k) => div(b, dd((2 * k + 2) * (2 * k + 1))))
const asymptotic = BERNOULLI.map((b, k) => div(b, dd(2 * k + 2)))

const isPole = (x: DoubleDouble): boolean => x[0] <= 0 && isInteger(x)

/** log |Γ(x)|. */
export const lgamma = (x: DoubleDouble): DoubleDouble => {
  if (Number.isNaN(x[0])) return NAN
  if (isPole(x) || !Number.isFinite(x[0])) return [Number.POSITIVE_INFINITY, 0]
  if (x[0] < LEFT) return sub(LOG_PI, add(log(abs(sinPi(x))), lgamma(sub(ONE, x))))
  let product = ONE
  let at = x
  for (; at[0] < FROM; at = add(at, ONE)) product = mul(product, at)
  const leading = sub(mul(sub(at, dd(0.5)), log(at)), at)
  const r = reciprocal(at)
  const value = add(leading, add(HALF_LOG_TWO_PI, mul(polynomial(stirling, square(r)), r)))
  return sub(value, log(abs(product)))
}

/** ψ(x) = Γ'(x)/Γ(x). */
export const digamma = (x: DoubleDouble): DoubleDouble => {
  if (Number.isNaN(x[0])) return NAN
  if (isPole(x)) return x[0] === 0 ? [-1 / x[0], 0] : NAN
  if (!Number.isFinite(x[0])) return [Math.log(x[0]), 0]
  if (x[0] < LEFT) return sub(digamma(sub(ONE, x)), piCotPi(x))
  let sum = ZERO
  let at = x
  for (; at[0] < FROM; at = add(at, ONE)) sum = add(sum, reciprocal(at))
  const r = reciprocal(at)
  const r2 = square(r)
  const series = add(scale(r, 0.5), mul(polynomial(asymptotic, r2), r2))
  return sub(sub(log(at), series), sum)
}

const factorial = (n: number): DoubleDouble => {
  let y = ONE
  for (let k = 2; k <= n; k++) y = mul(y, dd(k))
  return y
}

/** The recurrence runs over at most this many steps. */
const LONGEST = 1e6

/**
 * ψ⁽ⁿ⁾(x) for n >= 1: (-1)ⁿ⁺¹ n! Σ 1/(x+k)ⁿ⁺¹, the far terms by
 * (n-1)!/Xⁿ + n!/2Xⁿ⁺¹ + Σ B₂ₖ (2k+n-1)!/((2k)! X^(2k+n)). NaN left of -10⁶, where that is too long.
 */
export const polygamma = (n: number, x: DoubleDouble): DoubleDouble => {
  if (n === 0) return digamma(x)
  if (!Number.isInteger(n) || n < 0 || !(x[0] > -LONGEST)) return NAN
  const sign = n % 2 === 0 ? -1 : 1
  if (x[0] === Number.POSITIVE_INFINITY) return [sign * 0, 0]
  if (isPole(x)) return n % 2 === 1 ? [Number.POSITIVE_INFINITY, 0] : x[0] === 0 ? [-1 / x[0], 0] : NAN
  let sum = ZERO
  let at = x
  for (; at[0] < FROM + 2 * n; at = add(at, ONE)) sum = add(sum, reciprocal(naturalPower(at, n + 1)))
  const r = reciprocal(at)
  const r2 = square(r)
  // All terms relative to n!: the factor of B₂ₖ is (2k+n-1)!/((2k)! n!), by its ratio from one k to the next.
  let factor = scale(div(dd(n + 1), dd(1)), 0.5)
  let power = r2
  let tail = add(div(ONE, dd(n)), scale(r, 0.5))
  BERNOULLI.forEach((b, i) => {
    tail = add(tail, mul(mul(b, factor), power))
    const k = 2 * (i + 1)
    factor = div(mul(factor, dd((k + n) * (k + n + 1))), dd((k + 1) * (k + 2)))
    power = mul(power, r2)
  })
  const total = mul(factorial(n), add(sum, mul(tail, naturalPower(r, n))))
  return sign > 0 ? total : neg(total)
}
