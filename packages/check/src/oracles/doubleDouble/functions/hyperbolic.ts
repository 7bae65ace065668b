import {
  abs,
  add,
  type DoubleDouble,
  div,
  isNegative,
  mul,
  NAN,
  neg,
  ONE,
  scale,
  sqrt,
  square,
  sub,
} from '../arithmetic.js'
import { LN2 } from '../constants.js'
import { exp, expm1, expScaled, log, log1p, TINY } from './exponential.js'

/** An odd function x + O(x³) from its values on x > 0. */
const odd =
  (f: (x: DoubleDouble) => DoubleDouble) =>
  (x: DoubleDouble): DoubleDouble =>
    Math.abs(x[0]) < TINY ? x : isNegative(x) ? neg(f(neg(x))) : f(x)

/** Beyond this size x² overflows, and √(x² ± 1) is x. */
const HUGE = 2 ** 400

export const sinh = odd((x) => {
  if (x[0] >= 0.5) return sub(expScaled(x, -1), expScaled(neg(x), -1))
  const e = expm1(x)
  return scale(add(e, div(e, add(e, ONE))), 0.5)
})
export const cosh = (x: DoubleDouble): DoubleDouble => add(expScaled(x, -1), expScaled(neg(x), -1))
export const tanh = odd((x) => {
  const e = expm1(scale(x, -2))
  return neg(div(e, add(e, [2, 0])))
})

/** 4e/(1+e)² with e = exp(-2|x|). */
export const sech2 = (x: DoubleDouble): DoubleDouble => {
  const e = exp(scale(abs(x), -2))
  return scale(div(e, square(add(ONE, e))), 4)
}

export const asinh = odd((x) => {
  if (x[0] > HUGE) return add(log(x), LN2)
  const x2 = square(x)
  return log1p(add(x, div(x2, add(ONE, sqrt(add(x2, ONE))))))
})
export const acosh = (x: DoubleDouble): DoubleDouble => {
  if (x[0] > HUGE) return add(log(x), LN2)
  const t = sub(x, ONE)
  return t[0] < 0 ? NAN : log1p(add(t, sqrt(mul(t, add(t, [2, 0])))))
}
/** log((1+x)/(1-x))/2. */
export const atanh = odd((x) => {
  const rest = sub(ONE, abs(x))
  return rest[0] < 0 ? NAN : scale(log1p(div(scale(x, 2), rest)), 0.5)
})
