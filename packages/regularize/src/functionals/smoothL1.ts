import {
  abs,
  add,
  all,
  div,
  hypot,
  lessEqual,
  maximum,
  mul,
  type Num,
  pow,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  where,
} from '@cotangent/core'
import type { Functional } from '../functional.js'
import { monotoneProx } from './candidates.js'
import { type Entrywise, entrywise } from './entrywise.js'
import { over, plus, times } from './scalars.js'
import { above, show, strength } from './strength.js'

// Σ ε(λ - √(λ² - y²)) on the box |yᵢ| ≤ λ.
const conjugateOf = (name: string, lambda: Num, epsilon: Num): Functional => ({
  name: `${name}*`,
  traits: { convex: true, smooth: false, separable: 'entry' },
  value: (y) => {
    const inside = lessEqual(abs(y), lambda)
    const safe = where(inside, y, 0)
    const root = sqrt(sub(times(lambda, lambda), square(safe)))
    return where(all(inside), mul(sum(sub(lambda, root)), epsilon), Number.POSITIVE_INFINITY)
  },
})

/**
 * R(x) = λ·Σ(√(xᵢ² + ε²) - ε): {@link l1} made smooth to every order. Its prox is the root of a scalar equation, found by
 * Newton's method from below, where it is monotone.
 *
 * @example
 * smoothL1(1, 3).value(tensor([4, 0])) // => 2
 * smoothL1(1, 3).prox(tensor([4.8]), 1) // => [4]
 */
export const smoothL1 = (lambda: Num, epsilon: Num): Entrywise => {
  strength('smoothL1', lambda)
  above('smoothL1', 'ε', epsilon, 0)
  const name = `smoothL1(${show(lambda)}, ${show(epsilon)})`
  const square2 = times(epsilon, epsilon)
  const size = (x: Tensor) => hypot(x, epsilon)
  const r = {
    // x²/(√(x² + ε²) + ε), in which small values do not cancel and large ones do not overflow.
    value: (x: Tensor) => mul(mul(x, div(x, add(size(x), epsilon))), lambda),
    slope: (x: Tensor) => mul(div(x, size(x)), lambda),
    curvature: (x: Tensor) => div(times(lambda, square2), pow(size(x), 3)),
  }
  return entrywise({
    name,
    traits: { convex: true, smooth: true },
    value: r.value,
    slope: r.slope,
    kink: 0,
    // |r'| ≤ λ and |r'| ≤ λ|z|/ε give the two lower bounds.
    prox: (x, t) =>
      monotoneProx(x, t, r, (a) => {
        const tau = times(t, lambda)
        return maximum(sub(a, tau), div(a, plus(over(tau, epsilon), 1)))
      }),
    ...(lambda === 0 ? {} : { conjugate: conjugateOf(name, lambda, epsilon) }),
  })
}
