import {
  abs,
  all,
  div,
  greater,
  greaterEqual,
  lessEqual,
  logicalAnd,
  max,
  maximum,
  mul,
  type Num,
  onesLike,
  reciprocal,
  reshape,
  sub,
  sum,
  type Tensor,
  where,
} from '@cotangent/core'
import { type Constraint, indicator } from './indicator.js'
import { softThreshold } from './l1.js'
import { largestPrefixRatio } from './prefix.js'
import { times } from './scalars.js'
import { above, show, strength } from './strength.js'

// What rounding may leave of a sum.
const SLACK = 1e-6

const flat = (x: Tensor): Tensor => reshape(x, [x.size])

/** The θ of Σ(vᵢ - θ/dᵢ)₊ = radius, v flat. Held, Wolfe & Crowder 1974; Duchi et al. 2008. */
const threshold = (v: Tensor, radius: Num, metric: Tensor | undefined): Tensor => {
  const w = metric === undefined ? onesLike(v) : reciprocal(flat(metric))
  const theta = largestPrefixRatio(div(v, w), v, w, { top: radius })
  return reshape(theta, [])
}

/**
 * The set of x with Σ|xᵢ| ≤ radius. The projection is the soft threshold that just reaches it, found by sorting, in any
 * diagonal metric. The conjugate of `linf(radius)`. Duchi et al. 2008, https://doi.org/10.1145/1390156.1390191
 *
 * @example
 * l1Ball(2).prox(tensor([3, -2, 0.5]), 1) // => [1.5, -0.5, 0]
 * l1Ball(9).prox(tensor([3, -2, 0.5]), 1) // => [3, -2, 0.5]
 */
export const l1Ball = (radius: Num): Constraint => {
  strength('l1Ball', radius)
  return indicator({
    op: 'l1Ball',
    name: `l1Ball(${show(radius)})`,
    convex: true,
    separable: 'block',
    metrics: true,
    traits: { shrinks: true, invariant: ['signs', 'permutations'] },
    inside: (x) => lessEqual(sum(abs(x)), times(radius, 1 + SLACK)),
    project: (x, metric) => {
      const theta = maximum(threshold(flat(abs(x)), radius, metric), 0)
      const near = softThreshold(x, metric === undefined ? theta : div(theta, metric))
      return where(greater(sum(abs(x)), radius), near, x)
    },
    conjugate: {
      name: `l1Ball(${show(radius)})*`,
      traits: { convex: true, smooth: false, separable: 'block', homogeneous: 1 },
      value: (y) => mul(max(abs(y)), radius),
    },
  })
}

/**
 * The set of x with xᵢ ≥ 0 and Σxᵢ = radius (default 1): probabilities. The projection is (x - θ)₊, found by sorting, in
 * any diagonal metric. Its conjugate is radius·max yᵢ.
 *
 * @example
 * simplex(1).prox(tensor([0.5, 1.2, -3]), 1) // => [0.15, 0.85, 0]
 */
export const simplex = (radius: Num = 1): Constraint => {
  above('simplex', 'the radius', radius, 0)
  return indicator({
    op: 'simplex',
    name: `simplex(${show(radius)})`,
    convex: true,
    separable: 'block',
    metrics: true,
    traits: { invariant: ['permutations'] },
    inside: (x) => {
      const off = abs(sub(sum(x), radius))
      return logicalAnd(all(greaterEqual(x, 0)), lessEqual(off, times(radius, SLACK)))
    },
    project: (x, metric) => {
      const theta = threshold(flat(x), radius, metric)
      return maximum(sub(x, metric === undefined ? theta : div(theta, metric)), 0)
    },
    conjugate: {
      name: `simplex(${show(radius)})*`,
      traits: { convex: true, smooth: false, separable: 'block', homogeneous: 1 },
      value: (y) => mul(max(y), radius),
    },
  })
}
