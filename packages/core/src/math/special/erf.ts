import type { DoubleDouble } from './doubleDouble.js'
import { divide, multiply, negate, quickTwoSum, twoProduct, twoSum } from './doubleDouble.js'
import { scaleByPowerOfTwo } from './exponent.js'
import { exponential } from './exponential.js'
import { polynomial } from './polynomial.js'

/** `erf(x)/x - 1` on `|x| <= 1`, in powers of `x^2`. */
export const small = [
  -4.230945824295338e-12, 8.709045129053106e-11, -1.216456005728345e-9, 1.4792401209404813e-8,
  -1.6364642158167616e-7, 1.6462045441468418e-6, -1.4925647567519332e-5, 0.00012055332902888736,
  -0.000854832702193483, 0.0052239776254232985, -0.02686617064512984, 0.1128379167095512,
  -0.37612638903183754, 0.1283791670955126,
]

/**
 * `(1 + 2 x) exp(x^2) erfc(x)` in powers of `u = (x - 3) / (x + 3)`, less its value at `u = 0`, divided by `u`,
 * for `x` in [0.45, 27.3]. The factor `1 + 2 x` makes the function nearly constant.
 */
export const scaledTailCentre = 1.2530080582697296
export const scaledTail = [
  -3.760353982825866e-10, 1.9616595758261724e-10, 2.8644847270519256e-9, 2.144008096601449e-10,
  -1.3313070687284804e-8, -1.1989420916973381e-8, 4.883920138437969e-8, 1.00563266339369e-7,
  -1.483485753339432e-7, -6.158748497020942e-7, 3.6124349645703346e-7, 3.472144271578046e-6,
  -7.334820387154879e-7, -2.0100525181763835e-5, 4.950083022408173e-6, 0.00012509935687364087,
  -0.00010515991901929498, -0.0007798322755524305, 0.0018886903739074904, 0.0025293918167174903,
  -0.023770514919671488, 0.06830802734392252, -0.11927366341527383, 0.12964515870276264, -0.04756229435345119,
  -0.1356211061245812,
]

/** `(1 + 2 x) exp(x^2) erfc(x)` for `x` in [0.45, 27.3], as a sum of two doubles. */
function scaledComplement(x: number): DoubleDouble {
  const u = (x - 3) / (x + 3)
  return quickTwoSum(scaledTailCentre, u * polynomial(scaledTail, u))
}

/** `erfc(x)` for `x` in [0.45, 27.3] before the power of two is put back, with its exponent. */
function complement(x: number): readonly [DoubleDouble, number] {
  const { mantissa, exponent } = exponential(negate(twoProduct(x, x)))
  return [divide(multiply(mantissa, scaledComplement(x)), twoSum(1, 2 * x)), exponent]
}

/**
 * The error function `erf(x) = 2/sqrt(pi) * integral from 0 to x of exp(-t^2) dt`; odd, `erf(+-Infinity) = +-1`.
 *
 * Within 1.5 ulp. On `|x| < 1` it is `x + x P(x^2)`, beyond that `1 - erfc(|x|)`.
 *
 * Source: Abramowitz & Stegun, Handbook of Mathematical Functions, 7.1; own Chebyshev interpolation, and the form
 * of the tail after M. M. Shepherd & J. G. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x",
 * Math. Comp. 36 (1981).
 */
export function erf(x: number): number {
  const size = Math.abs(x)
  if (!(size >= 1)) return x + x * polynomial(small, x * x)
  if (size > 6) return Math.sign(x)
  const [high, low] = scaledComplement(size)
  return Math.sign(x) * (1 - (Math.exp(-x * x) * (high + low)) / (1 + 2 * size))
}

/**
 * The complementary error function `erfc(x) = 1 - erf(x)`, from 2 at `-Infinity` to 0 at `Infinity`.
 *
 * Within 1.5 ulp where the value is normal, and within one spacing of the subnormals down to its underflow past
 * `x = 27.2`: `x^2` is kept exactly, as a double-double, for `exp(-x^2)`. Source: as `erf`.
 */
export function erfc(x: number): number {
  if (!(x >= 0.46)) return 1 - erf(x)
  if (x > 27.3) return 0
  const [[high, low], exponent] = complement(x)
  return scaleByPowerOfTwo(high + low, exponent)
}

/** `erf(y) - x` for `y` of the sign of `x`, without rounding the larger terms. */
function residual(y: number, x: number): number {
  const size = Math.abs(y)
  if (size < 0.46) return y - x + y * polynomial(small, y * y)
  const [[high, low], exponent] = complement(size)
  const target = twoSum(1, -Math.abs(x))
  const largeTerms = target[0] - scaleByPowerOfTwo(high, exponent)
  return Math.sign(y) * (largeTerms + (target[1] - scaleByPowerOfTwo(low, exponent)))
}

/**
 * The inverse error function: `erf(erfInv(x)) = x` on [-1, 1]; odd, `erfInv(+-1) = +-Infinity`, NaN outside.
 *
 * Within 1.5 ulp. A closed approximation to two parts in a thousand, then three steps of Halley's method
 * `y <- y - u / (1 + y u)` with `u = (erf(y) - x) / erf'(y)`, each of which triples the number of right digits;
 * next to `+-1`, where the curvature is large, the third is needed.
 *
 * Source: S. Winitzki, "A handy approximation for the error function and its inverse" (2008), for the start.
 */
export function erfInv(x: number): number {
  if (!(Math.abs(x) < 1)) return Math.abs(x) === 1 ? x * Number.POSITIVE_INFINITY : Number.NaN
  let y = firstGuess(x)
  if (Math.abs(x) < 1e-9) return y
  for (let step = 0; step < 3; step++) {
    const u = residual(y, x) * (Math.sqrt(Math.PI) / 2) * Math.exp(y * y)
    y -= u / (1 + y * u)
  }
  return y
}

function firstGuess(x: number): number {
  if (Math.abs(x) < 1e-3) return x * (Math.sqrt(Math.PI) / 2)
  const a = 0.147
  const logarithm = Math.log((1 - x) * (1 + x))
  const centre = 2 / (Math.PI * a) + logarithm / 2
  return Math.sign(x) * Math.sqrt(Math.sqrt(centre * centre - logarithm / a) - centre)
}
