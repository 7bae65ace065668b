import {
  abs,
  CotangentError,
  cast,
  lessEqual,
  mul,
  notEqual,
  reshape,
  scatterAdd,
  sum,
  type Tensor,
  take,
  topK,
  zerosLike,
} from '@cotangent/core'
import { type Constraint, indicator } from './indicator.js'

const flat = (x: Tensor): Tensor => reshape(x, [x.size])

/**
 * The set of x with at most k entries that are not 0; it is not convex. The projection keeps the k largest; of equal ones
 * the first.
 *
 * @example
 * l0Ball(2).prox(tensor([3, -0.5, -4, 0.25]), 1) // => [3, 0, -4, 0]
 */
export const l0Ball = (k: number): Constraint => {
  if (!Number.isInteger(k) || k < 0)
    throw new CotangentError('Value', `l0Ball: k is ${k}. Give a whole number of entries.`, { op: 'l0Ball' })
  return indicator({
    op: 'l0Ball',
    name: `l0Ball(${k})`,
    convex: false,
    separable: 'block',
    traits: { invariant: ['signs', 'permutations'] },
    inside: (x) => lessEqual(sum(cast(notEqual(x, 0), 'int32')), k),
    project: (x) => {
      if (k >= x.size) return x
      if (k === 0) return mul(x, 0)
      const v = flat(x)
      const { indices } = topK(abs(v), k)
      return reshape(scatterAdd(zerosLike(v), indices, take(v, indices)), x.shape)
    },
  })
}
