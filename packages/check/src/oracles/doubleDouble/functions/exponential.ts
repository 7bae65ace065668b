import {
  abs,
  add,
  type DoubleDouble,
  dd,
  div,
  exponentOf,
  isNegative,
  ldexp,
  mul,
  NAN,
  neg,
  ONE,
  polynomial,
  scale,
  square,
  sub,
  twoProduct,
} from '../arithmetic.js'
import { LN2, LN2_WORDS } from '../constants.js'

// e^x = 2^k e^r with |r| <= log(2)/2; e^r - 1 from the Taylor series of r/512, doubled nine times by (1+s)² - 1.
// log(m 2^k) = k log 2 + 2 artanh((m-1)/(m+1)) with m in [√½, √2], where the series needs 22 terms.

/** Below this size x² is lost beside x, and may underflow: functions that are x + O(x²) return x. */
export const TINY = 2 ** -120
const HALVINGS = 9
/** 1/1!, 1/2!, ... */
const factorialReciprocals: DoubleDouble[] = [ONE]
for (let k = 2; k <= 10; k++) factorialReciprocals.push(div(factorialReciprocals.at(-1)!, dd(k)))

/** e^r - 1 for |r| <= 1, accurate relative to itself. */
const smallExpm1 = (r: DoubleDouble): DoubleDouble => {
  const t = scale(r, 2 ** -HALVINGS)
  let s = mul(polynomial(factorialReciprocals, t), t)
  for (let i = 0; i < HALVINGS; i++) s = add(scale(s, 2), square(s))
  return s
}

/** e^x 2^shift, which may be representable when e^x is not. */
export const expScaled = (x: DoubleDouble, shift: number): DoubleDouble => {
  if (Number.isNaN(x[0])) return NAN
  if (x[0] > 2000) return [Number.POSITIVE_INFINITY, 0]
  if (x[0] < -2000) return [0, 0]
  const k = Math.round(x[0] / LN2[0])
  const r = LN2_WORDS.reduce((left, word) => sub(left, twoProduct(k, word)), x)
  return ldexp(add(smallExpm1(r), ONE), k + shift)
}

export const exp = (x: DoubleDouble): DoubleDouble => expScaled(x, 0)

export const expm1 = (x: DoubleDouble): DoubleDouble =>
  Math.abs(x[0]) < TINY ? x : Math.abs(x[0]) < 0.5 ? smallExpm1(x) : sub(exp(x), ONE)

/** 2, 2/3, 2/5, ... */
const artanhTerms: DoubleDouble[] = []
for (let k = 0; k < 24; k++) artanhTerms.push(div(dd(2), dd(2 * k + 1)))

/** 2 artanh(s) for |s| <= 0.18. */
const twiceArtanh = (s: DoubleDouble): DoubleDouble => mul(polynomial(artanhTerms, square(s)), s)

export const log = (x: DoubleDouble): DoubleDouble => {
  if (!(x[0] > 0 && x[0] < Number.POSITIVE_INFINITY)) return [Math.log(x[0]), 0]
  let k = exponentOf(x[0])
  let m = ldexp(x, -k)
  if (m[0] > Math.SQRT2) {
    m = scale(m, 0.5)
    k++
  }
  const part = twiceArtanh(div(sub(m, ONE), add(m, ONE)))
  return k === 0 ? part : add(mul(LN2, dd(k)), part)
}

export const log1p = (x: DoubleDouble): DoubleDouble =>
  Math.abs(x[0]) < TINY ? x : Math.abs(x[0]) < 0.3 ? twiceArtanh(div(x, add(x, dd(2)))) : log(add(x, ONE))

/** 1/(1 + e^-x), from the side on which nothing overflows. */
export const sigmoid = (x: DoubleDouble): DoubleDouble => {
  const e = exp(neg(abs(x)))
  return div(isNegative(x) ? e : ONE, add(ONE, e))
}

/** log(1 + e^x) = max(x, 0) + log1p(e^-|x|). */
export const softplus = (x: DoubleDouble): DoubleDouble => {
  const tail = log1p(exp(neg(abs(x))))
  return isNegative(x) ? tail : add(x, tail)
}
