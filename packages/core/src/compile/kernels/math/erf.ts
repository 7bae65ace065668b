import {
  scaledTailCentre,
  small as smallDescending,
  scaledTail as tailDescending,
} from '../../../math/special/erf.js'
import { type V128, v128 } from '../../wasm/index.js'
import {
  divide,
  multiply,
  negate,
  type Pair,
  quickTwoSum,
  rounded,
  twoProduct,
  twoSum,
} from './doubleDouble.js'
import { exp, scaleBy } from './exponential.js'
import { copySign, type Lanes } from './lanes.js'
import { log } from './logarithm.js'
import { exponentialOfPair } from './pairs.js'

// erf(x)/x - 1 on |x| <= 1 in powers of x², and (1 + 2x) exp(x²) erfc(x) in powers of u = (x - 3) / (x + 3), less its
// value at u = 0, divided by u: the polynomials of the interpreter's erf, and for float32 shorter ones, own minimax.

const small = [...smallDescending].reverse()
const tail = [...tailDescending].reverse()

/** (1 + 2x) exp(x²) erfc(x) for x in [0.45, 28]. */
const scaledComplement = (l: Lanes, x: V128, terms: readonly number[]): Pair => {
  const u = l.let(l.div(l.sub(x, l.const(3)), l.add(x, l.const(3))))
  return quickTwoSum(l, l.const(scaledTailCentre), l.mul(u, l.polynomial(terms, u)))
}

const nearZero = (l: Lanes, x: V128, terms: readonly number[]): V128 =>
  l.mul(x, l.polynomial(terms, l.let(l.mul(x, x))))

/** erf|x|: x + x P(x²) below 1, from there on 1 - erfc|x|. */
const erfOfSize = (l: Lanes, size: V128): V128 => {
  const x = l.let(l.min(size, l.const(6)))
  const y = l.f.local('v128')
  const isSmall = l.let(l.lt(x, l.const(1)))
  l.f.set(y, l.add(x, nearZero(l, x, small)))
  l.f.if(v128.anyTrue(v128.not(isSmall)), () => {
    const scaled = scaledComplement(l, x, tail)
    const numerator = l.mul(exp(l, l.neg(l.mul(x, x))), rounded(l, scaled))
    const rest = l.div(numerator, l.add(l.const(1), l.add(x, x)))
    l.f.set(y, l.select(isSmall, y, l.sub(l.const(1), rest)))
  })
  return y
}

/** erf(x). */
export const erf = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const y = l.let(copySign(l, erfOfSize(l, l.let(l.abs(a))), a))
  return l.select(l.eq(a, a), y, a)
}

/** erfc(x) for x in [0.45, 28] as a pair times 2ⁿ, with x² exact. */
const complement = (l: Lanes, x: V128) => {
  const square = twoProduct(l, x, x)
  const { mantissa, n } = exponentialOfPair(l, negate(l, square))
  const product = multiply(l, mantissa, scaledComplement(l, x, tail))
  return { mantissa: divide(l, product, twoSum(l, l.const(1), l.add(x, x))), n }
}

/** erfc(x), 1 - erf(x) on the left of 0.46. */
export const erfc = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const right = l.let(l.ge(a, l.const(0.46)))
  const y = l.f.local('v128')
  l.f.if(v128.anyTrue(right), () => {
    const { mantissa, n } = complement(l, l.let(l.max(l.min(a, l.const(28)), l.const(0.46))))
    l.f.set(y, scaleBy(l, mantissa.high, n))
  })
  l.f.if(v128.anyTrue(v128.not(right)), () =>
    l.f.set(y, l.select(right, y, l.let(l.sub(l.const(1), erf(l, a))))),
  )
  return y
}

// --- the precision of float32, in float64

const shortSmall = [
  0.12837916706317837, -0.3761263848395393, 0.11283782748887525, -0.026865445893359985, 0.005221075017217327,
  -0.000848471269566868, 0.00011270548762792266, -9.680137052014569e-6,
]
const shortTail = [
  -0.13562110599415944, -0.047562293948781524, 0.12964514809078656, -0.11927368068020008, 0.06830826294831359,
  -0.023770271630733003, 0.0025271812667116964, 0.0018871747369456483, -0.0007697883227404554,
  -0.0001007939374489726, 0.00010298136369675313,
]

const shortComplement = (l: Lanes, x: V128): V128 => {
  const numerator = l.mul(exp(l, l.neg(l.mul(x, x))), rounded(l, scaledComplement(l, x, shortTail)))
  return l.div(numerator, l.add(l.const(1), l.add(x, x)))
}

export const shortErf = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const size = l.let(l.min(l.abs(a), l.const(6)))
  const near = l.add(size, nearZero(l, size, shortSmall))
  const far = l.sub(l.const(1), shortComplement(l, l.let(l.max(size, l.const(1)))))
  return copySign(l, l.select(l.lt(size, l.const(1)), near, far), a)
}

