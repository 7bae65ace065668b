import { type V128, v128 } from '../../wasm/index.js'
import { copySign, type Lanes } from './lanes.js'

// x = n ln 2 + r with |r| <= ln 2 / 2; exp(r) - 1 = r + r² P(r), own minimax polynomials. n is found by adding
// 1.5·2^(mantissa bits), whose sum has n in its last bits: no conversion to integers. ln 2 is a number with so few
// bits that n times it is exact, and a rest. No step asks for fused or unfused multiply-add: n·high is exact in both.

interface Width {
  readonly magic: number
  readonly mantissa: number
  /** The bits of 1. */
  readonly one: bigint
  readonly ln2High: number
  readonly ln2Low: number
  /** Arguments beyond underflow and overflow. */
  readonly range: readonly [number, number]
  readonly p: readonly number[]
}

const widths: Readonly<Record<32 | 64, Width>> = {
  32: {
    magic: 1.5 * 2 ** 23,
    mantissa: 23,
    one: 0x3f800000n,
    ln2High: 0.693145751953125,
    ln2Low: 1.4286067653e-6,
    range: [-105, 89],
    p: [
      0.4999999403953552, 0.1666652113199234, 0.04166838899254799, 0.008368710987269878,
      0.0013814610429108143,
    ],
  },
  64: {
    magic: 1.5 * 2 ** 52,
    mantissa: 52,
    one: 0x3ff0000000000000n,
    ln2High: 0.6931471803691238,
    ln2Low: 1.9082149292705877e-10,
    range: [-746, 710],
    p: [
      0.5, 0.16666666666666682, 0.041666666666666095, 0.008333333333317048, 0.00138888888891158,
      0.00019841269896353703, 2.4801586926307918e-5, 2.7557234891313813e-6, 2.755758212144812e-7,
      2.5112026711711753e-8, 2.08265417031752e-9,
    ],
  },
}

/** The constants of float64. */
export const doubleWidth: Width = widths[64]

/** The n of x = n ln 2 + r: in the last bits of `n`, and as a number. */
export const nearestPower = (l: Lanes, x: V128): { readonly n: V128; readonly count: V128 } => {
  const { magic } = widths[l.bits]
  const n = l.let(l.madd(x, l.const(Math.LOG2E), l.const(magic)))
  return { n, count: l.let(l.sub(n, l.const(magic))) }
}

/** exp(x) = 2ⁿ (1 + q): q = exp(r) - 1, and n in the last bits of `n`. */
export interface Reduced {
  readonly n: V128
  readonly q: V128
}

/** For x within the range of the exponents. */
export const reduceExp = (l: Lanes, x: V128): Reduced => {
  const { ln2High, ln2Low, p } = widths[l.bits]
  const a = l.let(x)
  const { n, count } = nearestPower(l, a)
  const near = l.sub(a, l.mul(count, l.const(ln2High)))
  const r = l.let(l.sub(near, l.mul(count, l.const(ln2Low))))
  const q = l.let(l.madd(l.mul(r, r), l.polynomial(p, r), r))
  return { n, q }
}

/** exp(x) = 2ⁿ (1 + r + t), where t holds what the rounding of r lost, too. */
const reduceCarefully = (l: Lanes, x: V128) => {
  const { ln2High, ln2Low, p } = widths[l.bits]
  const a = l.let(x)
  const { n, count } = nearestPower(l, a)
  const near = l.let(l.sub(a, l.mul(count, l.const(ln2High))))
  const rest = l.let(l.mul(count, l.const(ln2Low)))
  const r = l.let(l.sub(near, rest))
  const t = l.madd(l.mul(r, r), l.polynomial(p, r), l.sub(l.sub(near, r), rest))
  return { n, r, t: l.let(t) }
}

/** Bounds an argument to where exp is neither 0 nor infinite, and `beyond` further; NaN stays. */
export const boundExp = (l: Lanes, x: V128, beyond = 0): V128 => {
  const [lo, hi] = widths[l.bits].range
  return l.max(l.min(x, l.const(hi + beyond)), l.const(lo))
}

/** 2ⁿ y for n of a `Reduced`, in two factors so that subnormal and infinite results come out, rounded once. */
export const scaleBy = (l: Lanes, y: V128, n: V128): V128 => {
  const { mantissa, one } = widths[l.bits]
  const half = l.let(l.shl(l.shrU(n, 1), mantissa))
  const rest = l.subInt(l.shl(n, mantissa), half)
  return l.mul(l.mul(y, l.addInt(half, l.int(one))), l.addInt(rest, l.int(one)))
}

/** 2^(n + extra) alone, a normal number. */
export const powerOfTwo = (l: Lanes, n: V128, extra = 0): V128 => {
  const { mantissa, one } = widths[l.bits]
  return l.addInt(l.shl(n, mantissa), l.int(one + (BigInt(extra) << BigInt(mantissa))))
}

