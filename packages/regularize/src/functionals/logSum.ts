import { abs, add, div, log1p, mul, type Num, sign, square, type Tensor } from '@cotangent/core'
import { concaveProx } from './candidates.js'
import { type Entrywise, entrywise } from './entrywise.js'
import { minus, over, times } from './scalars.js'
import { above, show, strength } from './strength.js'

/**
 * R(x) = λ·Σlog(1 + |xᵢ|/ε). Its prox is the larger root of (z - |x|)(z + ε) + tλ or 0, whichever has the lower objective.
 * Candès, Wakin & Boyd 2008, https://doi.org/10.1007/s00041-008-9045-x; Prater-Bennette, Shen & Tripp 2021.
 *
 * @example
 * logSum(1, 1).value(tensor([0, 1.718281828])) // => 1
 * logSum(3, 0.5).prox(tensor([5.75, 1]), 1) // => [5.2261, 0]
 */
export const logSum = (lambda: Num, epsilon: Num): Entrywise => {
  strength('logSum', lambda)
  above('logSum', 'ε', epsilon, 0)
  const slope = (x: Tensor): Tensor => div(mul(sign(x), lambda), add(abs(x), epsilon))
  const value = (x: Tensor): Tensor => mul(log1p(div(abs(x), epsilon)), lambda)
  const curvature = (x: Tensor): Tensor => div(minus(lambda), square(add(abs(x), epsilon)))
  return entrywise({
    name: `logSum(${show(lambda)}, ${show(epsilon)})`,
    traits: { convex: false, smooth: false, weakConvexity: over(lambda, times(epsilon, epsilon)) },
    value,
    slope,
    kink: over(lambda, epsilon),
    prox: (x, t) => concaveProx(x, t, { value, slope, curvature }),
  })
}
