import { abs, div, max, mul, type Num, onesLike, reciprocal, square, sum } from '@cotangent/core'
import { grouped, groupedProx } from './grouped.js'
import type { GroupOptions } from './groups.js'
import { softThreshold } from './l1.js'
import { largestPrefixRatio } from './prefix.js'
import { over, times } from './scalars.js'
import { show, strength } from './strength.js'

/**
 * R(x) = λ/2·Σω_g(Σ_{i∈g}|xᵢ|)²: entries of a group compete, so that every group keeps some. ω is 1 unless told otherwise.
 * The prox is a soft threshold at τs/dᵢ, where s = Σ|zᵢ| solves a piecewise linear equation. Zhou, Jin & Hoi 2010,
 * https://proceedings.mlr.press/v9/zhou10a.html
 *
 * @example
 * exclusiveLasso(1, { groups: [[0, 1], [2]] }).value(tensor([3, 1, -2])) // => 10
 * exclusiveLasso(1, { groups: [[0, 1], [2]] }).prox(tensor([3, 1, -2]), 1) // => [1.5, 0, -1]
 */
export const exclusiveLasso = (lambda: Num, options: GroupOptions) => {
  strength('exclusiveLasso', lambda)
  const own: GroupOptions = { weights: 'none', ...options }
  const name = `exclusiveLasso(${show(lambda)})`
  return groupedProx(
    {
      op: 'exclusiveLasso',
      name,
      traits: { convex: true, smooth: false, homogeneous: 2, metric: true, shrinks: true },
      value: (rows, omega) =>
        mul(square(sum(abs(rows), { axis: -1, keepDims: true })), mul(omega, times(lambda, 0.5))),
      prox: (rows, step, omega, metric) => {
        const a = abs(rows)
        const tau = mul(omega, times(step, lambda))
        const w = metric === undefined ? onesLike(rows) : reciprocal(metric)
        // |zᵢ| = (aᵢ - τs·wᵢ)₊ and s their sum.
        const s = largestPrefixRatio(div(a, w), a, mul(tau, w), { bottom: 1 })
        return softThreshold(rows, mul(mul(s, tau), w))
      },
      ...(lambda === 0
        ? {}
        : {
            conjugate: grouped(
              {
                op: 'exclusiveLasso',
                name: `${name}*`,
                traits: { convex: true, smooth: false, homogeneous: 2 },
                value: (rows, omega) =>
                  mul(div(square(max(abs(rows), { axis: -1, keepDims: true })), omega), over(0.5, lambda)),
              },
              own,
            ),
          }),
    },
    own,
  )
}
