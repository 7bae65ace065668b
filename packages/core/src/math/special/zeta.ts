import { bernoulliNumbers } from './bernoulli.js'
import type { DoubleDouble } from './doubleDouble.js'
import { add, divide, integerPower, multiply, one, subtract, twoSum, zero } from './doubleDouble.js'
import { scaleByPowerOfTwo } from './exponent.js'
import { exponential, logarithm, toNumber } from './exponential.js'
import { inverseFactorials } from './factorials.js'

/** `B_2j / (2 j)!` for j = 1 ... 13. */
export const eulerMaclaurinTerms = bernoulliNumbers.map((b, j) =>
  multiply(b, inverseFactorials[2 * j + 2] as DoubleDouble),
)

/** A power of a number in (0, 1], by squaring for a small integer exponent, else by the logarithm. */
function powerOfRatio(ratio: DoubleDouble, s: number): DoubleDouble {
  if (Number.isInteger(s) && s <= 64) return integerPower(ratio, s)
  const { mantissa, exponent } = exponential(multiply(logarithm(ratio), [s, 0]))
  return [scaleByPowerOfTwo(mantissa[0], exponent), scaleByPowerOfTwo(mantissa[1], exponent)]
}

/**
 * `sum over k >= from of (q / (q + k))^s`, which is `q^s zeta(s, q)` for `from = 0`, as a double-double.
 *
 * Terms are added until `X = q + k >= s + 24`, or until they no longer count; Euler-Maclaurin gives the rest:
 * `(q / X)^s (X / (s - 1) + 1/2 + sum over j of B_2j / (2 j)! s (s + 1) ... (s + 2 j - 2) / X^(2 j - 1))`.
 */
export function ratioSum(s: number, q: number, from: 0 | 1): DoubleDouble {
  let sum = zero
  let shifted = twoSum(q, from)
  for (let k = from + 1; shifted[0] < s + 24; k++) {
    const term = powerOfRatio(divide([q, 0], shifted), s)
    sum = add(sum, term)
    if (term[0] < 1e-35) return sum
    shifted = twoSum(q, k)
  }
  const reciprocal = divide(one, shifted)
  let rising = multiply([s, 0], reciprocal)
  let tail = add(divide(shifted, subtract([s, 0], one)), [0.5, 0])
  let order = s
  for (const coefficient of eulerMaclaurinTerms) {
    tail = add(tail, multiply(coefficient, rising))
    const next = multiply(add([order, 0], one), add([order, 0], [2, 0]))
    rising = multiply(multiply(rising, next), multiply(reciprocal, reciprocal))
    order += 2
  }
  return add(sum, multiply(powerOfRatio(divide([q, 0], shifted), s), tail))
}

/**
 * The Hurwitz zeta function `zeta(s, q) = sum over k >= 0 of 1 / (q + k)^s` for `s > 1` and `q > 0`; with `q = 1`,
 * Riemann's. `Infinity` at `s = 1` and at the poles `q = 0, -1, -2, ...`, NaN elsewhere.
 *
 * Within 1 ulp. Source: Euler-Maclaurin summation, NIST Digital Library of Mathematical Functions 25.11.28.
 */
export function zeta(s: number, q: number): number {
  if (!(s >= 1) || Number.isNaN(q)) return Number.NaN
  if (s === 1 || (q <= 0 && Number.isInteger(q))) return Number.POSITIVE_INFINITY
  if (q < 0) return Number.NaN
  if (q === Number.POSITIVE_INFINITY) return 0
  if (s === Number.POSITIVE_INFINITY) return q < 1 ? s : q === 1 ? 1 : 0
  if (q > 1e17 * s) {
    const { mantissa, exponent } = exponential(multiply(logarithm([q, 0]), subtract(one, [s, 0])))
    return toNumber({ mantissa: divide(mantissa, subtract([s, 0], one)), exponent })
  }
  const { mantissa, exponent } = exponential(multiply(logarithm([q, 0]), [-s, 0]))
  return toNumber({ mantissa: multiply(mantissa, ratioSum(s, q, 0)), exponent })
}
