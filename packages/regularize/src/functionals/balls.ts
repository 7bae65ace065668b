import {
  abs,
  CotangentError,
  div,
  greater,
  lessEqual,
  max,
  maximum,
  minimum,
  mul,
  type Num,
  norm,
  type Tensor,
  where,
} from '@cotangent/core'
import type { Functional } from '../functional.js'
import { minus } from './scalars.js'
import { show, strength } from './strength.js'

type Constraint = Functional & Required<Pick<Functional, 'prox'>>

const indicator = (
  name: string,
  inside: (x: Tensor) => Tensor,
  project: (x: Tensor) => Tensor,
): Constraint => ({
  name,
  traits: { convex: true, smooth: false, separable: 'block', indicator: true },
  value: (x) => where(inside(x), 0, Number.POSITIVE_INFINITY),
  prox: (x, _, metric) => {
    if (metric !== undefined)
      throw new CotangentError(
        'Value',
        `${name}: the projection in a metric is not known in closed form. Leave the metric out.`,
        { op: name },
      )
    return project(x)
  },
})

/**
 * The set of x with max|xᵢ| ≤ radius: value 0 inside and ∞ outside, prox is clipping. The conjugate of {@link l1}.
 *
 * @example
 * linfBall(1).prox(tensor([3, -0.5]), 1) // => [1, -0.5]
 */
export const linfBall = (radius: Num): Constraint => {
  strength('linfBall', radius)
  return indicator(
    `linfBall(${show(radius)})`,
    (x) => lessEqual(max(abs(x)), radius),
    (x) => maximum(minimum(x, radius), minus(radius)),
  )
}

/**
 * The set of x with ‖x‖ ≤ radius: value 0 inside and ∞ outside, prox scales x back. The conjugate of {@link norm2}.
 *
 * @example
 * l2Ball(1).prox(tensor([3, 4]), 1) // => [0.6, 0.8]
 */
export const l2Ball = (radius: Num): Constraint => {
  strength('l2Ball', radius)
  return indicator(
    `l2Ball(${show(radius)})`,
    (x) => lessEqual(norm(x), radius),
    (x) => {
      const n = norm(x)
      const outside = greater(n, radius)
      return where(outside, mul(x, div(radius, where(outside, n, 1))), x)
    },
  )
}
