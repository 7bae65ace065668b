import { multiply } from './doubleDouble.js'
import { exponential, logarithm, toNumber } from './exponential.js'

/**
 * `x` to the power `y`, with the special values of IEEE 754 and NumPy: `pow(1, y) = pow(x, 0) = 1` even for NaN,
 * and `pow(-1, +-Infinity) = 1`, where JavaScript's `**` gives NaN. NaN for negative `x` and `y` not an integer.
 *
 * Within 1 ulp: `exp(y log |x|)` in double-double. V8's `Math.pow` before version 11 (Node 20) is off by hundreds
 * of ulp for large `y`. Squares, square roots and reciprocals, which are the most used, take the short way.
 */
export function pow(x: number, y: number): number {
  if (x === 1 || y === 0) return 1
  if (y === 1) return x
  if (y === 2) return x * x
  const size = Math.abs(x)
  if (size === 1 && Math.abs(y) === Number.POSITIVE_INFINITY) return 1
  if (!Number.isFinite(y) || !Number.isFinite(x) || x === 0) return x ** y
  if (x < 0 && !Number.isInteger(y)) return Number.NaN
  const sign = x < 0 && Math.abs(y % 2) === 1 ? -1 : 1
  return sign * positivePower(size, y)
}

function positivePower(x: number, y: number): number {
  if (y === 0.5) return Math.sqrt(x)
  if (y === -1) return 1 / x
  const estimate = y * Math.log(x)
  if (estimate > 710) return Number.POSITIVE_INFINITY
  if (estimate < -746) return 0
  if (Math.abs(estimate) < 1e-17) return 1
  return toNumber(exponential(multiply(logarithm([x, 0]), [y, 0])))
}
