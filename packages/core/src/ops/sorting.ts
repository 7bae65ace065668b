import { isFloat } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import { constantLike, neg, sub } from '../primitives/arithmetic.js'
import { iota } from '../primitives/indexing.js'
import { convert, stopGradient } from '../primitives/passing.js'
import { sort as sortTogether } from '../primitives/reductions.js'
import { moveAxis, reverse, sliceAxis } from '../primitives/structural.js'
import { normalAxes, normalAxis } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { DTypeOf, ShapeOf } from '../types/index.js'
import { type Num, operands } from './coerce.js'
import { checkOptions } from './reduce.js'

/** Along which axis (the last unless told) and in which order. */
export interface SortOptions {
  readonly axis?: number
  readonly descending?: boolean
}
type Same<X> = Tensor<ShapeOf<X>, DTypeOf<X>>
type Positions<X> = Tensor<ShapeOf<X>, 'int32'>

/** Keys that ascend as x descends; NaN stays last and equal entries stay in order. */
const descendingKeys = (x: Tensor): Tensor => {
  if (isFloat(x.dtype)) return neg(stopGradient(x))
  // -1 - x, because -x overflows at the smallest integer.
  const integers = convert(x, 'int32')
  return sub(constantLike(-1, integers), integers)
}

/** Entries and their positions along the last axis, in order. */
const sortLast = (x: Tensor, descending: boolean): readonly [values: Tensor, indices: Tensor] => {
  const places = iota(x.shape, x.rank - 1)
  if (!descending) {
    const [values, indices] = sortTogether([x, places])
    return [values!, indices!]
  }
  const [, values, indices] = sortTogether([descendingKeys(x), x, places])
  return [values!, indices!]
}

/** The operand with the axis to sort at the end, and the way back. */
const lastAxis = (op: string, x: unknown, axis: number) => {
  const v = operands(op, [x], { to: 'any' })[0]!
  const at = normalAxis(op, axis, v.rank)
  return {
    rows: moveAxis(v, at, v.rank - 1),
    back: (y: Tensor) => moveAxis(y, v.rank - 1, at),
  }
}

/**
 * The entries in order along the last axis, or along `axis`. Stable; NaN comes last in both orders. The gradient goes
 * back to where each entry came from; at ties, by the stable permutation.
 *
 * @example
 * sort(tensor([3, 1, 2])) // => [1, 2, 3]
 * sort(tensor([[3, 1], [2, 4]]), { axis: 0, descending: true }) // => [[3, 4], [2, 1]]
 */
export const sort = <X extends Num>(x: X, options: SortOptions = {}): Same<X> => {
  const { axis = -1, descending = false } = checkOptions('sort', options)
  const { rows, back } = lastAxis('sort', x, axis)
  return back(descending ? sortLast(rows, true)[0] : sortTogether([rows])[0]!) as Same<X>
}

/**
 * The int32 positions that put the entries in order: takeAlongAxis(x, argsort(x)) is {@link sort}. Stable; NaN last.
 *
 * @example
 * argsort(tensor([3, 1, 2])) // => [1, 2, 0]
 * argsort(tensor([1, 2, 1]), { descending: true }) // => [1, 0, 2]
 */
export const argsort = <X extends Num>(x: X, options: SortOptions = {}): Positions<X> => {
  const { axis = -1, descending = false } = checkOptions('argsort', options)
  const { rows, back } = lastAxis('argsort', x, axis)
  return back(sortLast(rows, descending)[1]) as Positions<X>
}

/**
 * The entries in the opposite order along an axis, several, or (without `axis`) all of them.
 *
 * @example
 * flip(tensor([1, 2, 3])) // => [3, 2, 1]
 * flip(tensor([[1, 2], [3, 4]]), { axis: 0 }) // => [[3, 4], [1, 2]]
 */
export const flip = <X extends Num>(
  x: X,
  options: { readonly axis?: number | readonly number[] } = {},
): Same<X> => {
  const v = operands('flip', [x], { to: 'any' })[0]!
  return reverse(v, normalAxes('flip', checkOptions('flip', options).axis, v.rank)) as Tensor as Same<X>
}

/** The largest entries and their int32 positions along the axis. */
export interface TopK<X = Tensor> {
  readonly values: Tensor<number[], DTypeOf<X>>
  readonly indices: Tensor<number[], 'int32'>
}

/**
 * The k largest entries along the last axis, or along `axis`, in descending order, with their positions. Of equal
 * entries the first comes first; NaN counts as less than any number. The gradient goes back to the chosen entries.
 *
 * @example
 * topK(tensor([1, 4, 2, 3]), 2).values // => [4, 3]
 * topK(tensor([1, 4, 2, 3]), 2).indices // => [1, 3]
 */
export const topK = <X extends Num>(x: X, k: number, options: { readonly axis?: number } = {}): TopK<X> => {
  const { axis = -1 } = checkOptions('topK', options)
  const { rows, back } = lastAxis('topK', x, axis)
  const last = rows.rank - 1
  const n = rows.shape[last]!
  if (!Number.isInteger(k) || k < 0 || k > n)
    fail(
      'Value',
      `topK: k is ${k}, but axis ${axis} of ${showShape(back(rows).shape)} has ${n} entries. Use 0 to ${n}.`,
      {
        op: 'topK',
        shapes: [back(rows).shape],
      },
    )
  const [values, indices] = sortLast(rows, true).map((y) => back(sliceAxis(y, last, 0, k)))
  return { values, indices } as unknown as TopK<X>
}
