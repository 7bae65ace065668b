import {
  abs,
  all,
  div,
  equal,
  greater,
  lessEqual,
  mul,
  type Num,
  norm,
  sub,
  type Tensor,
  where,
} from '@cotangent/core'
import { type Constraint, indicator } from './indicator.js'
import { times } from './scalars.js'
import { show, strength } from './strength.js'

/** Which axes a norm is taken over; default all. */
export interface NormAxes {
  readonly axis?: number | readonly number[]
}

const SLACK = 1e-6

const lengths = (x: Tensor, { axis }: NormAxes): Tensor =>
  axis === undefined ? norm(x) : norm(x, { axis, keepDims: true })

/**
 * The set of x whose norms over `axis` are at most c, as the incoming weights of every unit with axis 0. The projection
 * scales back what is longer and leaves the rest exactly as it is. Srebro, Rennie & Jaakkola 2004; Srivastava et al. 2014,
 * https://jmlr.org/papers/v15/srivastava14a.html
 *
 * @example
 * maxNorm(1, { axis: 0 }).prox(tensor([[3, 0.5], [4, 0]]), 1) // => [[0.6, 0.5], [0.8, 0]]
 */
export const maxNorm = (c: Num, axes: NormAxes = {}): Constraint => {
  strength('maxNorm', c)
  return indicator({
    op: 'maxNorm',
    name: `maxNorm(${show(c)})`,
    convex: true,
    separable: 'block',
    inside: (x) => all(lessEqual(lengths(x, axes), times(c, 1 + SLACK))),
    project: (x) => {
      const n = lengths(x, axes)
      const outside = greater(n, c)
      return where(outside, mul(x, div(c, where(outside, n, 1))), x)
    },
  })
}

/**
 * The set of x whose norms over `axis` are 1; it is not convex. The projection divides by the norm; 0, to which all points
 * are equally near, goes to the unit vector of equal entries.
 *
 * @example
 * unitNorm().prox(tensor([3, 4]), 1) // => [0.6, 0.8]
 * unitNorm({ axis: 1 }).prox(tensor([[3, 4], [0, 2]]), 1) // => [[0.6, 0.8], [0, 1]]
 */
export const unitNorm = (axes: NormAxes = {}): Constraint =>
  indicator({
    op: 'unitNorm',
    name: 'unitNorm()',
    convex: false,
    separable: 'block',
    inside: (x) => all(lessEqual(abs(sub(lengths(x, axes), 1)), SLACK)),
    project: (x) => {
      const n = lengths(x, axes)
      const zero = equal(n, 0)
      const away = where(zero, 1, x)
      return div(away, where(zero, lengths(away, axes), n))
    },
  })
