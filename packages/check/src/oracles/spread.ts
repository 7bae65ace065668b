import type { DType, Tensor } from '@cotangent/core'
import { fromData, sizeOf } from '@cotangent/core/internal'

export type Likes = readonly { readonly dtype: string }[]

/** A vector of floats as the directions, or the weights, of tensors; integers stay. Captured values come last and stay too. */
export const spread = (
  xs: readonly { readonly dtype: DType; readonly shape: readonly number[] }[],
  like: Likes,
  d: Float64Array,
): (Tensor | undefined)[] => {
  let at = 0
  return xs.map((x, i) => {
    if (!like[i]?.dtype.startsWith('float') || at >= d.length) return undefined
    const n = sizeOf(x.shape)
    at += n
    return fromData(d.slice(at - n, at), x.shape, 'float64')
  })
}
