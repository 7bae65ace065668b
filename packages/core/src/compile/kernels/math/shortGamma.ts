import { bernoulliNumbers } from '../../../math/special/bernoulli.js'
import { euler, nextToOne, nextToTwo, slopeAtTwo } from '../../../math/special/lgamma.js'
import { sineTerms } from '../../../math/special/sinePi.js'
import { type V128, v128 } from '../../wasm/index.js'
import type { Lanes } from './lanes.js'
import { log } from './logarithm.js'

// The gamma family in plain float64, for float32 results: arguments below 8 are taken up by 8, Stirling's and the
// asymptotic series do the rest, and what is left of 0 is reflected. Absolute errors near 1e-15 are below half an ulp
// of a float32 next to the zeros too, but for 1 and 2, about which the interpreter's polynomials stand.

const from = 8
const bernoulli = bernoulliNumbers.slice(0, 7).map(([high]) => high)
/** B_2k / (2k (2k - 1)), and B_2k / 2k. */
const stirlingTerms = bernoulli.map((b, i) => b / ((2 * i + 2) * (2 * i + 1)))
const asymptoticTerms = bernoulli.map((b, i) => b / (2 * i + 2))
const halfLogTwoPi = 0.9189385332046728
const sine = sineTerms
  .slice(-12)
  .map(([high]) => high)
  .reverse()

/** sin(π r) for 0 <= r <= 1/2. */
const sinePi = (l: Lanes, r: V128): V128 => {
  const angle = l.let(l.mul(r, l.const(Math.PI)))
  return l.mul(angle, l.polynomial(sine, l.let(l.mul(angle, angle))))
}

const log1To8 = (l: Lanes, z: V128, isLow: V128): V128 => {
  const product = Array.from({ length: from - 1 }, (_, i) => l.add(z, l.const(i + 1))).reduce(
    (p, factor) => l.mul(p, factor),
    z,
  )
  return log(l, l.select(isLow, l.let(product), l.const(1)))
}

/** log Γ(z) for z > 0. */
const logGamma = (l: Lanes, z: V128): V128 => {
  const isLow = l.let(l.lt(z, l.const(from)))
  const up = l.let(l.add(z, v128.and(isLow, l.const(from))))
  const r = l.let(l.div(l.const(1), up))
  const series = l.mul(r, l.polynomial(stirlingTerms, l.let(l.mul(r, r))))
  const power = l.sub(l.mul(l.sub(up, l.const(0.5)), log(l, up)), up)
  const y = l.f.local('v128')
  l.f.set(y, l.sub(l.add(power, l.add(series, l.const(halfLogTwoPi))), log1To8(l, z, isLow)))
  for (const [zero, slope, terms] of [
    [1, -euler, nextToOne],
    [2, slopeAtTwo, nextToTwo],
  ] as const) {
    const t = l.let(l.sub(z, l.const(zero)))
    const near = l.mul(t, l.polynomial([slope, ...[...terms].reverse()], t))
    // + 0 makes the zero itself positive
    l.f.set(y, l.select(l.le(l.abs(t), l.const(1 / 16)), l.add(near, l.const(0)), y))
  }
  return y
}

/** log|Γ(x)|. */
export const shortLgamma = (l: Lanes, x: V128): V128 => {
  const size = l.let(l.abs(x))
  const y = l.f.local('v128')
  l.f.set(y, logGamma(l, size))
  const negative = l.let(l.lt(x, l.const(0)))
  l.f.if(v128.anyTrue(negative), () => {
    const offset = l.let(l.abs(l.sub(size, l.nearest(size))))
    const ratio = l.div(l.const(Math.PI), l.mul(size, sinePi(l, offset)))
    const reflected = l.sub(log(l, ratio), y)
    const whole = l.eq(offset, l.const(0))
    l.f.set(y, l.select(negative, l.select(whole, l.const(Number.POSITIVE_INFINITY), l.let(reflected)), y))
  })
  const endless = l.eq(size, l.const(Number.POSITIVE_INFINITY))
  return l.select(v128.or(endless, l.eq(size, l.const(0))), l.const(Number.POSITIVE_INFINITY), y)
}

