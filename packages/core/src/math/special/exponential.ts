import type { DoubleDouble } from './doubleDouble.js'
import { add, divide, evaluatePolynomial, ln2, multiply, one, scale, subtract } from './doubleDouble.js'
import { scaleByPowerOfTwo, splitExponent } from './exponent.js'
import { inverseFactorials } from './factorials.js'
import { polynomial } from './polynomial.js'

/** The number `mantissa * 2^exponent`, whose size may be beyond the doubles. */
export interface Scaled {
  readonly mantissa: DoubleDouble
  readonly exponent: number
}

/** The nearest double of a scaled number. */
export function toNumber({ mantissa, exponent }: Scaled): number {
  return scaleByPowerOfTwo(mantissa[0] + mantissa[1], exponent)
}

/** `1/n!` for n = 7 ... 1, and for n = 14 ... 8 as doubles: those terms are below 2^-53 of the sum. */
const leadingTerms = inverseFactorials.slice(1, 8).reverse()
const trailingTerms = inverseFactorials
  .slice(8, 15)
  .map(([high]) => high)
  .reverse()

/** Arguments beyond this overflow or underflow whatever they are multiplied with; the exponent stays finite. */
const extreme = 1e8

/**
 * `exp(x)` as a scaled double-double, relative error below 2^-98.
 *
 * `x = k ln 2 + 16 r` with `|r| < 0.022`; Taylor's series gives `e = exp(r) - 1`, and `e <- 2 e + e^2` four times
 * gives `exp(16 r) - 1` without losing the small `e`.
 */
export function exponential(x: DoubleDouble): Scaled {
  if (Math.abs(x[0]) > extreme) return { mantissa: one, exponent: Math.sign(x[0]) * extreme }
  const exponent = Math.round(x[0] / ln2[0])
  const r = scale(subtract(x, multiply(ln2, [exponent, 0])), 1 / 16)
  const tail: DoubleDouble = [polynomial(trailingTerms, r[0]), 0]
  let e = multiply(evaluatePolynomial([tail, ...leadingTerms], r), r)
  for (let doubling = 0; doubling < 4; doubling++) e = add(scale(e, 2), multiply(e, e))
  return { mantissa: add(one, e), exponent }
}

/** `exp(-j/32)` for the `j` with `-12 <= j <= 12`. */
const reciprocalTable = Array.from({ length: 25 }, (_, index) => {
  const { mantissa, exponent } = exponential([(12 - index) / 32, 0])
  return scale(mantissa, 2 ** exponent)
})

/** `1/(2 k + 1)`, the series of `atanh(s) / s` in `s^2`: for k = 3 ... 0, and for k = 7 ... 4 as doubles. */
const leadingAreaTerms = [7, 5, 3, 1].map((n) => divide(one, [n, 0]))
const trailingAreaTerms = [15, 13, 11, 9].map((n) => 1 / n)

/**
 * `log(x)` as a double-double for finite `x > 0`; error below 2^-98 relative to the larger of `|log(x)|` and
 * `|e| ln 2` of the exponent taken off, so relative also next to 1.
 *
 * `x = 2^e exp(j/32) (1 + d)` with `|d| < 1/60`, and `log(1 + d) = 2 atanh(d / (2 + d))`.
 */
export function logarithm(x: DoubleDouble): DoubleDouble {
  const [leading, binary] = splitExponent(x[0])
  const exponent = leading > Math.SQRT2 ? binary + 1 : binary
  const high = binary === exponent ? leading : leading / 2
  const m: DoubleDouble = [high, (x[1] / x[0]) * high]
  const index = Math.round(Math.log(m[0]) * 32)
  const d = subtract(multiply(m, reciprocalTable[index + 12] as DoubleDouble), one)
  const s = divide(d, add([2, 0], d))
  const square = multiply(s, s)
  const tail: DoubleDouble = [polynomial(trailingAreaTerms, square[0]), 0]
  const series = multiply(evaluatePolynomial([tail, ...leadingAreaTerms], square), scale(s, 2))
  return add(add(multiply(ln2, [exponent, 0]), [index / 32, 0]), series)
}
