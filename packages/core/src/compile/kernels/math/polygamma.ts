import { type DoubleDouble, one, pi } from '../../../math/special/doubleDouble.js'
import { logGamma } from '../../../math/special/lgamma.js'
import { cotangentCoefficients } from '../../../math/special/polygamma.js'
import { eulerMaclaurinTerms } from '../../../math/special/zeta.js'
import { type V128, v128 } from '../../wasm/index.js'
import type { Pair } from './doubleDouble.js'
import { doubles, type Lanes } from './lanes.js'
import {
  add,
  constant,
  cosinePi,
  divide,
  exponential,
  integerPower,
  logarithm,
  multiply,
  number,
  rounded,
  scale,
  sinePi,
  twoSum,
} from './precise.js'

import { shortPolygamma } from './shortGamma.js'
import { callOf, type LaneFunction, throughDoubles } from './table.js'

// The interpreter's algorithms, packages/core/src/math/special/polygamma.ts and zeta.ts, whose sources stand there, lane
// by lane, for an order that is known when the code is made.

/** mantissa 2^count, whose size may be beyond the doubles. */
interface Scaled {
  readonly mantissa: Pair
  readonly count: V128
}

/** y 2^count for y between 2^-100 and 2^100, count cut to what matters: in three factors, of which the last rounds. */
const scaleByCount = (l: Lanes, y: V128, count: V128): V128 => {
  const magic = 1.5 * 2 ** 52
  const c = l.let(l.max(l.min(count, l.const(2600)), l.const(-2600)))
  const third = l.let(l.trunc(l.mul(c, l.const(1 / 3))))
  const power = (n: V128) => l.addInt(l.shl(l.add(n, l.const(magic)), 52), l.int(0x3ff0000000000000n))
  const twice = l.let(power(third))
  return l.mul(l.mul(l.mul(y, twice), twice), power(l.sub(c, l.add(third, third))))
}

/**
 * The sum over k >= from of (q / (q + k))^s. Terms are added until q + k >= s + 24 or they no longer count; the rest by
 * Euler's and Maclaurin's formula.
 */
const ratioSum = (l: Lanes, s: number, q: V128, from: 0 | 1): Pair => {
  const variable = (value: V128) => {
    const local = l.f.local('v128')
    l.f.set(local, value)
    return local
  }
  const first = twoSum(l, q, l.const(from))
  const [high, low] = [variable(first.high), variable(first.low)]
  const [sumHigh, sumLow] = [variable(l.const(0)), variable(l.const(0))]
  const count = variable(l.const(from))
  const shifted = { high, low }
  const sum = { high: sumHigh, low: sumLow }
  const base = number(l, q)
  const below = variable(l.lt(high, l.const(s + 24)))
  l.f.while(v128.anyTrue(below), () => {
    const term = integerPower(l, divide(l, base, shifted), s)
    const next = add(l, sum, term)
    l.f.set(count, l.add(count, l.const(1)))
    const up = twoSum(l, q, count)
    l.f.set(sumHigh, l.select(below, next.high, sumHigh))
    l.f.set(sumLow, l.select(below, next.low, sumLow))
    l.f.set(high, l.select(below, up.high, high))
    l.f.set(low, l.select(below, up.low, low))
    l.f.set(below, l.lt(high, l.const(s + 24)))
  })
  const reciprocal = divide(l, constant(l, one), shifted)
  const square = multiply(l, reciprocal, reciprocal)
  let rising = multiply(l, constant(l, [s, 0]), reciprocal)
  let tail = add(l, divide(l, shifted, constant(l, [s - 1, 0])), constant(l, [0.5, 0]))
  let order = s
  for (const coefficient of eulerMaclaurinTerms) {
    tail = add(l, tail, multiply(l, constant(l, coefficient), rising))
    rising = multiply(l, multiply(l, rising, constant(l, [(order + 1) * (order + 2), 0])), square)
    order += 2
  }
  return add(l, sum, multiply(l, integerPower(l, divide(l, base, shifted), s), tail))
}

/** n! ζ(n + 1, x) for 0 < x <= 1e17 n; without its first term for `from` = 1. */
const factorialZeta = (l: Lanes, n: number, x: V128, from: 0 | 1): Scaled => {
  const power = multiply(l, logarithm(l, number(l, x)), constant(l, [-n - 1, 0]))
  const { mantissa, count } = exponential(l, add(l, constant(l, logGamma(n + 1)), power))
  return { mantissa: multiply(l, mantissa, ratioSum(l, n + 1, x, from)), count }
}

