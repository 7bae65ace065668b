import { type DoubleDouble, multiply, quickTwoSum } from './doubleDouble.js'

/** The polynomial `c[0] x^n + ... + c[n]`, highest power first, by Horner's rule in doubles. */
export function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0
  for (const coefficient of coefficients) value = value * x + coefficient
  return value
}

/**
 * A function about a zero of it: `t (slope + t p(t))` with `t` the distance from the zero and `p` the polynomial,
 * rounded once but for the terms after the slope.
 */
export function aboutZero(t: DoubleDouble, slope: number, coefficients: readonly number[]): number {
  const [high, low] = multiply(t, quickTwoSum(slope, t[0] * polynomial(coefficients, t[0])))
  return high + low
}
