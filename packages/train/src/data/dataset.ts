import { CotangentError, type NestedNumbers, Tensor, type TypedArray, tensor } from '@cotangent/core'
import { allocate, dataOf, fromData } from '@cotangent/core/internal'

/** What the columns of a table were called. */
export interface ColumnNames {
  /** The columns of `x`. */
  readonly features: readonly string[]
  /** The column or columns of `y`. */
  readonly target: readonly string[]
  /** The texts that the class numbers in `y` stand for. */
  readonly classes?: readonly string[]
}

/** Examples in memory: row i of `x` belongs to row i of `y`. Plain data; every function on it returns a new one. */
export interface Dataset {
  /** `[examples, ...]` */
  readonly x: Tensor
  /** `[examples, ...]`: class numbers, distributions or values. */
  readonly y: Tensor
  readonly names?: ColumnNames
}

/** What the arrays of {@link fromArrays} may be. */
export type ArrayLike = Tensor | NestedNumbers | TypedArray

const asTensor = (value: ArrayLike): Tensor =>
  value instanceof Tensor ? value : (tensor(value as NestedNumbers) as Tensor)

/** The number of examples. */
export const sizeOf = ({ x }: Dataset): number => x.shape[0] ?? 0

/** Refuses a dataset that has no examples or whose parts do not belong together. */
export const checkDataset = (op: string, { x, y }: Dataset): void => {
  const shapes = [x.shape, y.shape]
  const refuse = (text: string): never => {
    throw new CotangentError('Shape', `${op}: ${text}`, { op, shapes })
  }
  if (x.rank === 0 || y.rank === 0)
    refuse(
      `x [${x.shape.join(', ')}] and y [${y.shape.join(', ')}] need an axis of examples, which comes first.`,
    )
  if (x.shape[0] !== y.shape[0])
    refuse(`x has ${x.shape[0]} examples and y has ${y.shape[0]}. Give one row of y for each row of x.`)
  if (x.shape[0] === 0) refuse('there are no examples. Give at least one.')
}

/**
 * A dataset from arrays: tensors, nested numbers or typed arrays.
 *
 * @throws CotangentError of kind `Shape` where x and y differ in length or are empty.
 * @example
 * const data = dataset.fromArrays([[1, 2], [3, 4]], [0, 1])
 * data.x.shape // => [2, 2]
 * dataset.fromArrays([[1]], [0, 1]) // throws /x has 1 examples and y has 2/
 */
export const fromArrays = (x: ArrayLike, y: ArrayLike): Dataset => {
  const data = { x: asTensor(x), y: asTensor(y) }
  checkDataset('fromArrays', data)
  return data
}

/** The rows of a tensor with the given numbers, copied without going through the graph. */
export const gather = (t: Tensor, rows: globalThis.ArrayLike<number>): Tensor => {
  const shape = [rows.length, ...t.shape.slice(1)]
  const width = t.size / (t.shape[0] || 1)
  const from = dataOf(t)
  const out = allocate(t.dtype, rows.length * width)
  for (let i = 0; i < rows.length; i++) {
    const at = rows[i]! * width
    if (width < 16) for (let k = 0; k < width; k++) out[i * width + k] = from[at + k]!
    else out.set(from.subarray(at, at + width) as never, i * width)
  }
  return fromData(out, shape, t.dtype)
}

/**
 * The examples with the given numbers, in that order.
 *
 * @example
 * dataset.rows(dataset.fromArrays([[1], [2], [3]], [1, 2, 3]), [2, 0]).y // => [3, 1]
 */
export const rows = (data: Dataset, indices: globalThis.ArrayLike<number>): Dataset => ({
  ...data,
  x: gather(data.x, indices),
  y: gather(data.y, indices),
})