/** (-1)^n π dⁿ/drⁿ cot(π r) for 0 < |r| <= 1/2: n! (π / s)^(n+1) Σ a_k c^k s^(n+1-k), s and c the sine and cosine. */
const cotangentDerivative = (l: Lanes, n: number, r: V128): Scaled => {
  const sine = sinePi(l, number(l, l.abs(r)))
  const cosine = cosinePi(l, r)
  const coefficients = cotangentCoefficients(n) as readonly DoubleDouble[]
  const sineSquare = multiply(l, sine, sine)
  const cosineSquare = multiply(l, cosine, cosine)
  let sinePower = constant(l, one)
  let sum = constant(l, [0, 0])
  for (let k = n + 1; k >= 0; k -= 2) {
    sum = add(l, multiply(l, sum, cosineSquare), multiply(l, constant(l, coefficients[k]!), sinePower))
    sinePower = multiply(l, sinePower, sineSquare)
  }
  if (n % 2 === 0) sum = multiply(l, sum, cosine)
  const power = multiply(l, logarithm(l, divide(l, constant(l, pi), sine)), constant(l, [n + 1, 0]))
  const { mantissa, count } = exponential(l, add(l, constant(l, logGamma(n + 1)), power))
  const product = multiply(l, mantissa, sum)
  if (n % 2 === 1) return { mantissa: product, count }
  const sign = l.let(v128.and(r, l.signBit))
  return {
    mantissa: { high: l.let(v128.xor(product.high, sign)), low: l.let(v128.xor(product.low, sign)) },
    count,
  }
}

/** The sum, rounded once: the larger power of two is taken off both, so that neither overflows alone. */
const sumOfScaled = (l: Lanes, a: Scaled, b: Scaled): V128 => {
  const larger = l.let(l.max(a.count, b.count))
  const aligned = [a, b].map(({ mantissa, count }): Pair => {
    const by = l.let(l.sub(count, larger))
    return {
      high: l.let(scaleByCount(l, mantissa.high, by)),
      low: l.let(scaleByCount(l, mantissa.low, by)),
    }
  })
  return scaleByCount(l, rounded(l, add(l, aligned[0]!, aligned[1]!)), larger)
}

/** ψ⁽ⁿ⁾(x) = (-1)^(n+1) n! ζ(n + 1, x), by reflection on the left of 0. */
const polygammaOf =
  (n: number) =>
  (l: Lanes, x: V128): V128 => {
    const sign = l.const(n % 2 === 0 ? -1 : 1)
    const infinity = Number.POSITIVE_INFINITY
    const size = l.let(l.abs(x))
    const inside = l.let(l.max(l.min(size, l.const(1e17 * n)), l.const(5e-324)))
    // logarithms want normal numbers; what is smaller is as infinite
    const normal = l.let(l.max(inside, l.const(2 ** -1022)))
    const y = l.f.local('v128')
    const positive = l.let(l.gt(x, l.const(0)))
    l.f.if(v128.anyTrue(positive), () => {
      const { mantissa, count } = factorialZeta(l, n, normal, 0)
      l.f.set(y, scaleByCount(l, rounded(l, mantissa), count))
      const large = l.let(l.gt(x, l.const(1e17 * n)))
      l.f.if(v128.anyTrue(large), () => {
        const power = multiply(
          l,
          logarithm(l, number(l, l.min(size, l.const(Number.MAX_VALUE)))),
          constant(l, [-n, 0]),
        )
        const far = exponential(l, add(l, constant(l, logGamma(n)), power))
        const value = l.let(scaleByCount(l, rounded(l, far.mantissa), far.count))
        l.f.set(y, l.select(large, l.select(l.eq(x, l.const(infinity)), l.const(0), value), y))
      })
    })
    l.f.if(v128.anyTrue(l.lt(x, l.const(0))), () => {
      const offset = l.let(l.sub(l.nearest(normal), normal))
      const safe = l.let(l.select(l.eq(offset, l.const(0)), l.const(0.5), offset))
      const zeta = factorialZeta(l, n, normal, 1)
      const other = n % 2 === 0 ? zeta : { ...zeta, mantissa: scale(l, zeta.mantissa, -1) }
      const reflected = l.let(sumOfScaled(l, cotangentDerivative(l, n, safe), other))
      l.f.set(y, l.select(positive, y, reflected))
    })
    const signed = l.let(l.mul(sign, y))
    const whole = v128.and(l.le(x, l.const(0)), l.eq(l.trunc(x), x))
    const atZero = l.div(l.const(-1), x)
    const pole = n % 2 === 1 ? l.const(infinity) : l.select(l.eq(x, l.const(0)), atZero, l.const(Number.NaN))
    const ordered = v128.and(l.eq(x, x), l.gt(x, l.const(-infinity)))
    return l.select(ordered, l.select(whole, pole, signed), l.const(Number.NaN))
  }

/** The same for float32, in plain float64 where that is enough. */
const shortPolygammaOf =
  (n: number) =>
  (l: Lanes, x: V128): V128 => {
    const y = l.f.local('v128')
    l.f.set(y, shortPolygamma(n)(l, x))
    l.f.if(v128.anyTrue(v128.not(l.gt(x, l.const(0)))), () =>
      l.f.set(
        y,
        callOf(l.lib, `polygamma${n}.64`, (f, a) => polygammaOf(n)(doubles(f, l.lib), a!), [x]),
      ),
    )
    return y
  }

/** The n-th derivative of digamma. */
export const polygamma = (n: number): LaneFunction =>
  throughDoubles(`polygamma${n}.`, polygammaOf(n), n <= 8 ? shortPolygammaOf(n) : undefined)
