import { fail, showShape } from '../errors.js'
import * as s from '../primitives/structural.js'
import { checkShape, normalAxes, normalAxis, range, sizeOf } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type {
  BroadcastTo,
  Check,
  DTypeOf,
  ExpandDims,
  Fits,
  Permute,
  Reshape,
  Shape,
  ShapeOf,
  Squeeze,
} from '../types/index.js'
import { asTensor, broadcastTensor, type Num } from './coerce.js'

/** The extent that -1 stands for in the target of a reshape. */
const inferExtent = (from: Shape, target: Shape): number[] => {
  const unknown = target.filter((d) => d === -1).length
  if (unknown === 0) return [...checkShape('reshape', target)]
  const rest = target.filter((d) => d !== -1)
  const known = sizeOf(checkShape('reshape', rest))
  const size = sizeOf(from)
  if (unknown > 1)
    fail(
      'Shape',
      `reshape: ${showShape(target)} has ${unknown} unknown extents. Only one can be -1; write the others out.`,
      { op: 'reshape', shapes: [from, target] },
    )
  if (known === 0 || size % known !== 0)
    fail(
      'Shape',
      `reshape: ${showShape(from)} has ${size} elements, which ${showShape(target)} cannot hold: ` +
        `${size} is not a multiple of ${known}, so -1 stands for nothing. Change the other extents.`,
      { op: 'reshape', shapes: [from, target] },
    )
  return target.map((d) => (d === -1 ? size / known : d))
}

/**
 * The same elements, in row-major order, in another shape; one extent may be -1 and is worked out. Needs equally many
 * elements.
 *
 * @example
 * reshape(tensor([1, 2, 3, 4, 5, 6]), [2, -1]) // => [[1, 2, 3], [4, 5, 6]]
 */
export const reshape = <X extends Num, const T extends Shape>(
  x: X,
  shape: readonly [...T] & Check<Reshape<ShapeOf<X>, T>>,
): Tensor<Fits<Reshape<ShapeOf<X>, T>>, DTypeOf<X>> => {
  const t = asTensor('reshape', x)
  const given: unknown = shape
  if (!Array.isArray(given)) return checkShape('reshape', given as Shape) as never
  return s.reshape(t, inferExtent(t.shape, shape as Shape)) as Tensor as Tensor<
    Fits<Reshape<ShapeOf<X>, T>>,
    DTypeOf<X>
  >
}

/**
 * The axes in another order: axis i of the result is axis perm[i] of `x`. Without `perm` their order is reversed, which
 * for a matrix is Aᵀ. Negative axes count from the end.
 *
 * @example
 * transpose(tensor([[1, 2, 3], [4, 5, 6]])) // => [[1, 4], [2, 5], [3, 6]]
 * transpose(zeros([2, 3, 4]), [1, 2, 0]).shape // => [3, 4, 2]
 */
export const transpose = <X extends Num, const P extends Shape | undefined = undefined>(
  x: X,
  perm?: P & Check<Permute<ShapeOf<X>, P>>,
): Tensor<Fits<Permute<ShapeOf<X>, P>>, DTypeOf<X>> => {
  const t = asTensor('transpose', x)
  const order = perm as Shape | undefined
  const axes = order ? order.map((a) => normalAxis('transpose', a, t.rank)) : range(t.rank).reverse()
  if (axes.length !== t.rank || new Set(axes).size !== t.rank)
    fail(
      'Axis',
      `transpose: ${showShape(order!)} is not a permutation of the ${t.rank} axes of ${showShape(t.shape)}. Name each axis once.`,
      { op: 'transpose', shapes: [t.shape] },
    )
  return s.permute(t, axes) as Tensor as Tensor<Fits<Permute<ShapeOf<X>, P>>, DTypeOf<X>>
}

/**
 * Copies along new axes in front and along axes of extent 1, by the rules of NumPy.
 *
 * @example
 * broadcastTo(tensor([1, 2]), [3, 2]) // => [[1, 2], [1, 2], [1, 2]]
 */
export const broadcastTo = <X extends Num, const T extends Shape>(
  x: X,
  shape: readonly [...T] & Check<BroadcastTo<ShapeOf<X>, T>>,
): Tensor<Fits<BroadcastTo<ShapeOf<X>, T>>, DTypeOf<X>> => {
  const t = asTensor('broadcastTo', x)
  const target = checkShape('broadcastTo', shape as Shape)
  const offset = target.length - t.rank
  if (offset < 0 || t.shape.some((d, i) => d !== 1 && d !== target[i + offset]))
    fail(
      'Shape',
      `broadcastTo: ${showShape(t.shape)} does not stretch to ${showShape(target)}. Counted from the last axis, each extent must be equal or 1; use reshape or expandDims to line them up.`,
      { op: 'broadcastTo', shapes: [t.shape, target] },
    )
  return broadcastTensor(t, target) as Tensor as Tensor<Fits<BroadcastTo<ShapeOf<X>, T>>, DTypeOf<X>>
}

/**
 * A new axis of extent 1. The axis is one of the result, so -1 is behind the last.
 *
 * @example
 * expandDims(tensor([1, 2]), 1) // => [[1], [2]]
 */
export const expandDims = <X extends Num, const A extends number>(
  x: X,
  axis: A & Check<ExpandDims<ShapeOf<X>, A>>,
): Tensor<Fits<ExpandDims<ShapeOf<X>, A>>, DTypeOf<X>> => {
  const t = asTensor('expandDims', x)
  const at = normalAxis('expandDims', axis as number, t.rank + 1)
  return s.reshape(t, [...t.shape.slice(0, at), 1, ...t.shape.slice(at)]) as Tensor as Tensor<
    Fits<ExpandDims<ShapeOf<X>, A>>,
    DTypeOf<X>
  >
}

/**
 * Drops the named axes, which must have extent 1; without a name, every axis of extent 1.
 *
 * @example
 * squeeze(tensor([[[1], [2]]])) // => [1, 2]
 * squeeze(zeros([1, 2, 1]), -1).shape // => [1, 2]
 */
export const squeeze = <X extends Num, const A extends number | readonly number[] | undefined = undefined>(
  x: X,
  axis?: A & Check<Squeeze<ShapeOf<X>, A>>,
): Tensor<Fits<Squeeze<ShapeOf<X>, A>>, DTypeOf<X>> => {
  const t = asTensor('squeeze', x)
  const named = axis as number | readonly number[] | undefined
  const axes =
    named === undefined ? range(t.rank).filter((i) => t.shape[i] === 1) : normalAxes('squeeze', named, t.rank)
  const bad = axes.find((a) => t.shape[a] !== 1)
  if (bad !== undefined)
    fail(
      'Shape',
      `squeeze: axis ${bad} of ${showShape(t.shape)} has extent ${t.shape[bad]}, not 1. Only axes of extent 1 can be dropped; use sum or slice.`,
      { op: 'squeeze', shapes: [t.shape] },
    )
  return s.dropAxes(t, axes) as Tensor as Tensor<Fits<Squeeze<ShapeOf<X>, A>>, DTypeOf<X>>
}
