import {
  abs,
  all,
  lessEqual,
  max,
  maximum,
  minimum,
  mul,
  type Num,
  neg,
  onesLike,
  sum,
  type Tensor,
  where,
} from '@cotangent/core'
import { grouped, groupedProx } from './grouped.js'
import type { GroupOptions } from './groups.js'
import { largestPrefixRatio } from './prefix.js'
import { times } from './scalars.js'
import { show, strength } from './strength.js'

/** argmin_z τ·max|z| + ½Σdᵢ(zᵢ - xᵢ)² for each row: clipping at s ≥ 0 with Σdᵢ(|xᵢ| - s)₊ = τ. */
export const clipRows = (rows: Tensor, tau: Num, metric: Tensor | undefined): Tensor => {
  const a = abs(rows)
  const d = metric ?? onesLike(rows)
  const s = maximum(largestPrefixRatio(a, mul(a, d), d, { top: tau }), 0)
  return maximum(minimum(rows, s), neg(s))
}

/**
 * R(x) = λ·Σω_g·max|x_g|: groups are zero as a whole, and the large entries of a group are equal. ω is 1 unless told
 * otherwise. Quattoni et al. 2009, https://doi.org/10.1145/1553374.1553484
 *
 * @example
 * groupLinf(1, { groups: [[0, 1], [2]] }).value(tensor([3, 4, -2])) // => 6
 * groupLinf(1, { groups: [[0, 1], [2]] }).prox(tensor([3, 4, -2]), 2.5) // => [2.25, 2.25, 0]
 */
export const groupLinf = (lambda: Num, options: GroupOptions) => {
  strength('groupLinf', lambda)
  const own: GroupOptions = { weights: 'none', ...options }
  const name = `groupLinf(${show(lambda)})`
  return groupedProx(
    {
      op: 'groupLinf',
      name,
      traits: { convex: true, smooth: false, homogeneous: 1, metric: true, shrinks: true },
      value: (rows, omega) => mul(max(abs(rows), { axis: -1, keepDims: true }), mul(omega, lambda)),
      dualNorm: (rows) => sum(abs(rows), { axis: -1, keepDims: true }),
      prox: (rows, step, omega, metric) => clipRows(rows, mul(omega, times(step, lambda)), metric),
      conjugate: grouped(
        {
          op: 'groupLinf',
          name: `${name}*`,
          traits: { convex: true, smooth: false, indicator: true },
          value: (rows, omega) => {
            const size = sum(abs(rows), { axis: -1, keepDims: true })
            return where(all(lessEqual(size, mul(omega, lambda))), 0, Number.POSITIVE_INFINITY)
          },
        },
        own,
      ),
    },
    own,
  )
}
