import { abs, equal, mul, type Num, pow, sign, type Tensor, where } from '@cotangent/core'
import { concaveProx } from './candidates.js'
import { type Entrywise, entrywise } from './entrywise.js'
import { times } from './scalars.js'
import { show, strength } from './strength.js'

// |x|^q with every derivative 0 at 0, where the slope is infinite.
const power = (x: Tensor, q: number): Tensor => {
  const zero = equal(x, 0)
  return where(zero, 0, pow(where(zero, 1, abs(x)), q))
}

const concavePower = (name: string, lambda: Num, q: number): Entrywise => {
  strength(name, lambda)
  const value = (x: Tensor): Tensor => mul(power(x, q), lambda)
  const slope = (x: Tensor): Tensor => mul(mul(sign(x), power(x, q - 1)), times(lambda, q))
  const curvature = (x: Tensor): Tensor => mul(power(x, q - 2), times(lambda, q * (q - 1)))
  return entrywise({
    name: `${name}(${show(lambda)})`,
    traits: { convex: false, smooth: false },
    value,
    slope,
    kink: lambda === 0 ? 0 : Number.POSITIVE_INFINITY,
    // At the jump z/|x| is 2(1-q)/(2-q): 2/3 and 1/2. It only grows from there.
    prox: (x, t) => concaveProx(x, t, { value, slope, curvature }, 0.25),
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
export const lHalf = (lambda: Num): Entrywise => concavePower('lHalf', lambda, 1 / 2)

/**
 * R(x) = λ·Σ|xᵢ|^⅔. Its slope is infinite at 0 and counts as 0 there. Its prox jumps at |x| = 2(⅔tλ)^¾.
 * Cao, Sun & Xu 2013, https://doi.org/10.1016/j.jvcir.2012.10.006
 *
 * @example
 * lTwoThirds(2).value(tensor([8, 0])) // => 8
 * lTwoThirds(1).prox(tensor([1.4, 4]), 1) // => [0, 3.5633]
 */
export const lTwoThirds = (lambda: Num): Entrywise => concavePower('lTwoThirds', lambda, 2 / 3)
