import type { Domain, Kinks, Primitive } from '../graph/ir.js'
import {
  acosh as acoshOf,
  cosh as coshOf,
  digamma as digammaOf,
  erfc as erfcOf,
  erfInv as erfInvOf,
  erf as erfOf,
  lgamma as lgammaOf,
  polygamma as polygammaOf,
  pow as powOf,
  sech2 as sech2Of,
  sigmoid as sigmoidOf,
  sinh as sinhOf,
  softplus as softplusOf,
  tanh as tanhOf,
} from '../math/special/index.js'
import type { Tensor } from '../tensor.js'
import { bind1 } from '../trace/trace.js'
import {
  add,
  addMaybe,
  constantLike,
  div,
  elementwiseBatch,
  equal,
  greater,
  logicalAnd,
  mul,
  neg,
  none,
  reciprocal,
  scale,
  shift,
  square,
  strongMul,
  sub,
} from './arithmetic.js'
import {
  definePrimitive,
  map1,
  map2,
  needFloat,
  outSize,
  positive,
  reals,
  sameAvals,
  zerosLike,
} from './define.js'
import { select } from './passing.js'

// Element-wise functions of one real variable: a row is its kernel and its derivative. Rules that reuse the output
// `y` receive the node itself, so they stay right at every order. Slopes that can be infinite go through strongMul.

type None = Readonly<Record<string, never>>

interface Row {
  readonly f: (x: number) => number
  /** Tangent of y from tangent t of x. */
  readonly d: (t: Tensor, x: Tensor, y: Tensor) => Tensor
  readonly domain?: Domain
  readonly kinks?: Kinks
  readonly why: string
}

const unary = (name: string, { f, d, domain = reals, kinks, why }: Row): Primitive<None> => {
  const row: Primitive<None> = definePrimitive({
    name,
    shape: ([x]) => [needFloat(name, { shape: x!.shape, dtype: x!.dtype })],
    kernel: ([x], _, [out]) => [map1(x!, out!, f)],
    jvp: ([x], [t], [y]) => [t ? d(t, x!, y!) : null],
    transpose: 'nonlinear',
    batch: elementwiseBatch(() => row),
    domain: [domain],
    kinks: kinks ?? 'none',
    derivation: why,
    flops: outSize,
  })
  return row
}
const call =
  (op: Primitive<None>) =>
  (x: Tensor): Tensor =>
    bind1(op, [x], none)

const unit: Domain = { lo: -1, hi: 1 }
const atZero: Kinks = { text: 'infinite slope at 0', distance: (x) => x! }
const atOnes: Kinks = { text: 'infinite slope at -1 and 1', distance: (x) => 1 - Math.abs(x!) }
const kinkAtZero: Kinks = { text: 'kink at 0, least-norm slope 0', distance: (x) => x! }
const one = (x: Tensor) => constantLike(1, x)

// --- exponentials and logarithms
export const expP = unary('exp', { f: Math.exp, d: (t, _, y) => mul(t, y), why: 'd eˣ = eˣ dx' })
export const exp = call(expP)
export const expm1P = unary('expm1', {
  f: Math.expm1,
  d: (t, x) => mul(t, exp(x)),
  why: 'd (eˣ - 1) = eˣ dx',
})
export const expm1 = call(expm1P)
export const logP = unary('log', {
  f: Math.log,
  d: (t, x) => strongMul(t, reciprocal(x)),
  domain: positive,
  kinks: atZero,
  why: 'd log x = dx / x',
})
export const log = call(logP)
export const log1pP = unary('log1p', {
  f: Math.log1p,
  d: (t, x) => strongMul(t, reciprocal(shift(x, 1))),
  domain: { lo: -1, hi: Number.POSITIVE_INFINITY },
  kinks: { text: 'infinite slope at -1', distance: (x) => x! + 1 },
  why: 'd log(1+x) = dx / (1+x)',
})
export const log1p = call(log1pP)

