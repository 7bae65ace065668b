import {
  abs,
  all,
  CotangentError,
  lessEqual,
  maximum,
  minimum,
  mul,
  type Num,
  neg,
  sign,
  type Tensor,
  where,
} from '@cotangent/core'
import type { Functional } from '../functional.js'
import { type Entrywise, entrywise } from './entrywise.js'
import { keepDtype } from './keepDtype.js'
import { softThreshold } from './l1.js'
import { times } from './scalars.js'

const boxOf = (weights: Tensor): Functional => ({
  name: 'weightedL1*',
  traits: { convex: true, smooth: false, separable: 'entry', indicator: true },
  value: (y) => where(all(lessEqual(abs(y), weights)), 0, Number.POSITIVE_INFINITY),
  prox: (y) => maximum(minimum(y, weights), neg(weights)),
})

/**
 * R(x) = Σωᵢ|xᵢ|, a strength for each entry; 0 leaves an entry free. With ωᵢ = λ/|ŵᵢ|^γ this is the adaptive lasso.
 * Zou 2006, https://doi.org/10.1198/016214506000000735
 *
 * @example
 * weightedL1(tensor([1, 0, 0.5])).value(tensor([3, 9, -2])) // => 4
 * weightedL1(tensor([1, 0, 0.5])).prox(tensor([3, 9, -2]), 2) // => [1, 9, -1]
 */
export const weightedL1 = (weights: Tensor): Entrywise => {
  const fits = (x: Tensor): Tensor => {
    if (x.shape.join() === weights.shape.join() || weights.rank === 0) return x
    throw new CotangentError(
      'Shape',
      `weightedL1: weights of shape [${weights.shape}] for a tensor of shape [${x.shape}]. Give a weight for each entry.`,
      { op: 'weightedL1' },
    )
  }
  return keepDtype(
    entrywise({
      name: 'weightedL1',
      traits: { convex: true, smooth: false, homogeneous: 1, invariant: ['signs'], form: { l1: weights } },
      value: (x) => mul(abs(fits(x)), weights),
      slope: (x) => mul(sign(fits(x)), weights),
      kink: weights,
      prox: (x, t: Num) => softThreshold(fits(x), times(t, weights)),
      conjugate: boxOf(weights),
    }),
  )
}
