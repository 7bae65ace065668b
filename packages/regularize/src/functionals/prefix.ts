import { add, argsort, cumsum, div, max, type Num, sub, type Tensor, takeAlongAxis } from '@cotangent/core'

/**
 * For each row the largest (Σ_{i≤k} pᵢ - top)/(bottom + Σ_{i≤k} qᵢ) over k, the entries in descending order of `key`. It
 * solves Σ(pᵢ - s·qᵢ)₊ = top + s·bottom: each k gives a lower bound of the root s, and the right k the root itself.
 */
export const largestPrefixRatio = (
  key: Tensor,
  p: Tensor,
  q: Tensor,
  { top = 0, bottom = 0 }: { readonly top?: Num; readonly bottom?: Num },
): Tensor => {
  const order = argsort(key, { descending: true })
  const [a, b] = [p, q].map((v) => cumsum(takeAlongAxis(v, order, { axis: -1 }), { axis: -1 }))
  return max(div(sub(a!, top), add(b!, bottom)), { axis: -1, keepDims: true })
}