// --- powers and roots
export const sqrtP = unary('sqrt', {
  f: Math.sqrt,
  d: (t, _, y) => strongMul(t, div(constantLike(0.5, y), y)),
  domain: positive,
  kinks: atZero,
  why: 'd √x = dx / 2√x',
})
export const sqrt = call(sqrtP)
export const rsqrtP = unary('rsqrt', {
  f: (x) => 1 / Math.sqrt(x),
  d: (t, x, y) => strongMul(t, scale(div(y, x), -0.5)),
  domain: positive,
  kinks: atZero,
  why: 'd x^(-1/2) = -x^(-3/2)/2 dx',
})
export const rsqrt = call(rsqrtP)
export const cbrtP = unary('cbrt', {
  f: Math.cbrt,
  d: (t, _, y) => strongMul(t, div(constantLike(1 / 3, y), square(y))),
  kinks: atZero,
  why: 'd ∛x = dx / 3∛x²',
})
export const cbrt = call(cbrtP)

/** 1 / a², and (1/a)² where a² is subnormal or beyond the largest float64: there only the power itself leaves the range. */
const inverseSquare = (a: number): number => {
  const square = a * a
  if (square >= 2 ** -1022 && square <= Number.MAX_VALUE) return 1 / square
  const inverse = 1 / a
  return inverse * inverse
}

// Small powers by multiplication, within two ulp and fast; larger ones by the accurate pow.
const integerPowOf = (n: number): ((a: number) => number) => {
  switch (n) {
    case 2:
      return (a) => a * a
    case 3:
      return (a) => a * a * a
    case 4:
      return (a) => a * a * (a * a)
    case -1:
      return (a) => 1 / a
    case -2:
      return inverseSquare
    default:
      return (a) => powOf(a, n)
  }
}

/** xⁿ for an integer n, exact where pow would take a logarithm of a negative number. */
export const integerPowP: Primitive<{ readonly n: number }> = definePrimitive<{ readonly n: number }>({
  name: 'integerPow',
  shape: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  kernel: ([x], { n }, [out]) => [map1(x!, out!, integerPowOf(n))],
  jvp: ([x], [t], _, { n }) => [
    t && n !== 0 ? strongMulUnlessPolynomial(t, scale(integerPow(x!, n - 1), n), n) : null,
  ],
  transpose: 'nonlinear',
  batch: ([x], _, { n }) => [integerPow(x!, n)],
  domain: [reals],
  kinks: { text: 'for n < 0 singular at 0', distance: (x) => x! },
  derivation: 'd xⁿ = n xⁿ⁻¹ dx; the constant x⁰ has no tangent',
  flops: outSize,
})
const strongMulUnlessPolynomial = (t: Tensor, slope: Tensor, n: number): Tensor =>
  n < 0 ? strongMul(t, slope) : mul(t, slope)
export const integerPow = (x: Tensor, n: number): Tensor =>
  n === 1 ? x : n === 0 ? one(x) : bind1(integerPowP, [x], { n })

const isOrigin = (x: Tensor, y: Tensor): Tensor => logicalAnd(equal(x, zerosLike(x)), equal(y, zerosLike(y)))
export const powP: Primitive<None> = definePrimitive<None>({
  name: 'pow',
  shape: (inputs) => [sameAvals('pow', inputs)],
  kernel: ([x, y], _, [out]) => [map2(x!, y!, out!, powOf)],
  jvp: ([x, y], [tx, ty], [z]) => [
    addMaybe(
      // y x^(y-1), and 0 where y = 0, whatever x is; not by select, which would lose ∂²/∂x∂y = 1/x there
      tx ? strongMul(tx, strongMul(y!, pow(x!, shift(y!, -1)))) : null,
      // x^y log x, whose limit at x = 0 is 0 for y > 0; 0⁰ = 1 is left out of the logarithm
      ty ? strongMul(ty, strongMul(z!, log(select(isOrigin(x!, y!), one(x!), x!)))) : null,
    ),
  ],
  transpose: 'nonlinear',
  batch: elementwiseBatch(() => powP),
  domain: [positive, reals],
  kinks: { text: 'x = 0', distance: (x) => x! },
  derivation: 'd xʸ = y xʸ⁻¹ dx + xʸ log x dy; 0 where y = 0, and xʸ log x → 0 as x → 0 for y ≥ 0',
  flops: outSize,
})
export const pow = (x: Tensor, y: Tensor): Tensor => bind1(powP, [x, y], none)

