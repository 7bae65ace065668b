import { type DoubleDouble, evaluatePolynomial, multiply, negate, pi, twoSum } from './doubleDouble.js'
import { inverseFactorials } from './factorials.js'

/** `(-1)^k / (2 k + 1)!` for k = 17 ... 0. */
export const sineTerms = inverseFactorials
  .filter((_, n) => n % 2 === 1)
  .map((term, k) => (k % 2 === 0 ? term : negate(term)))
  .reverse()

/** `sin(pi r)` for `|r| <= 1/2` as a double-double, relative error below 2^-98, by Taylor's series. */
export function sinePi(r: DoubleDouble): DoubleDouble {
  const angle = multiply(pi, r)
  return multiply(angle, evaluatePolynomial(sineTerms, multiply(angle, angle)))
}

/** `cos(pi r) = sin(pi (1/2 - |r|))` for `|r| <= 1/2`, relative also where it vanishes. */
export function cosinePi(r: number): DoubleDouble {
  return sinePi(twoSum(0.5, -Math.abs(r)))
}
