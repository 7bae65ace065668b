import { polynomial } from './polynomial.js'

/** `(tanh(x)/x - 1) / x^2` on `|x| <= 0.55`, in powers of `x^2`. */
const tanhTerms = [
  -3.0095084486657237e-6, 1.3343110444710785e-5, -3.806913419944137e-5, 9.653771195496335e-5,
  -0.000239048242168132, 0.0005900154482039874, -0.001455833163252327, 0.003592127952591601,
  -0.008863235526193567, 0.021869488536057545, -0.05396825396825263, 0.13333333333333333, -0.3333333333333333,
]

/** `(sinh(x)/x - 1) / x^2` on `|x| <= 1`, in powers of `x^2`. */
const sinhTerms = [
  2.8445264169895285e-15, 7.646625361656657e-13, 1.6059048396350562e-10, 2.505210836405804e-8,
  2.755731922404034e-6, 0.00019841269841269773, 0.008333333333333333, 0.16666666666666666,
]

/** `(acosh(1 + t)/sqrt(2 t) - 1) / t` on [0, 1/2]. */
const acoshTerms = [
  -1.82963360595184e-7, 1.0103413406744433e-6, -3.1614261946464368e-6, 7.99059340466581e-6,
  -1.8995539344046265e-5, 4.510732783694299e-5, -0.00010909752596368224, 0.0002711366274326625,
  -0.0006991299486167582, 0.0018988715267821052, -0.005580357142834653, 0.0187499999999998,
  -0.08333333333333333,
]

/**
 * `tanh(x) = (exp(2x) - 1) / (exp(2x) + 1)`; odd, to `+-1`. Within 2 ulp, where V8's `Math.tanh` reaches 2.08.
 *
 * Next to zero `x + x^3 P(x^2)`, own Chebyshev interpolation; beyond, `1 - 2 / (exp(2 |x|) + 1)`.
 */
export function tanh(x: number): number {
  const size = Math.abs(x)
  if (size < 1e-8) return x
  if (!(size >= 0.55)) return x + x * (x * x * polynomial(tanhTerms, x * x))
  return Math.sign(x) * (1 - 2 / (Math.exp(2 * size) + 1))
}

/**
 * `sech(x)^2 = 1 / cosh(x)^2`, the slope of `tanh`, down to the subnormals. Within 2 ulp.
 *
 * Next to zero `1 - tanh(x)^2`; beyond, where that has ever fewer digits left, `4 e / (1 + e (2 + e))` with
 * `e = exp(-2 |x|)` and what the rounding of the divisor lost; far out, where `e` is subnormal, `(2 exp(-|x|))^2`.
 */
export function sech2(x: number): number {
  const size = Math.abs(x)
  if (!(size >= 0.55)) {
    const t = tanh(x)
    return 1 - t * t
  }
  if (size > 354) {
    const h = 2 * Math.exp(-size)
    return h * h
  }
  const e = Math.exp(-2 * size)
  const m = e * (2 + e)
  const d = 1 + m
  const q = (4 * e) / d
  return q - q * ((m - (d - 1)) / d)
}

/** `exp(x) / 2` for `x > 1`, also where `exp(x)` alone overflows. */
function halfExponential(x: number): number {
  return x < 709 ? Math.exp(x) / 2 : Math.exp(x - 1) * (Math.E / 2)
}

/**
 * `sinh(x) = (exp(x) - exp(-x)) / 2`; odd, to `+-Infinity`. Within 2 ulp.
 *
 * Next to zero `x + x^3 P(x^2)`, own Chebyshev interpolation.
 */
export function sinh(x: number): number {
  const size = Math.abs(x)
  if (!(size >= 1)) return x + x * (x * x * polynomial(sinhTerms, x * x))
  return Math.sign(x) * (halfExponential(size) - Math.exp(-size) / 2)
}

/** `cosh(x) = (exp(x) + exp(-x)) / 2`; even, to `Infinity`. Within 2 ulp. */
export function cosh(x: number): number {
  const size = Math.abs(x)
  return halfExponential(size) + Math.exp(-size) / 2
}

/**
 * `acosh(x) = log(x + sqrt(x^2 - 1))` for `x >= 1`, NaN below. Within 2 ulp, where V8's `Math.acosh` reaches 2.08.
 *
 * Next to one `sqrt(2 t) (1 + t P(t))` with `t = x - 1`, own Chebyshev interpolation.
 */
export function acosh(x: number): number {
  if (x > 2 ** 28) return Math.log(x) + Math.LN2
  if (x >= 1.5) return Math.log(2 * x - 1 / (x + Math.sqrt((x - 1) * (x + 1))))
  const t = x - 1
  const leading = Math.sqrt(2 * t)
  return leading + leading * (t * polynomial(acoshTerms, t))
}
