import { asymptoticTerms, nextToZero, positiveZero, slopeAtZero } from '../../../math/special/digamma.js'
import { one, pi } from '../../../math/special/doubleDouble.js'
import { euler, nextToOne, nextToTwo, slopeAtTwo, stirlingTerms } from '../../../math/special/lgamma.js'
import { type V128, v128 } from '../../wasm/index.js'
import { type Pair, quickTwoSum } from './doubleDouble.js'
import type { Lanes } from './lanes.js'
import { log } from './logarithm.js'
import {
  add,
  constant,
  cosinePi,
  divide,
  evaluate,
  logarithm,
  multiply,
  number,
  rounded,
  scale,
  shared,
  sinePi,
  subtract,
  twoSum,
} from './precise.js'

// The interpreter's algorithms, packages/core/src/math/special/lgamma.ts and digamma.ts, whose sources stand there, lane
// by lane: sums of two float64 because of what cancels next to the zeros.

const stirlingFrom = 24
const halfLogTwoPi = [0.9189385332046728, -3.8782941580672414e-17] as const

/** x, x + 1, ... while it is below 24 in any lane: `step` sees the lanes where it is and returns what to keep there. */
const shiftUp = (l: Lanes, x: V128, start: Pair, step: (state: Pair, shifted: Pair) => Pair) => {
  const variable = (value: V128) => {
    const local = l.f.local('v128')
    l.f.set(local, value)
    return local
  }
  const [shiftedHigh, shiftedLow] = [variable(x), variable(l.const(0))]
  const [stateHigh, stateLow] = [variable(start.high), variable(start.low)]
  const count = variable(l.const(0))
  const shifted = { high: shiftedHigh, low: shiftedLow }
  const state = { high: stateHigh, low: stateLow }
  const below = variable(l.lt(shiftedHigh, l.const(stirlingFrom)))
  l.f.while(v128.anyTrue(below), () => {
    const next = step(state, shifted)
    l.f.set(count, l.add(count, l.const(1)))
    const up = twoSum(l, x, count)
    l.f.set(stateHigh, l.select(below, next.high, stateHigh))
    l.f.set(stateLow, l.select(below, next.low, stateLow))
    l.f.set(shiftedHigh, l.select(below, up.high, shiftedHigh))
    l.f.set(shiftedLow, l.select(below, up.low, shiftedLow))
    l.f.set(below, l.lt(shiftedHigh, l.const(stirlingFrom)))
  })
  return { shifted, state }
}

/** log Γ(x) for x in [1e-20, 1e17]: x (x + 1) ... takes the argument up to 24, Stirling's series does the rest. */
const logGamma = shared('logGamma', (l, x) => {
  const { shifted, state } = shiftUp(l, x!.high, constant(l, one), (product, at) => multiply(l, product, at))
  const reciprocal = divide(l, constant(l, one), shifted)
  const series = multiply(l, evaluate(l, stirlingTerms, multiply(l, reciprocal, reciprocal)), reciprocal)
  const power = multiply(l, subtract(l, shifted, constant(l, [0.5, 0])), logarithm(l, shifted))
  const stirling = add(l, subtract(l, power, shifted), add(l, constant(l, halfLogTwoPi), series))
  return subtract(l, stirling, logarithm(l, state))
})

/** t (slope + t p(t)): a function about a zero of it, t the distance from the zero. */
const aboutZero = (l: Lanes, t: Pair, slope: number, descending: readonly number[]): V128 => {
  const p = l.mul(t.high, l.polynomial([...descending].reverse(), t.high))
  return l.let(rounded(l, multiply(l, t, quickTwoSum(l, l.const(slope), p))))
}

/** The distance to the nearest whole number. */
const offsetOf = (l: Lanes, x: V128): V128 => l.let(l.sub(x, l.nearest(x)))

