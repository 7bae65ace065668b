import { add, div, mul, type Num, square, sum } from '@cotangent/core'
import type { Functional } from '../functional.js'
import { l1 } from './l1.js'
import { norm2 } from './norm2.js'
import { over, plus, times } from './scalars.js'
import { show } from './strength.js'

const evenly = ({ traits: { invariant } }: Functional) => (invariant === undefined ? {} : { invariant })

// prox of R + ½‖·‖² with step t and metric d: completing the square gives the prox of R at d·x/(d + t) in the metric
// d + t.
const plusHalfSquare = (
  name: string,
  base: Required<Functional>,
): Functional & Required<Pick<Functional, 'prox'>> => ({
  name,
  traits: {
    convex: true,
    smooth: false,
    separable: base.traits.separable,
    form: { ...base.traits.form, l2: 1 },
    metric: true,
    shrinks: true,
    ...evenly(base),
  },
  value: (x) => add(mul(sum(square(x)), 0.5), base.value(x)),
  prox: (x, step, metric) => {
    if (metric === undefined) {
      const down = plus(step, 1)
      return base.prox(div(x, down), over(step, down))
    }
    const d = add(metric, step)
    return base.prox(div(mul(metric, x), d), step, d)
  },
})

/**
 * ½‖x‖² + λ/2·Σ|xᵢ|, the article's per-layer objective with L1. It has no data term: alone, 0 minimises it.
 *
 * @example
 * l1Objective(1).value(tensor([3, -1])) // => 7
 * l1Objective(1).prox(tensor([3, -1]), 1) // => [1.25, -0.25]
 */
export const l1Objective = (lambda: Num) =>
  plusHalfSquare(`article.l1Objective(${show(lambda)})`, l1(times(lambda, 0.5)))

/**
 * ½‖x‖² + λ/2·√Σxᵢ², the article's per-layer objective with L2, square root included.
 *
 * @example
 * l2Objective(1).value(tensor([3, 4])) // => 15
 */
export const l2Objective = (lambda: Num) =>
  plusHalfSquare(`article.l2Objective(${show(lambda)})`, norm2(times(lambda, 0.5)))
