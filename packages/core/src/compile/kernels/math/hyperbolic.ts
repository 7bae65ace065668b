import { type V128, v128 } from '../../wasm/index.js'
import { boundExp, powerOfTwo, reduceExp } from './exponential.js'
import { copySign, type Lanes } from './lanes.js'
import { log1p } from './logarithm.js'

/** exp|x| / 2 as 2 (p q + p) with p = 2ⁿ / 4, so that it overflows no sooner than sinh and cosh. */
const halfExp = (l: Lanes, size: V128): V128 => {
  const { n, q } = reduceExp(l, boundExp(l, size, 0.6))
  const p = l.let(powerOfTwo(l, n, -2))
  const quarter = l.let(l.madd(p, q, p))
  return l.add(quarter, quarter)
}

/** cosh(x) = h + 1 / 4h with h = exp|x| / 2. */
export const cosh = (l: Lanes, x: V128): V128 => {
  const h = l.let(halfExp(l, l.abs(x)))
  return l.add(h, l.div(l.const(0.25), h))
}

/** `(sinh(x)/x - 1) / x²` on |x| <= 1 in powers of x², own Chebyshev interpolation and Taylor's series. */
const sinhTerms = {
  32: [1 / 6, 1 / 120, 1 / 5040, 1 / 362880, 1 / 39916800],
  64: [
    0.16666666666666666, 0.008333333333333333, 0.00019841269841269773, 2.755731922404034e-6,
    2.505210836405804e-8, 1.6059048396350562e-10, 7.646625361656657e-13, 2.8445264169895285e-15,
  ],
} as const

/** sinh(x) = x + x³ P(x²) near 0, and h - 1 / 4h with h = exp|x| / 2 further out. */
export const sinh = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const size = l.let(l.abs(a))
  const h = l.let(halfExp(l, size))
  const far = l.sub(h, l.div(l.const(0.25), h))
  const square = l.let(l.mul(size, size))
  const near = l.madd(l.mul(size, square), l.polynomial(sinhTerms[l.bits], square), size)
  return copySign(l, l.select(l.lt(size, l.const(1)), near, far), a)
}

/** asinh|x| = log(1 + |x| + x² / (1 + √(1 + x²))). */
export const asinh = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const size = l.let(l.abs(a))
  const large = l.let(l.gt(size, l.const(2 ** 60)))
  const square = l.let(l.mul(size, size))
  const rest = l.div(square, l.add(l.const(1), l.sqrt(l.add(l.const(1), square))))
  const y = log1p(l, l.select(large, size, l.add(size, rest)))
  return copySign(l, l.add(y, v128.and(large, l.const(Math.LN2))), a)
}

/** acosh(1 + t) = log(1 + t + √(t (t + 2))). */
export const acosh = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const t = l.let(l.sub(a, l.const(1)))
  const large = l.let(l.gt(a, l.const(2 ** 60)))
  const root = l.sqrt(l.mul(t, l.add(t, l.const(2))))
  const y = log1p(l, l.select(large, a, l.add(t, root)))
  const result = l.add(y, v128.and(large, l.const(Math.LN2)))
  return l.select(l.lt(a, l.const(1)), l.const(Number.NaN), result)
}

/** atanh|x| = log(1 + 2|x| / (1 - |x|)) / 2. */
export const atanh = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const size = l.let(l.abs(a))
  const twice = l.let(l.add(size, size))
  const small = l.let(l.lt(size, l.const(0.5)))
  const ratio = l.let(l.div(l.select(small, l.mul(twice, size), twice), l.sub(l.const(1), size)))
  const y = log1p(l, l.select(small, l.add(twice, ratio), ratio))
  return copySign(l, l.mul(y, l.const(0.5)), a)
}
