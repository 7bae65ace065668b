import { dataOf, identityOf, type Tensor } from '../tensor.js'
import { copyIn } from './copy.js'
import type { Block, Heap, Views } from './heap.js'
import { residentOf } from './resident.js'

// An argument that comes again, such as the data that every step looks at, is copied into the memory of programs once.
// Tensors do not change, so it is enough to see that it is the same one.

const WORTH_KEEPING = 4096 // bytes; less is copied in no time

/** What a program remembers of one argument. */
export interface Kept {
  readonly bytes: number
  /** Of the tensor that came last. */
  identity: number
  /** Where arguments go once one has come twice in a row. */
  block: Block | undefined
  /** Whose elements lie there. */
  holds: number
}

/** For an argument of so many bytes; undefined where it is not worth it. */
export const keptOf = (bytes: number): Kept | undefined =>
  bytes < WORTH_KEEPING ? undefined : { bytes, identity: 0, block: undefined, holds: 0 }

/** Looks at an argument before a run. May make the memory grow. */
export const recognise = (kept: Kept, x: Tensor | number, heap: Heap): void => {
  if (typeof x === 'number' || residentOf(x)) return
  const identity = identityOf(x)
  if (identity === kept.identity) kept.block ??= heap.allocateResident(kept.bytes, kept.bytes)
  else kept.identity = identity
}

/** Sees to it that the elements lie in the block; its address. */
export const fill = (kept: Kept, x: Tensor, views: Views): number => {
  const { address } = kept.block!
  if (kept.holds !== kept.identity) {
    copyIn(views, address, dataOf(x))
    kept.holds = kept.identity
  }
  return address
}
