import type { V128 } from '../../wasm/index.js'
import { add, divide, multiply, type Pair, quickTwoSum, scale, twoSum } from './doubleDouble.js'
import { doubleWidth, nearestPower, scaleBy } from './exponential.js'
import type { Lanes } from './lanes.js'
import { lowOverPower, split } from './logarithm.js'

// Logarithm and exponential with more than the precision of a float64, for functions that round once more after them.

/** 2/5 + 2/7 z + 2/9 z² + ...: 2 atanh(√z) / √z from its third term on, own minimax polynomial on [0, 0.0295]. */
const areaTerms = [
  0.39999999999999986, 0.28571428571442026, 0.22222222218157833, 0.18181818805288835, 0.1538456073560617,
  0.13336185777793486, 0.11677214958435922, 0.11970928203600559,
]
const twoThirds = [0.6666666666666666, 3.700743415417188e-17] as const
/** (exp(r) - 1 - r - r²/2) / r³, own minimax polynomial on |r| <= ln 2 / 2. */
const cubicTerms = [
  0.16666666666666666, 0.041666666666666685, 0.008333333333333338, 0.0013888888888873472,
  0.00019841269841243845, 2.480158734877066e-5, 2.7557319280286474e-6, 2.7557252227907217e-7,
  2.5052045669823993e-8, 2.0921633294767058e-9, 1.6093882479992184e-10,
]

/**
 * log(x) for x > 0, its high part normal, less the logarithm of 2^`scaled` if given; error below 2^-65 of it. log(2^k m) = k log 2 + 2 atanh(s) with
 * s = (m - 1) / (m + 1), of whose series three terms are pairs.
 */
export const logarithmOfPair = (l: Lanes, x: Pair, scaled?: V128): Pair => {
  const { k, m, exponent } = split(l, x.high)
  const high = l.let(m)
  const low = lowOverPower(l, x.low, exponent)
  const f = quickTwoSum(l, l.sub(high, l.const(1)), low)
  const above = twoSum(l, high, l.const(1))
  const s = divide(l, f, { high: above.high, low: l.let(l.add(above.low, f.low)) })
  const z = multiply(l, s, s)
  const third = twoSum(l, l.const(twoThirds[0]), l.mul(z.high, l.polynomial(areaTerms, z.high)))
  const c: Pair = { high: third.high, low: l.let(l.add(third.low, l.const(twoThirds[1]))) }
  const series = add(l, scale(l, s, 2), multiply(l, s, multiply(l, z, c)))
  const count = l.let(scaled ? l.sub(k, scaled) : k)
  const { ln2High, ln2Low } = doubleWidth
  return add(l, quickTwoSum(l, l.mul(count, l.const(ln2High)), l.mul(count, l.const(ln2Low))), series)
}

/** exp of a pair as `mantissa` 2ⁿ; error near 2^-56 of it. Beyond overflow and underflow x counts as 711 or -750. */
export const exponentialOfPair = (l: Lanes, x: Pair): { readonly mantissa: Pair; readonly n: V128 } => {
  const high = l.let(l.max(l.min(x.high, l.const(711)), l.const(-750)))
  // where the high part was cut, the low one may be anything
  const low = l.max(l.min(x.low, l.const(0.25)), l.const(-0.25))
  const { n, count } = nearestPower(l, high)
  const { ln2High, ln2Low } = doubleWidth
  const near = l.sub(high, l.mul(count, l.const(ln2High)))
  const r = twoSum(l, near, l.sub(low, l.mul(count, l.const(ln2Low))))
  const sum = quickTwoSum(l, l.const(1), r.high)
  const square = l.let(l.mul(r.high, r.high))
  const cubic = l.mul(l.mul(square, r.high), l.polynomial(cubicTerms, r.high))
  const rest = l.add(l.madd(square, l.const(0.5), l.add(sum.low, r.low)), cubic)
  return { mantissa: quickTwoSum(l, sum.high, rest), n }
}

/** exp of a pair, rounded. */
export const expOfPair = (l: Lanes, x: Pair): V128 => {
  const { mantissa, n } = exponentialOfPair(l, x)
  return scaleBy(l, mantissa.high, n)
}
