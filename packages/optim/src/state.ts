import { type Tensor, tensor, tree, zeros } from '@cotangent/core'

/** Zeros like a tree of parameters. */
export const zerosLike = (params: unknown): unknown =>
  tree.map((p: Tensor) => zeros(p.shape, p.dtype), params)

/** The count of updates, before the first. */
export const noUpdates = (): Tensor => tensor(0, { dtype: 'int32' })