/** exp(x). */
export const exp = (l: Lanes, x: V128): V128 => {
  const { n, q } = reduceExp(l, boundExp(l, x))
  return scaleBy(l, l.add(l.const(1), q), n)
}

/** exp(x) - 1 = (2ⁿ - 1 + 2ⁿ r) + 2ⁿ t, with half the power so that it does not overflow early. */
export const expm1 = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const { n, r, t } = reduceCarefully(l, l.max(boundExp(l, a), l.const(-40)))
  const power = l.let(powerOfTwo(l, n, -1))
  const leading = l.madd(power, r, l.sub(power, l.const(0.5)))
  const half = l.let(l.madd(power, t, leading))
  const tiny = l.lt(l.abs(a), l.const(2 ** -60))
  return l.select(tiny, a, l.add(half, half))
}

/** exp(-|x|), at most 1: nearly rounded right, because the callers round again. */
export const expOfNegative = (l: Lanes, x: V128): V128 => {
  const [lo] = widths[l.bits].range
  const { n, r, t } = reduceCarefully(l, l.max(v128.or(x, l.signBit), l.const(lo)))
  const sum = l.let(l.add(r, l.const(1)))
  return scaleBy(l, l.add(sum, l.add(l.sub(r, l.sub(sum, l.const(1))), t)), n)
}

/**
 * With E = exp(-2|x|) and v = 1 - E: further out |tanh x| = 1 - 2 E / (2 - v); near 0, relative there too,
 * v / (2 - v) = h + h v / (2 - v) with h = v / 2, where the quotient is a correction. Both round once to speak of. 1 to
 * the last bit from 20 on.
 */
export const tanh = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const size = l.let(l.max(v128.or(a, l.signBit), l.const(-20)))
  const { n, q } = reduceExp(l, l.add(size, size))
  const power = l.let(powerOfTwo(l, n))
  const product = l.let(l.mul(power, q))
  const whole = l.let(l.sub(l.const(1), power))
  const v = l.let(l.sub(whole, product))
  const lost = l.sub(l.sub(whole, v), product)
  const far = l.let(l.lt(size, l.const(-0.55)))
  const e = l.let(l.add(power, product))
  const ratio = l.let(l.div(l.select(far, l.add(e, e), v), l.sub(l.const(2), v)))
  const h = l.let(l.mul(v, l.const(0.5)))
  const near = l.add(h, l.madd(h, ratio, lost))
  return copySign(l, l.select(far, l.sub(l.const(1), ratio), near), a)
}

/** 4·exp(-|2x|) by itself, so that exp(-|2x|) may be subnormal: in float64 nearly rounded right, because more is rounded after it. */
const fourTimesExp = (l: Lanes, x: V128): V128 => {
  const [lo] = widths[l.bits].range
  const twice = l.max(v128.or(l.add(x, x), l.signBit), l.const(lo - 1.4))
  const times4 = (fraction: V128, n: V128) => scaleBy(l, fraction, l.let(l.addInt(n, l.int(2n))))
  if (l.bits === 32) {
    const { n, q } = reduceExp(l, twice)
    return times4(l.add(l.const(1), q), n)
  }
  const { n, r, t } = reduceCarefully(l, twice)
  const sum = l.let(l.add(r, l.const(1)))
  return times4(l.add(sum, l.add(l.sub(r, l.sub(sum, l.const(1))), t)), n)
}

/**
 * sech²x = 4 E / (1 + m) with E = exp(-2|x|) and m = E (2 + E), less what the rounding of 1 + m lost; a few bits of its
 * reciprocal do for that.
 */
export const sech2 = (l: Lanes, x: V128): V128 => {
  const e4 = l.let(fourTimesExp(l, l.let(x)))
  const e = l.let(l.mul(e4, l.const(0.25)))
  const m = l.let(l.mul(e, l.add(e, l.const(2))))
  const d = l.let(l.add(m, l.const(1)))
  const lost = l.sub(m, l.sub(d, l.const(1)))
  const q = l.let(l.div(e4, d))
  const inverse = l.madd(e, l.madd(e, l.const(0.7), l.const(-1.45)), l.const(1))
  return l.sub(q, l.mul(q, l.mul(lost, inverse)))
}

/**
 * σ(x) = E / (1 + E) for x < 0 and 1 / (1 + E) otherwise, with E = exp(-|x|); on the left E - E² / (1 + E), where the
 * quotient is only a correction.
 */
export const sigmoid = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const e = l.let(expOfNegative(l, a))
  const ratio = l.let(l.div(l.select(l.lt(a, l.const(0)), e, l.const(1)), l.add(e, l.const(1))))
  return l.select(l.lt(a, l.const(-1)), l.sub(e, l.mul(e, ratio)), ratio)
}
