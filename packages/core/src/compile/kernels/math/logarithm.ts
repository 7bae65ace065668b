import { callValue, type V128, v128 } from '../../wasm/index.js'
import { expOfNegative } from './exponential.js'
import { copySign, type Lanes, lanesFor } from './lanes.js'

// y = 2^k (1 + f) with 1 + f in [√½, √2]; log(1 + f) = f - f²/2 + s (f²/2 + R(s²)), s = f / (2 + f).
// Source: FreeBSD's msun, e_log.c and e_logf.c, the coefficients too.

interface Width {
  readonly mantissa: number
  /** Bits of √½ and of 1. */
  readonly rootHalf: bigint
  readonly one: bigint
  /** A number 2^m with m the mantissa's bits, and its bits: its last bits count. */
  readonly big: number
  readonly bigBits: bigint
  readonly leastNormal: number
  readonly greatest: number
  readonly ln2High: number
  readonly ln2Low: number
  readonly r: readonly number[]
}

const widths: Readonly<Record<32 | 64, Width>> = {
  32: {
    mantissa: 23,
    rootHalf: 0x3f3504f3n,
    one: 0x3f800000n,
    big: 2 ** 23,
    bigBits: 0x4b000000n,
    leastNormal: 2 ** -126,
    greatest: 3.4028234663852886e38,
    ln2High: 0.693138122558594,
    ln2Low: 9.0580006145e-6,
    r: [0.6666666269302368, 0.40000972151756287, 0.28498786687850952, 0.24279078841209412],
  },
  64: {
    mantissa: 52,
    rootHalf: 0x3fe6a09e667f3bcdn,
    one: 0x3ff0000000000000n,
    big: 2 ** 52,
    bigBits: 0x4330000000000000n,
    leastNormal: 2 ** -1022,
    greatest: Number.MAX_VALUE,
    ln2High: 0.6931471803691238,
    ln2Low: 1.9082149292705877e-10,
    r: [
      0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
      0.15313837699209373, 0.14798198605116586,
    ],
  },
}

/** k log 2 + log(1 + f). */
export const logarithmOf = (l: Lanes, k: V128, f: V128): V128 => {
  const { ln2High, ln2Low, r } = widths[l.bits]
  const s = l.let(l.div(f, l.add(f, l.const(2))))
  const z = l.let(l.mul(s, s))
  const halfSquare = l.let(l.mul(l.mul(l.const(0.5), f), f))
  const series = l.mul(z, l.polynomial(r, z))
  const small = l.madd(s, l.add(halfSquare, series), l.mul(k, l.const(ln2Low)))
  return l.add(l.mul(k, l.const(ln2High)), l.sub(f, l.sub(halfSquare, small)))
}

/** A positive normal number taken apart: 2^k m with m in [√½, √2], and the biased exponent above the mantissa's bits. */
export const split = (l: Lanes, y: V128): { readonly k: V128; readonly m: V128; readonly exponent: V128 } => {
  const { mantissa, rootHalf, one, big, bigBits } = widths[l.bits]
  const low = (1n << BigInt(mantissa)) - 1n
  const shifted = l.let(l.addInt(y, l.int(one - rootHalf)))
  const k = l.sub(
    v128.or(l.shrU(shifted, mantissa), l.int(bigBits)),
    l.const(big + Number(one >> BigInt(mantissa))),
  )
  const m = l.addInt(v128.and(shifted, l.int(low)), l.int(rootHalf))
  return { k, m, exponent: v128.andnot(shifted, l.int(low)) }
}

/** 2^-k for the exponent of a `split`, for k up to the largest of which the inverse is normal. */
export const inverseOfPower = (l: Lanes, exponent: V128): V128 =>
  l.subInt(l.int(2n * widths[l.bits].one), exponent)

/** The low part of a pair times 2^-k; where the inverse is not normal it counts for nothing. */
export const lowOverPower = (l: Lanes, low: V128, exponent: V128): V128 =>
  l.mul(low, l.max(inverseOfPower(l, exponent), l.const(0)))

