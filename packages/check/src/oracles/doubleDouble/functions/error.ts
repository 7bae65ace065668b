import {
  abs,
  add,
  type DoubleDouble,
  dd,
  div,
  isNegative,
  mul,
  NAN,
  neg,
  ONE,
  scale,
  square,
  sub,
  twoProduct,
} from '../arithmetic.js'
import { HALF_SQRT_PI, ONE_OVER_SQRT_PI, TWO_OVER_SQRT_PI } from '../constants.js'
import { exp, log } from './exponential.js'

/** e^(-x²). The square is taken to four words: its absolute error would be a relative one of the result. */
const gauss = (x: DoubleDouble): DoubleDouble => {
  const high = twoProduct(x[0], x[0])
  const rest = add(twoProduct(2 * x[0], x[1]), twoProduct(x[1], x[1]))
  return mul(exp(neg(high)), exp(neg(rest)))
}

/** erf x = 2/√π e^(-x²) Σ 2ⁿ x^(2n+1) / (1·3···(2n+1)), all terms positive (Abramowitz and Stegun 7.1.6). */
const series = (x: DoubleDouble): DoubleDouble => {
  const twice = scale(square(x), 2)
  let [sum, term] = [x, x]
  for (let n = 1; Math.abs(term[0]) > Math.abs(sum[0]) * 2 ** -110; n++) {
    term = div(mul(term, twice), dd(2 * n + 1))
    sum = add(sum, term)
  }
  return mul(mul(sum, TWO_OVER_SQRT_PI), gauss(x))
}

/** erfc x for x >= 1 by Laplace's continued fraction 1/(x + (1/2)/(x + (2/2)/(x + ...))), from the back (7.1.14). */
const fraction = (x: DoubleDouble): DoubleDouble => {
  let t = x
  // The error falls like e^(-2x√(2n)); for large x the asymptotic series asks for a minimum.
  for (let n = Math.ceil(800 / x[0] ** 2) + 32; n >= 1; n--) t = add(x, div(dd(n / 2), t))
  return div(mul(gauss(x), ONE_OVER_SQRT_PI), t)
}

/** Where erfc is taken from the fraction. */
const TAIL = 1.5

export const erfc = (x: DoubleDouble): DoubleDouble => {
  if (Number.isNaN(x[0])) return NAN
  if (x[0] > 28) return [0, 0]
  if (x[0] < -9) return sub(dd(2), erfc(neg(x)))
  return x[0] > TAIL ? fraction(x) : sub(ONE, erf(x))
}
export const erf = (x: DoubleDouble): DoubleDouble => {
  if (Number.isNaN(x[0])) return NAN
  if (x[0] === 0) return x
  if (Math.abs(x[0]) <= TAIL) return series(x)
  return isNegative(x) ? sub(erfc(neg(x)), ONE) : sub(ONE, erfc(x))
}

/** S. Winitzki's approximation (2008) to two parts in a thousand, from log((1-x)(1+x)). */
const firstGuess = (logarithm: number): number => {
  const a = 0.147
  const centre = 2 / (Math.PI * a) + logarithm / 2
  return Math.sqrt(Math.sqrt(centre * centre - logarithm / a) - centre)
}

/** Halley's method y - u/(1 + y u) with u = (erf y - x)/erf'(y), in the complement where x is near 1. */
export const erfInv = (x: DoubleDouble): DoubleDouble => {
  if (isNegative(x)) return neg(erfInv(neg(x)))
  const rest = sub(ONE, x)
  if (!(rest[0] > 0)) return rest[0] === 0 ? [Number.POSITIVE_INFINITY, 0] : NAN
  if (x[0] === 0) return x
  // Products of subnormal numbers lose what they are rounded by.
  if (x[0] < 1e-30) return scale(mul(scale(x, 2 ** 200), HALF_SQRT_PI), 2 ** -200)
  let y = dd(x[0] < 1e-3 ? x[0] * HALF_SQRT_PI[0] : firstGuess(log(mul(rest, add(ONE, x)))[0]))
  for (let step = 0; step < 8; step++) {
    const residual = x[0] < 0.5 ? sub(erf(y), x) : sub(rest, erfc(y))
    const u = div(mul(residual, HALF_SQRT_PI), gauss(y))
    const correction = div(u, add(ONE, mul(y, u)))
    y = sub(y, correction)
    // The next step would cube this relative change.
    if (Math.abs(correction[0]) < 1e-12 * abs(y)[0]) break
  }
  return y
}