// --- circular functions
export const sinP = unary('sin', { f: Math.sin, d: (t, x) => mul(t, cos(x)), why: 'd sin x = cos x dx' })
export const sin = call(sinP)
export const cosP = unary('cos', {
  f: Math.cos,
  d: (t, x) => neg(mul(t, sin(x))),
  why: 'd cos x = -sin x dx',
})
export const cos = call(cosP)
export const tanP = unary('tan', {
  f: Math.tan,
  d: (t, _, y) => mul(t, shift(square(y), 1)),
  domain: { lo: -1.5, hi: 1.5 },
  why: 'd tan x = (1 + tan²x) dx',
})
export const tan = call(tanP)
export const asinP = unary('asin', {
  f: Math.asin,
  d: (t, x) => strongMul(t, rsqrt(mul(sub(one(x), x), shift(x, 1)))),
  domain: unit,
  kinks: atOnes,
  why: 'd asin x = dx / √((1-x)(1+x))',
})
export const asin = call(asinP)
export const acosP = unary('acos', {
  f: Math.acos,
  d: (t, x) => neg(strongMul(t, rsqrt(mul(sub(one(x), x), shift(x, 1))))),
  domain: unit,
  kinks: atOnes,
  why: 'd acos x = -dx / √((1-x)(1+x))',
})
export const acos = call(acosP)
export const atanP = unary('atan', {
  f: Math.atan,
  d: (t, x) => mul(t, reciprocal(shift(square(x), 1))),
  why: 'd atan x = dx / (1 + x²)',
})
export const atan = call(atanP)
export const atan2P: Primitive<None> = definePrimitive<None>({
  name: 'atan2',
  shape: (inputs) => [needFloat('atan2', sameAvals('atan2', inputs))],
  kernel: ([y, x], _, [out]) => [map2(y!, x!, out!, Math.atan2)],
  jvp: ([y, x], [ty, tx]) => {
    const r2 = add(square(x!), square(y!))
    const atOrigin = equal(r2, zerosLike(r2))
    // At the origin the angle has no derivative; by symmetry the convention is 0.
    const inverse = select(atOrigin, zerosLike(r2), reciprocal(select(atOrigin, one(r2), r2)))
    return [addMaybe(ty ? mul(ty, mul(x!, inverse)) : null, tx ? neg(mul(tx, mul(y!, inverse))) : null)]
  },
  transpose: 'nonlinear',
  batch: elementwiseBatch(() => atan2P),
  domain: [reals, reals],
  kinks: {
    text: 'the origin (slope 0 by symmetry), and a jump on x < 0, y = 0',
    distance: (y, x) => Math.hypot(y!, x!),
  },
  derivation: 'd atan2(y, x) = (x dy - y dx) / (x² + y²)',
  flops: outSize,
})
export const atan2 = (y: Tensor, x: Tensor): Tensor => bind1(atan2P, [y, x], none)

// --- hyperbolic functions
export const sinhP = unary('sinh', {
  f: sinhOf,
  d: (t, x) => mul(t, cosh(x)),
  why: 'd sinh x = cosh x dx',
})
export const sinh = call(sinhP)
export const coshP = unary('cosh', {
  f: coshOf,
  d: (t, x) => mul(t, sinh(x)),
  why: 'd cosh x = sinh x dx',
})
export const cosh = call(coshP)
// From x: where y is 1 to the last bit, (1-y)(1+y) has no digit left
export const tanhP = unary('tanh', {
  f: tanhOf,
  d: (t, x) => mul(t, sech2(x)),
  why: 'd tanh x = sech²x dx',
})
export const tanh = call(tanhP)
export const sech2P = unary('sech2', {
  f: sech2Of,
  d: (t, x, y) => mul(t, scale(mul(tanh(x), y), -2)),
  why: 'd sech²x = -2 tanh x sech²x dx',
})
/** 1/cosh² x. */
export const sech2 = call(sech2P)
export const asinhP = unary('asinh', {
  f: Math.asinh,
  d: (t, x) => mul(t, rsqrt(shift(square(x), 1))),
  why: 'd asinh x = dx / √(x²+1)',
})
export const asinh = call(asinhP)
export const acoshP = unary('acosh', {
  f: acoshOf,
  d: (t, x) => strongMul(t, rsqrt(mul(shift(x, -1), shift(x, 1)))),
  domain: { lo: 1, hi: Number.POSITIVE_INFINITY },
  kinks: { text: 'infinite slope at 1', distance: (x) => x! - 1 },
  why: 'd acosh x = dx / √((x-1)(x+1))',
})
export const acosh = call(acoshP)
export const atanhP = unary('atanh', {
  f: Math.atanh,
  d: (t, x) => strongMul(t, reciprocal(mul(sub(one(x), x), shift(x, 1)))),
  domain: unit,
  kinks: atOnes,
  why: 'd atanh x = dx / ((1-x)(1+x))',
})
export const atanh = call(atanhP)

