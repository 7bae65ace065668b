import { abs, lessEqual, max, maximum, minimum, mul, type Num, norm, sum } from '@cotangent/core'
import { type Constraint, indicator } from './indicator.js'
import { intoBall } from './intoBall.js'
import { minus, times } from './scalars.js'
import { show, strength } from './strength.js'

// Of a projected point the norm may round to just above the radius.
const SLACK = 2 ** -40

/**
 * The set of x with max|xᵢ| ≤ radius: value 0 inside and ∞ outside, prox is clipping, in any diagonal metric. The conjugate
 * of {@link l1}.
 *
 * @example
 * linfBall(1).prox(tensor([3, -0.5]), 1) // => [1, -0.5]
 */
export const linfBall = (radius: Num): Constraint => {
  strength('linfBall', radius)
  return indicator({
    op: 'linfBall',
    name: `linfBall(${show(radius)})`,
    convex: true,
    separable: 'entry',
    metrics: true,
    traits: { shrinks: true, invariant: ['signs', 'permutations'] },
    inside: (x) => lessEqual(max(abs(x)), times(radius, 1 + SLACK)),
    project: (x) => maximum(minimum(x, radius), minus(radius)),
    conjugate: {
      name: `linfBall(${show(radius)})*`,
      traits: { convex: true, smooth: false, separable: 'entry', homogeneous: 1 },
      value: (y) => mul(sum(abs(y)), radius),
    },
  })
}

/**
 * The set of x with ‖x‖ ≤ radius: value 0 inside and ∞ outside, prox scales x back; in a diagonal metric it is
 * d·x/(d + ν) with the ν that reaches the sphere. The conjugate of {@link norm2}.
 *
 * @example
 * l2Ball(1).prox(tensor([3, 4]), 1) // => [0.6, 0.8]
 * l2Ball(1).prox(tensor([3, 4]), 1, tensor([1, 4])) // => [0.2236, 0.9747]
 */
export const l2Ball = (radius: Num): Constraint => {
  strength('l2Ball', radius)
  return indicator({
    op: 'l2Ball',
    name: `l2Ball(${show(radius)})`,
    convex: true,
    separable: 'block',
    metrics: true,
    traits: { shrinks: true, radial: true, invariant: ['signs', 'permutations', 'rotations'] },
    inside: (x) => lessEqual(norm(x), times(radius, 1 + SLACK)),
    project: (x, metric) => intoBall(x, radius, metric, {}),
    conjugate: {
      name: `l2Ball(${show(radius)})*`,
      traits: { convex: true, smooth: false, separable: 'block', homogeneous: 1 },
      value: (y) => mul(norm(y), radius),
    },
  })
}
