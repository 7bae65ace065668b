import {
  add,
  type DoubleDouble,
  dd,
  div,
  exponentOf,
  isInteger,
  ldexp,
  mul,
  NAN,
  neg,
  ONE,
  polynomial,
  round,
  sqrt,
  square,
  sub,
  twoProduct,
} from '../arithmetic.js'
import { HALF_PI, HALF_PI_WORDS, PI, QUARTER_PI } from '../constants.js'
import { reduceLarge } from './reduction.js'

// Taylor series on |r| <= π/4, after x - k π/2; inverse functions by one correction of the float64 angle.

const sineTerms: DoubleDouble[] = [ONE]
const cosineTerms: DoubleDouble[] = [ONE]
for (let k = 1; k <= 15; k++) {
  sineTerms.push(neg(div(sineTerms.at(-1)!, dd(2 * k * (2 * k + 1)))))
  cosineTerms.push(neg(div(cosineTerms.at(-1)!, dd((2 * k - 1) * 2 * k))))
}
const sineSeries = (r: DoubleDouble): DoubleDouble => mul(polynomial(sineTerms, square(r)), r)
const cosineSeries = (r: DoubleDouble): DoubleDouble => polynomial(cosineTerms, square(r))

/** Four words of π/2 serve up to here; further out it takes a thousand bits. */
const NEAR = 2 ** 20

/** r in [-π/4, π/4] and k mod 4 with x = r + k π/2. */
const reduce = (x: DoubleDouble): { readonly r: DoubleDouble; readonly quadrant: number } => {
  if (Math.abs(x[0]) > NEAR) return reduceLarge(x)
  const k = Math.round(x[0] / HALF_PI[0])
  const r = k === 0 ? x : HALF_PI_WORDS.reduce((left, word) => sub(left, twoProduct(k, word)), x)
  return { r, quadrant: ((k % 4) + 4) % 4 }
}

const turned = (r: DoubleDouble, quadrant: number): DoubleDouble => {
  const y = quadrant % 2 === 0 ? sineSeries(r) : cosineSeries(r)
  return quadrant >= 2 ? neg(y) : y
}

export const sin = (x: DoubleDouble): DoubleDouble => {
  if (!Number.isFinite(x[0])) return NAN
  if (x[0] === 0) return x
  const { r, quadrant } = reduce(x)
  return turned(r, quadrant)
}
export const cos = (x: DoubleDouble): DoubleDouble => {
  if (!Number.isFinite(x[0])) return NAN
  const { r, quadrant } = reduce(x)
  return turned(r, (quadrant + 1) % 4)
}
export const tan = (x: DoubleDouble): DoubleDouble => (x[0] === 0 ? x : div(sin(x), cos(x)))

/** sin πx; exactly 0 at integers. */
export const sinPi = (x: DoubleDouble): DoubleDouble => {
  const k = round(x)
  if (isInteger(x)) return [0, 0]
  const y = sin(mul(PI, sub(x, k)))
  return Math.abs((k[0] % 2) + (k[1] % 2)) % 2 === 1 ? neg(y) : y
}
/** π cot πx. */
export const piCotPi = (x: DoubleDouble): DoubleDouble => {
  const r = mul(PI, sub(x, round(x)))
  return div(mul(PI, cos(r)), sin(r))
}

/** The angle of (x, y). With a its float64 value, tan(angle - a) = (y cos a - x sin a)/(x cos a + y sin a). */
export const atan2 = (y: DoubleDouble, x: DoubleDouble): DoubleDouble => {
  const a = Math.atan2(y[0], x[0])
  if (Number.isNaN(a)) return NAN
  if (a === 0 || y[0] === 0 || x[0] === 0 || !Number.isFinite(y[0]) || !Number.isFinite(x[0])) {
    // On the axes, on diagonals at infinity, and below the smallest number: a multiple of π/4.
    const k = Math.round(a / QUARTER_PI[0])
    return k === 0 ? [a, 0] : mul(QUARTER_PI, dd(k))
  }
  // The quotient itself where its square does not count; the parts of the sines of a subnormal angle would be lost.
  if (x[0] > 0 && Math.abs(a) < 2 ** -60) {
    const [i, j] = [exponentOf(x[0]), exponentOf(y[0])]
    return ldexp(div(ldexp(y, -j), ldexp(x, -i)), j - i)
  }
  const k = -exponentOf(Math.max(Math.abs(x[0]), Math.abs(y[0])))
  const [u, v] = [ldexp(x, k), ldexp(y, k)]
  const [c, s] = [cos(dd(a)), sin(dd(a))]
  const t = div(sub(mul(v, c), mul(u, s)), add(mul(u, c), mul(v, s)))
  // |t| is near 2^-53, so t - t³/3 is exact to double-double.
  return add(dd(a), sub(t, dd(t[0] ** 3 / 3)))
}

export const atan = (x: DoubleDouble): DoubleDouble => (x[0] === 0 ? x : atan2(x, ONE))
const besides = (x: DoubleDouble): DoubleDouble => sqrt(mul(sub(ONE, x), add(ONE, x)))
export const asin = (x: DoubleDouble): DoubleDouble => (x[0] === 0 ? x : atan2(x, besides(x)))
export const acos = (x: DoubleDouble): DoubleDouble => atan2(besides(x), x)
