import { abs, div, equal, less, minimum, mul, type Num, pow, sign, type Tensor, where } from '@cotangent/core'
import type { Functional } from '../functional.js'
import { concaveProx, monotoneProx } from './candidates.js'
import { type Entrywise, entrywise } from './entrywise.js'
import { l1 } from './l1.js'
import { times } from './scalars.js'
import { above, show, strength } from './strength.js'

// |x|^q with every derivative 0 at 0, where the slope is infinite.
const power = (x: Tensor, q: number): Tensor => {
  const zero = equal(x, 0)
  return where(zero, 0, pow(where(zero, 1, abs(x)), q))
}

const concavePower = (name: string, lambda: Num, q: number): Entrywise => {
  const value = (x: Tensor): Tensor => mul(power(x, q), lambda)
  const slope = (x: Tensor): Tensor => mul(mul(sign(x), power(x, q - 1)), times(lambda, q))
  const curvature = (x: Tensor): Tensor => mul(power(x, q - 2), times(lambda, q * (q - 1)))
  return entrywise({
    name,
    traits: { convex: false, smooth: false },
    value,
    slope,
    kink: lambda === 0 ? 0 : Number.POSITIVE_INFINITY,
    // At the jump z/|x| is 2(1-q)/(2-q). It only grows from there.
    prox: (x, t) => concaveProx(x, t, { value, slope, curvature }, (1 - q) / (2 - q)),
  })
}

/**
 * R(x) = λ·Σ√|xᵢ|. Its slope is infinite at 0 and counts as 0 there. Its prox jumps at |x| = 3/2·(tλ)^⅔.
 * Xu et al. 2012, https://doi.org/10.1109/TNNLS.2012.2197412
 *
 * @example
 * lHalf(2).value(tensor([4, 0])) // => 4
 * lHalf(1).prox(tensor([1.4, 4]), 1) // => [0, 3.7415]
 */
export const lHalf = (lambda: Num): Entrywise => {
  strength('lHalf', lambda)
  return concavePower(`lHalf(${show(lambda)})`, lambda, 1 / 2)
}

/**
 * R(x) = λ·Σ|xᵢ|^⅔. Its slope is infinite at 0 and counts as 0 there. Its prox jumps at |x| = 2(⅔tλ)^¾.
 * Cao, Sun & Xu 2013, https://doi.org/10.1016/j.jvcir.2012.10.006
 *
 * @example
 * lTwoThirds(2).value(tensor([8, 0])) // => 8
 * lTwoThirds(1).prox(tensor([1.4, 4]), 1) // => [0, 3.5633]
 */
export const lTwoThirds = (lambda: Num): Entrywise => {
  strength('lTwoThirds', lambda)
  return concavePower(`lTwoThirds(${show(lambda)})`, lambda, 2 / 3)
}

const convexPower = (name: string, lambda: Num, p: number, conjugate?: Functional): Entrywise => {
  const value = (x: Tensor): Tensor => mul(power(x, p), lambda)
  const slope = (x: Tensor): Tensor => mul(mul(sign(x), power(x, p - 1)), times(lambda, p))
  // Below p = 2 it is infinite at 0, where the prox is 0 with all its derivatives.
  const curvature = (x: Tensor): Tensor => mul(power(x, p - 2), times(lambda, p * (p - 1)))
  // In z + tλp·zᵖ⁻¹ = a one of the two terms is at least a/2, and neither is above a.
  const share = p < 2 ? 0.5 : 1
  const start = (t: Num) => (a: Tensor) => {
    const alone = power(div(mul(a, share), times(t, times(lambda, p))), 1 / (p - 1))
    return minimum(mul(a, share), alone)
  }
  return entrywise({
    name,
    traits: { convex: true, smooth: true },
    value,
    slope,
    kink: 0,
    prox: (x, t) => monotoneProx(x, t, { value, slope, curvature }, start(t), (a) => less(p < 2 ? 0 : -1, a)),
    ...(conjugate === undefined ? {} : { conjugate }),
  })
}

// (p - 1)λ·Σ(|yᵢ|/pλ)^(p/(p-1)).
const powerConjugate = (name: string, lambda: number, p: number): Functional =>
  convexPower(`${name}*`, (p - 1) * lambda * (p * lambda) ** (-p / (p - 1)), p / (p - 1))

/**
 * R(x) = λ·Σ|xᵢ|ᵖ for any p above 0 (bridge): for p below 1 sparse and not convex, for p = 1 {@link l1}. The slope counts as 0
 * at 0. The prox is exact for every step; for p below 1 it jumps at 0. Frank & Friedman 1993; Marjanovic & Solo 2012,
 * https://doi.org/10.1109/TSP.2012.2212015
 *
 * @example
 * lp(2, 3).value(tensor([2, -1])) // => 18
 * lp(1, 1.5).prox(tensor([4, 0]), 1) // => [1.921, 0]
 */
export const lp = (lambda: Num, p: number): Entrywise => {
  strength('lp', lambda)
  above('lp', 'p', p, 0)
  const name = `lp(${show(lambda)}, ${p})`
  if (p < 1) return concavePower(name, lambda, p)
  if (p === 1) return { ...l1(lambda), name }
  const conjugate = typeof lambda === 'number' && lambda > 0 ? powerConjugate(name, lambda, p) : undefined
  return convexPower(name, lambda, p, conjugate)
}
