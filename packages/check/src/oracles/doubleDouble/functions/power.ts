import {
  abs,
  add,
  compare,
  type DoubleDouble,
  dd,
  div,
  exponentOf,
  isEven,
  isInteger,
  ldexp,
  mul,
  NAN,
  naturalPower,
  neg,
  ONE,
  sqrt,
  square,
  sub,
} from '../arithmetic.js'
import { exp, log } from './exponential.js'

export const reciprocal = (x: DoubleDouble): DoubleDouble => div(ONE, x)
export const rsqrt = (x: DoubleDouble): DoubleDouble => reciprocal(sqrt(x))

/** Newton's step y - (y³ - x)/3y² doubles the digits of the float64 root. */
export const cbrt = (x: DoubleDouble): DoubleDouble => {
  const root = Math.cbrt(x[0])
  if (!Number.isFinite(root) || root === 0) return [root, 0]
  // Cubes of extreme numbers would leave the range: take out 2^3k.
  const k = 3 * Math.round(exponentOf(x[0]) / 3)
  const m = ldexp(x, -k)
  let y = dd(Math.cbrt(m[0]))
  for (let i = 0; i < 2; i++) {
    const y2 = square(y)
    y = sub(y, div(sub(mul(y2, y), m), mul(y2, dd(3))))
  }
  return ldexp(y, k / 3)
}

/** xⁿ for an integer n. */
export const integerPower = (x: DoubleDouble, n: number): DoubleDouble => {
  const y = naturalPower(x, Math.abs(n))
  return n < 0 ? reciprocal(y) : y
}

/** x^y with the special values of IEEE 754: 1^y = x^0 = 1 even for NaN. */
export const pow = (x: DoubleDouble, y: DoubleDouble): DoubleDouble => {
  if (compare(x, ONE) === 0 || y[0] === 0) return ONE
  if (Number.isNaN(x[0]) || Number.isNaN(y[0])) return NAN
  if (Math.abs(x[0]) === 1 && x[1] === 0 && !Number.isFinite(y[0])) return ONE
  if (!Number.isFinite(x[0]) || !Number.isFinite(y[0]) || x[0] === 0) return [x[0] ** y[0], 0]
  const whole = isInteger(y)
  if (whole && y[1] === 0 && Math.abs(y[0]) <= 64) {
    const size = exponentOf(x[0]) * Math.abs(y[0])
    // The inverse of a power that overflows may itself be in range.
    if (Math.abs(size) < 1000) return integerPower(x, y[0])
  }
  if (x[0] < 0 && !whole) return NAN
  const size = exp(mul(y, log(abs(x))))
  return x[0] < 0 && !isEven(y) ? neg(size) : size
}

/** √(x² + y²), scaled by a power of two. */
export const hypot = (x: DoubleDouble, y: DoubleDouble): DoubleDouble => {
  const size = Math.max(Math.abs(x[0]), Math.abs(y[0]))
  if (!Number.isFinite(size) || size === 0) return [Math.hypot(x[0], y[0]), 0]
  const k = exponentOf(size)
  return ldexp(sqrt(add(square(ldexp(x, -k)), square(ldexp(y, -k)))), k)
}
