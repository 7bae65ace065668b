import { sizeOf } from '../../shape.js'

/** A row-major shape about one axis: [outer, n, inner]. */
export interface About {
  readonly outer: number
  readonly n: number
  readonly inner: number
}

export const about = (shape: readonly number[], axis: number): About => ({
  outer: sizeOf(shape.slice(0, axis)),
  n: shape[axis]!,
  inner: sizeOf(shape.slice(axis + 1)),
})
