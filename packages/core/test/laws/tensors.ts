import { allocate, type TypedArray } from '../../src/dtype.js'
import { dataOf, fromData, type Tensor } from '../../src/tensor.js'
import type { DType } from '../../src/types/index.js'

// Plain versions, independent of the primitives under test.

export const convert = (x: Tensor, dtype: DType): Tensor => {
  const data = allocate(dtype, x.size)
  data.set(dataOf(x))
  return fromData(data, x.shape, dtype)
}

/** Tensors of one shape along a new leading axis. */
export const stack = (xs: readonly Tensor[]): Tensor => {
  const [first] = xs
  const data = allocate(first!.dtype, first!.size * xs.length)
  xs.forEach((x, i) => {
    data.set(dataOf(x), i * first!.size)
  })
  return fromData(data, [xs.length, ...first!.shape], first!.dtype)
}

/** Other elements in the shape and dtype of a tensor. */
export const withData = (x: Tensor, data: TypedArray): Tensor => fromData(data, x.shape, x.dtype)
