import {
  abs,
  greater,
  less,
  maximum,
  minimum,
  mul,
  type Num,
  sign,
  sub,
  type Tensor,
  where,
} from '@cotangent/core'
import { best } from './candidates.js'
import { type Entrywise, entrywise } from './entrywise.js'
import { times } from './scalars.js'
import { above, show, strength } from './strength.js'

/**
 * R(x) = λ·Σmin(|xᵢ|, θ): {@link l1} that leaves large entries alone. Its prox is the better of the soft threshold up to
 * θ and |x| itself from θ on. Zhang 2010, "Analysis of multi-stage convex relaxation for sparse regularization".
 *
 * @example
 * cappedL1(1, 2).value(tensor([3, -1])) // => 3
 * cappedL1(1, 2).prox(tensor([3, 1.5, 0.5]), 1) // => [3, 0.5, 0]
 */
export const cappedL1 = (lambda: Num, theta: Num): Entrywise => {
  strength('cappedL1', lambda)
  above('cappedL1', 'θ', theta, 0)
  const value = (x: Tensor): Tensor => mul(minimum(abs(x), theta), lambda)
  return entrywise({
    name: `cappedL1(${show(lambda)}, ${show(theta)})`,
    traits: { convex: false, smooth: false },
    value,
    slope: (x) => where(less(abs(x), theta), mul(sign(x), lambda), 0),
    kink: lambda,
    prox: (x, t) =>
      best(x, t, value, (a) => [
        minimum(maximum(sub(a, times(t, lambda)), 0), theta),
        where(greater(a, theta), a, theta),
      ]),
  })
}