/** ψ(x). */
export const shortDigamma = (l: Lanes, x: V128): V128 => {
  const z = l.let(l.abs(x))
  const isLow = l.let(l.lt(z, l.const(from)))
  const up = l.let(l.add(z, v128.and(isLow, l.const(from))))
  // 1/z + 1/(z + 1) + ... as one quotient, which is z'/z for z the product
  let [numerator, denominator]: [V128, V128] = [l.const(1), z]
  for (let i = 1; i < from; i++) {
    const next = l.let(l.add(z, l.const(i)))
    numerator = l.let(l.add(l.mul(numerator, next), denominator))
    denominator = l.let(l.mul(denominator, next))
  }
  const sum = v128.and(isLow, l.div(numerator, denominator))
  const r = l.let(l.div(l.const(1), up))
  const square = l.let(l.mul(r, r))
  const series = l.add(l.mul(r, l.const(0.5)), l.mul(square, l.polynomial(asymptoticTerms, square)))
  const y = l.f.local('v128')
  l.f.set(y, l.sub(l.sub(log(l, up), series), sum))
  const negative = l.let(l.lt(x, l.const(0)))
  l.f.if(v128.anyTrue(negative), () => {
    const offset = l.let(l.sub(x, l.nearest(x)))
    const size = l.let(l.abs(offset))
    const cotangent = l.div(sinePi(l, l.sub(l.const(0.5), size)), sinePi(l, size))
    const signed = v128.xor(l.mul(cotangent, l.const(Math.PI)), v128.and(offset, l.signBit))
    const reflected = l.sub(l.sub(y, l.div(l.const(1), x)), signed)
    const whole = l.eq(offset, l.const(0))
    l.f.set(y, l.select(negative, l.select(whole, l.const(Number.NaN), l.let(reflected)), y))
  })
  const defined = l.gt(x, l.const(Number.NEGATIVE_INFINITY))
  const finite = l.select(l.eq(x, l.const(0)), l.div(l.const(-1), x), y)
  return l.select(defined, finite, l.const(Number.NaN))
}

/**
 * ψ⁽ⁿ⁾(x) = (-1)^(n+1) n! ζ(n + 1, x) for x > 0 and orders whose factorials and powers float64 holds: terms up to
 * x + 8 + n, then Euler's and Maclaurin's formula.
 */
export const shortPolygamma =
  (n: number) =>
  (l: Lanes, x: V128): V128 => {
    const power = (y: V128, k: number): V128 => {
      let result: V128 | undefined
      for (let square = y, left = k; ; square = l.let(l.mul(square, square))) {
        if (left % 2 === 1) result = result ? l.let(l.mul(result, square)) : square
        left = Math.floor(left / 2)
        if (left === 0) return result!
      }
    }
    const inverse = (y: V128) => l.let(l.div(l.const(1), y))
    const steps = from + n
    let sum: V128 = l.const(0)
    for (let k = 0; k < steps; k++) sum = l.let(l.add(sum, power(inverse(l.add(x, l.const(k))), n + 1)))
    const r = inverse(l.add(x, l.const(steps)))
    // B_2j (n + 1) (n + 2) ... (n + 2j - 1) / (2j)!
    let rising = 1
    const terms = bernoulli.map((b, i) => {
      const j = i + 1
      rising *= j === 1 ? (n + 1) / 2 : ((n + 2 * j - 2) * (n + 2 * j - 1)) / ((2 * j - 1) * (2 * j))
      return b * rising
    })
    const square = l.let(l.mul(r, r))
    const tail = l.add(
      l.const(1 / n),
      l.add(l.mul(r, l.const(0.5)), l.mul(square, l.polynomial(terms, square))),
    )
    let factorial = n % 2 === 0 ? -1 : 1
    for (let k = 2; k <= n; k++) factorial *= k
    return l.mul(l.add(sum, l.mul(power(r, n), tail)), l.const(factorial))
  }
