import type { Library } from '../../library.js'
import {
  callValue,
  choose,
  type FunctionRef,
  f64,
  f64x2,
  type I32,
  type I64,
  i32,
  i64,
  i64x2,
  type Local,
} from '../../wasm/index.js'
import type { Angle } from './circular.js'
import type { Lanes } from './lanes.js'

// Source: M. H. Payne and R. N. Hanek, "Radian reduction for trigonometric functions", SIGNUM Newsletter 18 (1983).

/** The first 1,216 bits of 2/π in words of 32. */
const twoOverPi = [
  0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561, 0xb7246e3a,
  0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41,
  0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f, 0x6d367ecf,
  0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b, 0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08,
  0x56033046, 0xfc7b6bab,
]

/** Word i of 2/π, 0 before the first; a chain of comparisons, since modules have no data. */
const wordOf = (lib: Library): FunctionRef =>
  lib.get('twoOverPiWord', (module, name) =>
    module.function(name, { i: 'i32' }, ['i64'], (f, { i }) => {
      twoOverPi.forEach((word, at) => {
        f.if(i32.eq(i, at), () => f.return(i64.const(BigInt(word))))
      })
      f.result(i64.const(0n))
    }),
  )

/** π/2 as a sum of two. */
const halfPi = [1.5707963267948966, 6.123233995736766e-17] as const

/**
 * A large angle reduced. x = M 2^e with a whole M of 53 bits; bits of 2/π whose product with 2^e M is a multiple of 4
 * do not matter, so 192 bits from number e - 1 on decide: their product with M modulo 2^192 is the angle in quarter
 * turns, two bits of whole ones and 190 of the fraction, whose error is below 2^-137. The nearest double to a multiple
 * of π/2 is 2^-61 of a quarter turn away, so all 53 bits come out right.
 */
export const hugeAngle = (l: Lanes, x: Local<'f64'>): Angle => {
  const f = l.f
  const bits = f.let(i64.reinterpretF64(f64.abs(x)))
  const exponent = f.let(i32.sub(i32.wrapI64(i64.shrU(bits, i64.const(52n))), 1075))
  const whole = f.let(i64.or(i64.and(bits, i64.const((1n << 52n) - 1n)), i64.const(1n << 52n)))
  const mLow = f.let(i64.and(whole, i64.const(0xffffffffn)))
  const mHigh = f.let(i64.shrU(whole, i64.const(32n)))
  // bit j (from 1) of 2/π stands first; words count from bit 1; 31 more keeps the shift in [1, 32]
  const first = f.let(i32.add(exponent, 30))
  const word = f.let(i32.sub(i32.shrS(first, 5), 1))
  const shift = f.let(i64.extendI32U(i32.and(first, 31)))
  const get = (k: number): I64 => callValue(wordOf(l.lib), 'i64', [i32.add(word, k)])
  const raw = Array.from({ length: 7 }, (_, k) => f.let(get(k)))
  const low32 = i64.const(0xffffffffn)
  const limb = (k: number): I64 =>
    i64.and(
      i64.shrU(i64.or(i64.shl(raw[k]!, i64.const(32n)), raw[k + 1]!), i64.sub(i64.const(32n), shift)),
      low32,
    )
  const w = Array.from({ length: 6 }, (_, k) => f.let(limb(5 - k)))
  // The product, limb by limb from the last, modulo 2^192; no sum of three parts below 2^64 is lost.
  const product: I64[] = []
  const carry = f.local('i64')
  w.forEach((v, k) => {
    const a = f.let(i64.mul(v, mLow))
    const b = k > 0 ? f.let(i64.mul(w[k - 1]!, mHigh)) : i64.const(0n)
    const sum = f.let(i64.add(i64.add(i64.and(a, low32), i64.and(b, low32)), carry))
    product.push(f.let(i64.and(sum, low32)))
    f.set(
      carry,
      i64.add(
        i64.add(i64.shrU(a, i64.const(32n)), i64.shrU(b, i64.const(32n))),
        i64.shrU(sum, i64.const(32n)),
      ),
    )
  })
  const top = f.let(i64.or(i64.shl(product[5]!, i64.const(32n)), product[4]!))
  const below = f.let(i64.or(i64.shl(product[3]!, i64.const(32n)), product[2]!))
  // n: the nearest whole number of quarter turns; the rest signed, its first bit in the sign
  const n = f.let(
    i64.and(
      i64.add(i64.shrU(top, i64.const(62n)), i64.and(i64.shrU(top, i64.const(61n)), i64.const(1n))),
      i64.const(3n),
    ),
  )
  const fraction = f.let(i64.or(i64.shl(top, i64.const(2n)), i64.shrU(below, i64.const(62n))))
  const belowThat = f.let(i64.shl(below, i64.const(2n)))
  // three pieces of at most 42 bits, exact as float64
  const pieces = [
    i64.shrS(fraction, i64.const(22n)),
    i64.or(
      i64.shl(i64.and(fraction, i64.const((1n << 22n) - 1n)), i64.const(20n)),
      i64.shrU(belowThat, i64.const(44n)),
    ),
    i64.and(i64.shrU(belowThat, i64.const(2n)), i64.const((1n << 42n) - 1n)),
  ].map((piece, k) => f.let(f64.mul(f64.convertI64S(piece), 2 ** (-42 * (k + 1)))))
  const [p0, p1, p2] = pieces as [Local<'f64'>, Local<'f64'>, Local<'f64'>]
  const s1 = f.let(f64.add(p0, p1))
  const e1 = f.let(f64.sub(p1, f64.sub(s1, p0)))
  const rest = f.let(f64.add(e1, p2))
  const high = f.let(f64.add(s1, rest))
  const low = f.let(f64.sub(rest, f64.sub(high, s1)))
  // times π/2, by Dekker's product
  const splitter = 2 ** 27 + 1
  const half = (v: Local<'f64'>) => {
    const wide = f.let(f64.mul(v, splitter))
    const h = f.let(f64.sub(wide, f64.sub(wide, v)))
    return [h, f.let(f64.sub(v, h))] as const
  }
  const [hh, hl] = half(high)
  const pi = f.let(f64.const(halfPi[0]))
  const [ph, pl] = half(pi)
  const main = f.let(f64.mul(high, pi))
  const error = f64.add(
    f64.add(f64.add(f64.sub(f64.mul(hh, ph), main), f64.mul(hh, pl)), f64.mul(hl, ph)),
    f64.mul(hl, pl),
  )
  const tail = f.let(f64.add(error, f64.add(f64.mul(high, halfPi[1]), f64.mul(low, pi))))
  const angle = f.let(f64.add(main, tail))
  const angleLow = f.let(f64.add(f64.sub(main, angle), tail))
  const flip = f.let(f64.copysign(1, x))
  const negative: I32 = f64.lt(flip, 0)
  const turned = f.let(choose(negative, i64.sub(i64.const(0n), n), n))
  const bad = f.let(f64.sub(x, x))
  return {
    n: f.let(i64x2.splat(turned)),
    high: f.let(f64x2.splat(f64.add(f64.mul(angle, flip), bad))),
    low: f.let(f64x2.splat(f64.mul(angleLow, flip))),
  }
}