export const shortErfc = (l: Lanes, x: V128): V128 => {
  const a = l.let(l.max(l.min(x, l.const(10.6)), l.const(-6)))
  const size = l.let(l.abs(a))
  const near = l.sub(l.const(1), l.add(a, nearZero(l, a, shortSmall)))
  const far = l.let(shortComplement(l, l.let(l.max(size, l.const(1)))))
  const beyond = l.select(l.lt(a, l.const(0)), l.sub(l.const(2), far), far)
  return l.select(l.lt(size, l.const(1)), near, beyond)
}

// --- the inverse: own minimax polynomials of w = -log(1 - x²), after M. Giles, "Approximating the erfinv function"
// (GPU Computing Gems 2, 2011): erfInv(x) / x in powers of w - 3 up to w = 6, then of √w less a constant.

const central = [
  1.6235420064137076, 0.24163040209102618, -0.005738135021296191, -0.0008361750580534361, 0.00019506143681937,
  -1.2722677783582429e-5, -1.748308466119631e-6, 4.52517341074129e-7, -2.3538669678901828e-8,
  -5.980628051741163e-9, 1.0812997822735415e-9, 2.222186411194655e-11, -1.5040647702140598e-11,
]
/** To 2^-26 up to √w = 6.06, which the last float64 before 1 has; to 2^-28 up to 4.02, for float32. */
const outer = {
  wide: {
    about: 4.25,
    terms: [
      4.092223380834334, 1.0099779473322223, 0.0007137915604015631, -0.0006049209921144228,
      0.00020795406565150623, -7.19383202819048e-5, 2.8539730124997746e-5, -2.197306512279424e-6,
      8.29726379127358e-7, -7.2181672113718495e-6, 3.493458426777599e-6, 3.539443454364561e-7,
      -3.203596464216718e-7,
    ],
  },
  short: {
    about: 3.2,
    terms: [
      3.0336365669430987, 1.0046924335104752, 0.005973776577268339, -0.004293862201600292,
      0.002942878334776231, -0.0019953050838795905, 0.001115307763241334, -0.0003528542502595094,
      -8.409685324939008e-5, 9.442953051442856e-5,
    ],
  },
} as const

const inverseEstimate = (l: Lanes, x: V128, { about, terms }: (typeof outer)['wide' | 'short']): V128 => {
  const w = l.let(l.neg(log(l, l.mul(l.sub(l.const(1), x), l.add(l.const(1), x)))))
  const near = l.let(l.sub(l.min(w, l.const(6)), l.const(3)))
  const far = l.let(l.sub(l.sqrt(w), l.const(about)))
  const ratio = l.select(l.le(w, l.const(6)), l.polynomial(central, near), l.polynomial(terms, far))
  return l.mul(x, ratio)
}

/** ±∞ at ±1, NaN beyond. */
const atEnds = (l: Lanes, x: V128, y: V128): V128 =>
  l.select(l.eq(l.abs(x), l.const(1)), l.mul(x, l.const(Number.POSITIVE_INFINITY)), y)

export const shortErfInv = (l: Lanes, x: V128): V128 => atEnds(l, x, inverseEstimate(l, x, outer.short))

/** erf(y) - x for y of the sign of x, without rounding the larger terms: by erfc where y is large. */
const residual = (l: Lanes, y: V128, x: V128): V128 => {
  const size = l.let(l.abs(y))
  const isSmall = l.let(l.lt(size, l.const(0.46)))
  const result = l.f.local('v128')
  l.f.set(result, l.add(l.sub(y, x), nearZero(l, y, small)))
  l.f.if(v128.anyTrue(v128.not(isSmall)), () => {
    const { mantissa, n } = complement(l, l.let(l.max(size, l.const(0.46))))
    const target = twoSum(l, l.const(1), l.neg(l.abs(x)))
    const large = l.sub(target.high, scaleBy(l, mantissa.high, n))
    const rest = l.sub(target.low, scaleBy(l, mantissa.low, n))
    l.f.set(result, l.select(isSmall, result, v128.xor(l.add(large, rest), v128.and(y, l.signBit))))
  })
  return result
}

/** An estimate of 20 bits or more, then one step of Halley's method, y - u / (1 + y u) with u = (erf(y) - x) / erf'(y). */
export const erfInv = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const inside = l.let(l.lt(l.abs(a), l.const(1)))
  const y = l.let(inverseEstimate(l, l.let(v128.and(a, inside)), outer.wide))
  const inverseSlope = l.mul(l.const(Math.sqrt(Math.PI) / 2), exp(l, l.mul(y, y)))
  const u = l.let(l.mul(residual(l, y, a), inverseSlope))
  const better = l.sub(y, l.div(u, l.add(l.const(1), l.mul(y, u))))
  const tiny = l.lt(l.abs(a), l.const(1e-9))
  const finite = l.select(tiny, l.mul(a, l.const(Math.sqrt(Math.PI) / 2)), better)
  return atEnds(l, a, l.select(inside, finite, l.const(Number.NaN)))
}
