import { add, type Complex, div, mul, neg, real, scale, sqrt, square, sub } from '../arithmetic.js'
import { exp, expm1, log1p } from './exponential.js'

/** An odd function from its right half. */
const odd =
  (right: (z: Complex) => Complex) =>
  (z: Complex): Complex =>
    z[0] < 0 ? neg(right(neg(z))) : right(z)

/** sinh a cos b + i cosh a sin b. */
export const sinh = ([a, b]: Complex): Complex => [Math.sinh(a) * Math.cos(b), Math.cosh(a) * Math.sin(b)]
/** cosh a cos b + i sinh a sin b. */
export const cosh = ([a, b]: Complex): Complex => [Math.cosh(a) * Math.cos(b), Math.sinh(a) * Math.sin(b)]
/** -E/(E + 2) with E = e^(-2z) - 1: its derivative keeps its digits where the value is 1. */
export const tanh = odd((z) => {
  const e = expm1(scale(z, -2))
  return neg(div(e, add(e, real(2))))
})
/** 4E/(1 + E)² with E = e^(-2z) on the right half; even. */
export const sech2 = (z: Complex): Complex => {
  const e = exp(scale(z[0] < 0 ? neg(z) : z, -2))
  return scale(div(e, square(add(real(1), e))), 4)
}
/** log(z + √(z² + 1)) = log1p(z + z²/(1 + √(z² + 1))). */
export const asinh = odd((z) => {
  const z2 = square(z)
  return log1p(add(z, div(z2, add(real(1), sqrt(add(z2, real(1)))))))
})
/** log1p(t + √(t(t + 2))) with t = z - 1. */
export const acosh = (z: Complex): Complex => {
  const t = sub(z, real(1))
  return log1p(add(t, sqrt(mul(t, add(t, real(2))))))
}
/** ½ log1p(2z/(1 - z)). */
export const atanh = odd((z) => scale(log1p(div(scale(z, 2), sub(real(1), z))), 0.5))
