import { type Tensor, tree } from '@cotangent/core'

/** The bytes of a tensor in base64. */
export const bitsOf = (t: Tensor): string => {
  const data = t.toTypedArray()
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
}

/** A tree whose leaves are texts, equal when dtype, shape and bits are. */
export const readable = (t: unknown): unknown =>
  t === undefined
    ? undefined
    : tree.map((x: Tensor) => `${x.dtype}[${x.shape.join()}] ${bitsOf(x)}`, t as object)
