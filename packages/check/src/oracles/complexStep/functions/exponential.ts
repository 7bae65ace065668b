import { add, type Complex, div, mul, NOWHERE, neg, real, reciprocal } from '../arithmetic.js'

/** eᵃ(cos b + i sin b). */
export const exp = ([a, b]: Complex): Complex => {
  const e = Math.exp(a)
  return [e * Math.cos(b), e * Math.sin(b)]
}

/** e^z - 1: the real part is expm1(a) cos b - 2 sin²(b/2), without cancellation near 0. */
export const expm1 = ([a, b]: Complex): Complex => [
  Math.expm1(a) * Math.cos(b) - 2 * Math.sin(b / 2) ** 2,
  Math.exp(a) * Math.sin(b),
]

/** log|z| + i arg z, for Re z > 0. */
export const log = ([a, b]: Complex): Complex =>
  a > 0 ? [Math.log(Math.hypot(a, b)), Math.atan2(b, a)] : NOWHERE

/** log(1 + z): 2 log|1 + z| = log(1 + 2a + a² + b²). */
export const log1p = ([a, b]: Complex): Complex =>
  a > -1
    ? [
        Math.abs(a) < 0.5 ? 0.5 * Math.log1p(a * (2 + a) + b * b) : Math.log(Math.hypot(1 + a, b)),
        Math.atan2(b, 1 + a),
      ]
    : NOWHERE

/** 1/(1 + e^-z) on the right, e^z/(1 + e^z) on the left: neither overflows. */
export const sigmoid = (z: Complex): Complex => {
  if (z[0] >= 0) return reciprocal(add(real(1), exp(neg(z))))
  const e = exp(z)
  return div(e, add(real(1), e))
}

/** log(1 + e^z), which is z + log(1 + e^-z). */
export const softplus = (z: Complex): Complex => (z[0] > 0 ? add(z, log1p(exp(neg(z)))) : log1p(exp(z)))

/** ∛z = ∛|z| e^(iθ/3), continued from the real root on both sides of 0. */
export const cbrt = (z: Complex): Complex => {
  const [a, b] = z
  if (a < 0) return neg(cbrt(neg(z)))
  if (!(a > 0)) return a === 0 && b === 0 ? z : NOWHERE
  const [r, t] = [Math.cbrt(Math.hypot(a, b)), Math.atan2(b, a) / 3]
  return [r * Math.cos(t), r * Math.sin(t)]
}

/** zⁿ for an integer n, by repeated squaring. */
export const integerPower = (z: Complex, n: number): Complex => {
  if (n < 0) return reciprocal(integerPower(z, -n))
  let y = real(1)
  for (let [s, left] = [z, n]; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) y = mul(y, s)
    if (left > 1) s = mul(s, s)
  }
  return y
}

/** e^(w log z) for Re z > 0, and powers with a constant integer exponent everywhere. */
export const pow = (z: Complex, w: Complex): Complex =>
  w[1] === 0 && Number.isInteger(w[0]) && Math.abs(w[0]) <= 1024 ? integerPower(z, w[0]) : exp(mul(w, log(z)))
