import { abs, max, mul, type Num, reshape, sum } from '@cotangent/core'
import type { Functional } from '../functional.js'
import { fixedPoint } from './grouped.js'
import { clipRows } from './groupLinf.js'
import { times } from './scalars.js'
import { l1Ball } from './simplex.js'
import { show, strength } from './strength.js'

/**
 * R(x) = λ·max|xᵢ|; of equal ones each has its share of the gradient. The prox clips the largest entries to one size, in
 * any diagonal metric.
 *
 * @example
 * linf(2).value(tensor([3, -1])) // => 6
 * linf(1).prox(tensor([3, -2.5, 1]), 1.5) // => [2, -2, 1]
 */
export const linf = (lambda: Num): Required<Functional> => {
  strength('linf', lambda)
  const prox: NonNullable<Functional['prox']> = (x, step, metric) => {
    const row = [1, x.size]
    const near = clipRows(reshape(x, row), times(step, lambda), metric && reshape(metric, row))
    return reshape(near, x.shape)
  }
  return {
    name: `linf(${show(lambda)})`,
    traits: {
      convex: true,
      smooth: false,
      separable: 'block',
      homogeneous: 1,
      metric: true,
      shrinks: true,
      invariant: ['signs', 'permutations'],
    },
    value: (x) => mul(max(abs(x)), lambda),
    prox,
    conjugate: l1Ball(lambda),
    dualNorm: (y) => sum(abs(y)),
    kkt: fixedPoint(prox),
  }
}