// --- sigmoid family
// σ(x)σ(-x), not y(1-y): relative accuracy in the right tail
export const sigmoidP = unary('sigmoid', {
  f: sigmoidOf,
  d: (t, x, y) => mul(t, mul(y, sigmoid(neg(x)))),
  why: 'd σ(x) = σ(x) σ(-x) dx',
})
export const sigmoid = call(sigmoidP)
export const softplusP = unary('softplus', {
  f: softplusOf,
  d: (t, x) => mul(t, sigmoid(x)),
  why: 'd log(1+eˣ) = σ(x) dx',
})
export const softplus = call(softplusP)
export const reluP = unary('relu', {
  f: (x) => (x > 0 || Number.isNaN(x) ? x : 0),
  d: (t, x) => select(greater(x, zerosLike(x)), t, zerosLike(t)),
  kinks: kinkAtZero,
  why: "relu'(0) = 0, the least element of [0, 1]",
})
export const relu = call(reluP)

// --- error and gamma functions
const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI)
const gauss = (x: Tensor) => exp(neg(square(x)))
export const erfP = unary('erf', {
  f: erfOf,
  d: (t, x) => mul(t, scale(gauss(x), TWO_OVER_SQRT_PI)),
  why: 'd erf x = 2/√π e^(-x²) dx',
})
export const erf = call(erfP)
export const erfcP = unary('erfc', {
  f: erfcOf,
  d: (t, x) => mul(t, scale(gauss(x), -TWO_OVER_SQRT_PI)),
  why: 'd erfc x = -2/√π e^(-x²) dx',
})
export const erfc = call(erfcP)
export const erfInvP = unary('erfInv', {
  f: erfInvOf,
  d: (t, _, y) => strongMul(t, scale(exp(square(y)), Math.sqrt(Math.PI) / 2)),
  domain: unit,
  kinks: atOnes,
  why: 'd erf⁻¹ x = √π/2 e^(y²) dx',
})
export const erfInv = call(erfInvP)
export const lgammaP = unary('lgamma', {
  f: lgammaOf,
  d: (t, x) => strongMul(t, digamma(x)),
  domain: positive,
  kinks: { text: 'poles at 0, -1, -2, ...' },
  why: 'd log|Γ(x)| = ψ(x) dx',
})
export const lgamma = call(lgammaP)
export const digammaP = unary('digamma', {
  f: digammaOf,
  d: (t, x) => strongMul(t, polygamma(x, 1)),
  domain: positive,
  kinks: { text: 'poles at 0, -1, -2, ...' },
  why: "dψ(x) = ψ'(x) dx",
})
export const digamma = call(digammaP)
export const polygammaP: Primitive<{ readonly n: number }> = definePrimitive<{ readonly n: number }>({
  name: 'polygamma',
  shape: ([x]) => [needFloat('polygamma', { shape: x!.shape, dtype: x!.dtype })],
  kernel: ([x], { n }, [out]) => [map1(x!, out!, (a) => polygammaOf(n, a))],
  jvp: ([x], [t], _, { n }) => [t ? strongMul(t, polygamma(x!, n + 1)) : null],
  transpose: 'nonlinear',
  batch: ([x], _, { n }) => [polygamma(x!, n)],
  domain: [positive],
  kinks: { text: 'poles at 0, -1, -2, ...' },
  derivation: 'dψ⁽ⁿ⁾(x) = ψ⁽ⁿ⁺¹⁾(x) dx',
  flops: outSize,
})
/** The n-th derivative of digamma. */
export const polygamma = (x: Tensor, n: number): Tensor =>
  n === 0 ? digamma(x) : bind1(polygammaP, [x], { n })
