import { f32x4, f64x2, type V128, v128 } from '../../wasm/index.js'
import { multiply, pairOf } from './doubleDouble.js'
import { exp } from './exponential.js'
import { doubles, type Lanes } from './lanes.js'
import { log } from './logarithm.js'
import { expOfPair, logarithmOfPair } from './pairs.js'
import {
  byHalves,
  callOf,
  inline,
  integersByHalves,
  type LaneFunction,
  throughDoubles,
  toInt32,
} from './table.js'

/** x^y for x > 0; `any` where it may be 0, subnormal or infinite too. */
type Power = (l: Lanes, x: V128, y: V128, any: boolean) => V128

/** Beyond 2^70 the power is 0, 1 or infinite, and before no product overflows. */
const cut = (l: Lanes, y: V128): V128 => l.max(l.min(y, l.const(2 ** 70)), l.const(-(2 ** 70)))

const precise: Power = (l, x, y, any) => {
  const exponent = cut(l, y)
  if (!any) return expOfPair(l, multiply(l, pairOf(l, exponent), logarithmOfPair(l, pairOf(l, x))))
  const tiny = l.let(l.lt(x, l.const(2 ** -1022)))
  const normal = l.let(l.select(tiny, l.mul(x, l.const(2 ** 54)), x))
  const logarithm = logarithmOfPair(l, pairOf(l, normal), l.let(v128.and(tiny, l.const(54))))
  const finite = expOfPair(l, multiply(l, pairOf(l, exponent), logarithm))
  const zero = l.const(0)
  const infinity = l.const(Number.POSITIVE_INFINITY)
  const atZero = l.eq(x, zero)
  const falls = v128.xor(l.lt(y, zero), atZero)
  const special = l.select(falls, zero, infinity)
  return l.select(v128.or(atZero, l.eq(x, infinity)), special, finite)
}

/** With the precision of float32. */
const short: Power = (l, x, y) => exp(l, l.mul(cut(l, y), log(l, x)))

/** The special values of IEEE 754 around `power` of |x|: signs, 1 and 0 as exponents and bases, NaN. */
const withSpecials = (l: Lanes, x: V128, y: V128, power: Power): V128 => {
  const size = l.let(l.abs(x))
  const magnitude = power(l, size, y, true)
  const infinity = l.const(Number.POSITIVE_INFINITY)
  const whole = l.eq(l.trunc(y), y)
  const half = l.let(l.mul(y, l.const(0.5)))
  const odd = v128.and(whole, l.ne(l.trunc(half), half))
  const signed = l.let(v128.xor(magnitude, v128.and(v128.and(x, l.signBit), odd)))
  const negative = v128.and(l.lt(x, l.const(0)), l.lt(size, infinity))
  const nowhere = v128.or(v128.andnot(negative, whole), v128.or(l.ne(x, x), l.ne(y, y)))
  const squared = l.select(l.eq(y, l.const(2)), l.mul(x, x), signed)
  const one = v128.or(l.eq(x, l.const(1)), l.eq(y, l.const(0)))
  return l.select(one, l.const(1), l.select(nowhere, l.const(Number.NaN), squared))
}

const powWith =
  (name: string, power: Power) =>
  (l: Lanes, x: V128, y: V128): V128 => {
    const result = l.f.local('v128')
    const inRange = v128.and(l.ge(x, l.const(2 ** -1022)), l.le(x, l.const(Number.MAX_VALUE)))
    const usual = l.let(v128.and(inRange, l.eq(y, y)))
    // the square, which is the most used power, rounds once
    l.f.set(result, l.select(l.eq(y, l.const(2)), l.mul(x, x), l.let(power(l, x, y, false))))
    l.f.if(v128.anyTrue(v128.not(usual)), () =>
      l.f.set(
        result,
        callOf(l.lib, name, (f, a, b) => withSpecials(doubles(f, l.lib), a!, b!, power), [x, y]),
      ),
    )
    return result
  }

const precisePow = powWith('powRare', precise)
const floats = throughDoubles('pow', precisePow, powWith('shortPowRare', short))

/**
 * x^y = exp(y log x), with a logarithm of more than 53 bits for float64; integers as float64, exact below 2^53, then
 * modulo 2³².
 */
export const pow: LaneFunction = {
  ...floats,
  i32x4: (f, lib, ...x) =>
    integersByHalves(f, x, (a, b) => toInt32(doubles(f, lib), floats.f64x2(f, lib, a!, b!))),
}

/** Small powers by products, as the definition has them. */
const products: Readonly<Record<string, (l: Lanes, x: V128) => V128>> = {
  2: (l, x) => l.mul(x, x),
  3: (l, x) => l.mul(l.mul(x, x), x),
  4: (l, x) => {
    const square = l.let(l.mul(x, x))
    return l.mul(square, square)
  },
  '-1': (l, x) => l.div(l.const(1), x),
  '-2': (l, x) => l.div(l.const(1), l.mul(x, x)),
}

/** 1 / x², and (1/x)² where x² is subnormal or beyond the largest float64: there only the power itself leaves the range. */
const inverseSquare = (l: Lanes, x: V128): V128 => {
  const square = l.let(l.mul(x, x))
  const result = l.f.local('v128')
  l.f.set(result, l.div(l.const(1), square))
  const usual = l.let(v128.and(l.ge(square, l.const(2 ** -1022)), l.le(square, l.const(Number.MAX_VALUE))))
  l.f.if(v128.anyTrue(v128.not(usual)), () => {
    const inverse = l.let(l.div(l.const(1), x))
    l.f.set(result, l.select(usual, result, l.mul(inverse, inverse)))
  })
  return result
}

/** xⁿ. */
export const integerPow = (n: number): LaneFunction => {
  const product = products[n]
  if (!product) {
    return {
      f32x4: (f, lib, x) => pow.f32x4(f, lib, x!, f.hoist(f32x4.const(n))),
      f64x2: (f, lib, x) => pow.f64x2(f, lib, x!, f.hoist(f64x2.const(n))),
      i32x4: (f, lib, x) =>
        integersByHalves(f, [x!], (a) =>
          toInt32(doubles(f, lib), pow.f64x2(f, lib, a!, f.hoist(f64x2.const(n)))),
        ),
    }
  }
  const direct = inline((l, x) => product(l, l.let(x!)))
  return {
    // x² of a float32 overflows where 1 / x² does not yet vanish
    f32x4: n === -2 ? (f, lib, x) => byHalves(f, [x!], (a) => direct.f64x2(f, lib, a!)) : direct.f32x4,
    f64x2: n === -2 ? inline((l, x) => inverseSquare(l, l.let(x!))).f64x2 : direct.f64x2,
    i32x4: (f, lib, x) =>
      integersByHalves(f, [x!], (a) => toInt32(doubles(f, lib), direct.f64x2(f, lib, a!))),
  }
}