/** log|Γ(x)|. */
export const lgamma = (l: Lanes, x: V128): V128 => {
  const size = l.let(l.abs(x))
  const inside = l.let(l.max(l.min(size, l.const(1e17)), l.const(1e-20)))
  const y = l.f.local('v128')
  const positive = logGamma(l, number(l, inside))
  l.f.set(y, rounded(l, positive))
  const negative = l.let(l.lt(x, l.const(0)))
  l.f.if(v128.anyTrue(negative), () => {
    const offset = offsetOf(l, inside)
    const sine = sinePi(l, number(l, l.abs(offset)))
    const usual = l.gt(l.abs(offset), l.const(0))
    const ratio = divide(l, constant(l, pi), multiply(l, number(l, inside), sine))
    const reflected = rounded(l, subtract(l, logarithm(l, ratio), positive))
    const pole = l.const(Number.POSITIVE_INFINITY)
    const beyond = v128.and(usual, l.lt(size, l.const(1e17)))
    l.f.set(y, l.select(negative, l.select(beyond, l.let(reflected), pole), y))
  })
  for (const [zero, slope, terms] of [
    [1, -euler, nextToOne],
    [2, slopeAtTwo, nextToTwo],
  ] as const) {
    const t = l.let(l.sub(x, l.const(zero)))
    const near = l.let(l.le(l.abs(t), l.const(1 / 16)))
    l.f.if(v128.anyTrue(near), () =>
      // + 0 makes the zero itself positive
      l.f.set(y, l.select(near, l.add(aboutZero(l, number(l, t), slope, terms), l.const(0)), y)),
    )
  }
  const tiny = l.let(l.lt(size, l.const(1e-20)))
  const large = l.let(l.gt(x, l.const(1e17)))
  l.f.if(v128.anyTrue(v128.or(tiny, large)), () => {
    const logarithmOfSize = l.let(log(l, size))
    const atLarge = l.mul(x, l.sub(logarithmOfSize, l.const(1)))
    l.f.set(y, l.select(tiny, l.neg(logarithmOfSize), l.select(large, atLarge, y)))
  })
  return l.select(l.eq(x, x), y, x)
}

/** ψ(x) for x in [1e-20, 1e17], by 1/x + 1/(x + 1) + ... up to 24 and the asymptotic series. */
const digammaOfPositive = shared('digamma', (l, x) => {
  const { shifted, state } = shiftUp(l, x!.high, constant(l, [0, 0]), (sum, at) =>
    add(l, sum, divide(l, constant(l, one), at)),
  )
  const r = divide(l, constant(l, one), shifted)
  const square = multiply(l, r, r)
  const terms = multiply(l, evaluate(l, asymptoticTerms, square), square)
  return subtract(l, logarithm(l, shifted), add(l, terms, add(l, state, scale(l, r, 0.5))))
})

/** ψ(x). */
export const digamma = (l: Lanes, x: V128): V128 => {
  const size = l.let(l.abs(x))
  const inside = l.let(l.max(l.min(size, l.const(1e17)), l.const(1e-20)))
  const y = l.f.local('v128')
  const positive = digammaOfPositive(l, number(l, inside))
  l.f.set(y, rounded(l, positive))
  const negative = l.let(l.lt(x, l.const(0)))
  l.f.if(v128.anyTrue(negative), () => {
    const offset = l.let(l.neg(offsetOf(l, inside)))
    const atPole = l.eq(offset, l.const(0))
    const sine = sinePi(l, number(l, l.abs(offset)))
    const cosine = cosinePi(l, offset)
    const cotangent = multiply(l, constant(l, pi), divide(l, cosine, sine))
    const sign = l.let(v128.and(offset, l.signBit))
    const signed = {
      high: l.let(v128.xor(cotangent.high, sign)),
      low: l.let(v128.xor(cotangent.low, sign)),
    }
    const atOneMore = add(l, positive, divide(l, constant(l, one), number(l, inside)))
    const reflected = l.let(rounded(l, subtract(l, atOneMore, signed)))
    l.f.set(y, l.select(negative, l.select(atPole, l.const(Number.NaN), reflected), y))
  })
  const t = l.let(l.sub(x, l.const(positiveZero[0])))
  const near = l.let(l.le(l.abs(t), l.const(1 / 16)))
  l.f.if(v128.anyTrue(near), () => {
    const distance = twoSum(l, t, l.const(-positiveZero[1]))
    l.f.set(y, l.select(near, aboutZero(l, distance, slopeAtZero, nextToZero), y))
  })
  const tiny = l.let(l.lt(size, l.const(1e-20)))
  const large = l.let(l.gt(size, l.const(1e17)))
  l.f.if(v128.anyTrue(v128.or(tiny, large)), () => {
    const atLarge = l.let(log(l, x))
    l.f.set(y, l.select(tiny, l.div(l.const(-1), x), l.select(large, atLarge, y)))
  })
  return l.select(l.eq(x, x), y, x)
}
