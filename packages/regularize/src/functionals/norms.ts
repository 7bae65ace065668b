import { abs, all, div, equal, lessEqual, type Num, sub, where } from '@cotangent/core'
import { type Constraint, indicator } from './indicator.js'
import { intoBall, type NormAxes, normsOf } from './intoBall.js'
import { times } from './scalars.js'
import { show, strength } from './strength.js'

const SLACK = 1e-6

/**
 * The set of x whose norms over `axis` are at most c, as the incoming weights of every unit with axis 0. The projection
 * scales back what is longer and leaves the rest exactly as it is, in any diagonal metric. Srebro, Rennie & Jaakkola 2004; Srivastava et al. 2014,
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
    traits: { shrinks: true, invariant: ['signs'] },
    inside: (x) => all(lessEqual(normsOf(x, axes), times(c, 1 + SLACK))),
    metrics: true,
    project: (x, metric) => intoBall(x, c, metric, axes),
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
    inside: (x) => all(lessEqual(abs(sub(normsOf(x, axes), 1)), SLACK)),
    project: (x) => {
      const n = normsOf(x, axes)
      const zero = equal(n, 0)
      const away = where(zero, 1, x)
      return div(away, where(zero, normsOf(away, axes), n))
    },
  })