/** log(y) for a positive normal number y; less 2^`scaled` where that is given. */
const logOfNormal = (l: Lanes, y: V128, scaled?: V128): V128 => {
  const { k, m } = split(l, y)
  return logarithmOf(l, l.let(scaled ? l.sub(k, scaled) : k), l.let(l.sub(m, l.const(1))))
}

/** `usual()` where the mask says so for all lanes; otherwise what a function of the module makes of x. */
const orRare = (
  l: Lanes,
  name: string,
  x: V128,
  isUsual: V128,
  usual: () => V128,
  rare: typeof log,
): V128 => {
  const y = l.f.local('v128')
  const whole = l.lib.get(`${name}Rare${l.bits}`, (module, id) =>
    module.function(id, { x: 'v128' }, ['v128'], (f, p) => f.result(rare(lanesFor(l.bits, f, l.lib), p.x))),
  )
  const ok = l.let(isUsual)
  l.f.set(y, usual())
  l.f.if(v128.anyTrue(v128.not(ok)), () => l.f.set(y, callValue(whole, 'v128', [x])))
  return y
}

const logRare = (l: Lanes, x: V128): V128 => {
  const { leastNormal } = widths[l.bits]
  const tiny = l.let(l.lt(x, l.const(leastNormal)))
  const y = l.let(l.select(tiny, l.mul(x, l.const(2 ** 54)), x))
  const finite = logOfNormal(l, y, l.let(v128.and(tiny, l.const(54))))
  const special = l.select(
    l.eq(x, l.const(0)),
    l.const(Number.NEGATIVE_INFINITY),
    l.select(l.lt(x, l.const(0)), l.const(Number.NaN), x),
  )
  const ordinary = v128.and(l.gt(x, l.const(0)), l.lt(x, l.const(Number.POSITIVE_INFINITY)))
  return l.select(ordinary, finite, special)
}

/** log(x). */
export const log = (l: Lanes, x: V128): V128 => {
  const { leastNormal, greatest } = widths[l.bits]
  const a = l.let(x)
  const usual = v128.and(l.ge(a, l.const(leastNormal)), l.le(a, l.const(greatest)))
  return orRare(l, 'log', a, usual, () => logOfNormal(l, a), logRare)
}

// f of 2^k (1 + f) = 1 + x is (s - 1) + s x with s = 2^-k: no rounding of 1 + x enters but into the choice of k.
const log1pUsual = (l: Lanes, x: V128): V128 => {
  const { k, exponent } = split(l, l.add(x, l.const(1)))
  const s = l.let(inverseOfPower(l, exponent))
  const f = l.let(l.madd(s, x, l.sub(s, l.const(1))))
  return copySign(l, logarithmOf(l, l.let(k), f), x)
}

const log1pRare = (l: Lanes, x: V128): V128 => {
  const large = l.const(2 ** 60)
  const usual = log1pUsual(l, l.let(l.min(x, large)))
  const past = log(l, l.select(l.lt(x, large), l.add(x, l.const(1)), x))
  const inside = v128.and(l.gt(x, l.const(-1)), l.le(x, large))
  return l.select(inside, usual, past)
}

/** log(1 + x). */
export const log1p = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const usual = v128.and(l.gt(a, l.const(-1)), l.le(a, l.const(2 ** 60)))
  return orRare(l, 'log1p', a, usual, () => log1pUsual(l, a), log1pRare)
}

/** log(1 + exp(x)) = max(x, 0) + log(1 + e) with e = exp(-|x|), and 1 + e in [1, 2] needs no taking apart. */
export const softplus = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const e = l.let(expOfNegative(l, a))
  const above = l.let(l.gt(e, l.const(Math.SQRT2 - 1)))
  const k = l.let(v128.and(above, l.const(1)))
  const f = l.let(l.select(above, l.mul(l.sub(e, l.const(1)), l.const(0.5)), e))
  return l.add(l.max(a, l.const(0)), logarithmOf(l, k, f))
}
