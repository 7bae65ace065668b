import { add, div, greater, maximum, mul, type Num, norm, sub, type Tensor, where } from '@cotangent/core'
import type { Functional } from '../functional.js'
import { l2Ball } from './balls.js'
import { blockShrink } from './blockShrink.js'
import { times } from './scalars.js'
import { show, strength } from './strength.js'

const length = (x: Tensor): Tensor => norm(x)

/**
 * R(x) = λ·√Σxᵢ²: the norm itself and not its square, with gradient 0 at 0. One block of weights is either zero as a
 * whole or not; its prox shrinks the length of x by step·λ. With a metric the length of the result is the root of a
 * scalar equation. Yuan & Lin 2006, https://doi.org/10.1111/j.1467-9868.2005.00532.x
 *
 * @example
 * norm2(0.5).value(tensor([3, 4])) // => 2.5
 * norm2(0.5).prox(tensor([3, 4]), 2) // => [2.4, 3.2]
 * norm2(0.5).prox(tensor([3, 4]), 20) // => [0, 0]
 * norm2(1).prox(tensor([3, 4]), 1, tensor([1, 2])) // => [2.4378, 3.5865]
 */
export const norm2 = (lambda: Num): Required<Functional> => {
  strength('norm2', lambda)
  return {
    name: `norm2(${show(lambda)})`,
    traits: {
      convex: true,
      smooth: false,
      separable: 'block',
      homogeneous: 1,
      form: { norms: { strength: lambda, options: 'whole' } },
      metric: true,
      shrinks: true,
      radial: true,
      invariant: ['signs', 'permutations', 'rotations'],
    },
    value: (x) => mul(length(x), lambda),
    prox: (x, step, metric) => {
      const t = times(step, lambda)
      if (metric !== undefined) return blockShrink(x, t, metric)
      const n = length(x)
      const safe = where(greater(n, 0), n, 1)
      return mul(x, maximum(sub(1, div(t, safe)), 0))
    },
    conjugate: l2Ball(lambda),
    dualNorm: length,
    kkt: (x, grad) => {
      const n = length(x)
      const nonzero = greater(n, 0)
      const unit = div(x, where(nonzero, n, 1))
      const elsewhere = length(add(grad, mul(unit, lambda)))
      return where(nonzero, elsewhere, maximum(sub(length(grad), lambda), 0))
    },
  }
}
