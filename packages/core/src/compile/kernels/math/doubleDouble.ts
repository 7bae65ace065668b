import { type V128, v128 } from '../../wasm/index.js'
import type { Lanes } from './lanes.js'

/**
 * A number as the unevaluated sum high + low of two float64, about 106 bits, lane by lane; both are variables.
 *
 * Source: T. J. Dekker, "A floating-point technique for extending the available precision", Numer. Math. 18 (1971);
 * D. E. Knuth, The Art of Computer Programming, vol. 2, section 4.2.2. No product here may be fused with a sum: the
 * steps rest on every operation being rounded.
 */
export interface Pair {
  readonly high: V128
  readonly low: V128
}

export type Constant = readonly [high: number, low: number]

export const constantPair = (l: Lanes, [high, low]: Constant): Pair => ({
  high: l.const(high),
  low: l.const(low),
})
export const pairOf = (l: Lanes, high: V128): Pair => ({ high: l.let(high), low: l.const(0) })
export const negate = (l: Lanes, x: Pair): Pair => ({ high: l.let(l.neg(x.high)), low: l.let(l.neg(x.low)) })
/** x times a power of two. */
export const scale = (l: Lanes, x: Pair, by: number): Pair => ({
  high: l.let(l.mul(x.high, l.const(by))),
  low: l.let(l.mul(x.low, l.const(by))),
})
export const choosePair = (l: Lanes, mask: V128, a: Pair, b: Pair): Pair => ({
  high: l.let(l.select(mask, a.high, b.high)),
  low: l.let(l.select(mask, a.low, b.low)),
})
/** The nearest float64. */
export const rounded = (l: Lanes, x: Pair): V128 => l.add(x.high, x.low)

/** a + b for |a| >= |b|, exact. */
export const quickTwoSum = (l: Lanes, x: V128, y: V128): Pair => {
  const [a, b] = [l.let(x), l.let(y)]
  const high = l.let(l.add(a, b))
  return { high, low: l.let(l.sub(b, l.sub(high, a))) }
}

/** a + b, exact. */
export const twoSum = (l: Lanes, x: V128, y: V128): Pair => {
  const [a, b] = [l.let(x), l.let(y)]
  const high = l.let(l.add(a, b))
  const part = l.let(l.sub(high, a))
  return { high, low: l.let(l.add(l.sub(a, l.sub(high, part)), l.sub(b, part))) }
}

/** The nearest number of 26 bits, by the pattern, and the rest, which has no more. */
const halves = (l: Lanes, x: V128): Pair => {
  const high = l.let(v128.and(l.addInt(x, l.int(0x4000000n)), l.int(-0x8000000n)))
  return { high, low: l.let(l.sub(x, high)) }
}

/** a·b, exact unless the product is next to the subnormals; also where a splitting by a product would overflow. */
export const twoProduct = (l: Lanes, x: V128, y: V128): Pair => {
  const [a, b] = [l.let(x), l.let(y)]
  const high = l.let(l.mul(a, b))
  const p = halves(l, a)
  const q = halves(l, b)
  const cross = l.add(l.add(l.sub(l.mul(p.high, q.high), high), l.mul(p.high, q.low)), l.mul(p.low, q.high))
  return { high, low: l.let(l.add(cross, l.mul(p.low, q.low))) }
}

export const add = (l: Lanes, x: Pair, y: Pair): Pair => {
  const high = twoSum(l, x.high, y.high)
  const low = twoSum(l, x.low, y.low)
  const partial = quickTwoSum(l, high.high, l.add(high.low, low.high))
  return quickTwoSum(l, partial.high, l.add(partial.low, low.low))
}
export const subtract = (l: Lanes, x: Pair, y: Pair): Pair => add(l, x, negate(l, y))

export const multiply = (l: Lanes, x: Pair, y: Pair): Pair => {
  const product = twoProduct(l, x.high, y.high)
  const cross = l.add(l.mul(x.high, y.low), l.mul(x.low, y.high))
  return quickTwoSum(l, product.high, l.add(product.low, cross))
}

export const divide = (l: Lanes, x: Pair, y: Pair): Pair => {
  const quotient = l.let(l.div(x.high, y.high))
  const product = twoProduct(l, quotient, y.high)
  const remainder = l.sub(
    l.add(l.sub(l.sub(x.high, product.high), product.low), x.low),
    l.mul(quotient, y.low),
  )
  return quickTwoSum(l, quotient, l.div(remainder, y.high))
}

/** c[0] + c[1] x + c[2] x² + ... */
export const polynomialOf = (l: Lanes, coefficients: readonly Constant[], x: Pair): Pair => {
  const [last, ...before] = [...coefficients].reverse()
  return before.reduce((sum, c) => add(l, multiply(l, sum, x), constantPair(l, c)), constantPair(l, last!))
}
