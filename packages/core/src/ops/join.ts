import { fail, showShape } from '../errors.js'
import { convert } from '../primitives/passing.js'
import * as s from '../primitives/structural.js'
import { normalAxis, sameShape } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { Check, Concat, DTypeOf, Fits, Shape, ShapesOf, Stack } from '../types/index.js'
import { asTensor, commonDType, type Num } from './coerce.js'

/** Which axis an operation works along; negative axes count from the end. */
export interface AxisOption<A extends number = number> {
  readonly axis?: A
}

/** The parts as tensors of one dtype. */
const parts = (op: string, xs: readonly Num[]): Tensor[] => {
  if (!Array.isArray(xs) || xs.length === 0)
    fail('Value', `${op}: needs a list of at least one tensor.`, { op })
  const tensors = xs.map((x) => asTensor(op, x))
  const dtype = commonDType(xs)
  return tensors.map((t) => convert(t, dtype))
}

/**
 * Tensors one behind the other along an axis (default 0), on which they may differ; elsewhere their extents agree.
 *
 * @example
 * concat([tensor([[1, 2]]), tensor([[3, 4], [5, 6]])]) // => [[1, 2], [3, 4], [5, 6]]
 * concat([tensor([[1], [2]]), tensor([[3], [4]])], { axis: 1 }) // => [[1, 3], [2, 4]]
 */
export const concat = <const Ts extends readonly Tensor[], A extends number = 0>(
  xs: Ts & Check<Concat<ShapesOf<Ts>, A>>,
  { axis = 0 as A }: AxisOption<A> = {},
): Tensor<Fits<Concat<ShapesOf<Ts>, A>>, DTypeOf<Ts[number]>> => {
  const tensors = parts('concat', xs as Ts)
  const [first] = tensors
  if (first!.rank === 0)
    fail('Shape', 'concat: scalars have no axis to join along. Use stack.', {
      op: 'concat',
      shapes: tensors.map((t) => t.shape),
    })
  const at = normalAxis('concat', axis, first!.rank)
  const fits = (t: Tensor): boolean =>
    t.rank === first!.rank && t.shape.every((d, i) => i === at || d === first!.shape[i])
  const bad = tensors.find((t) => !fits(t))
  if (bad)
    fail(
      'Shape',
      `concat: ${showShape(first!.shape)} and ${showShape(bad.shape)} do not join along axis ${at}: the other extents must be equal. To add an axis use stack.`,
      { op: 'concat', shapes: tensors.map((t) => t.shape) },
    )
  return s.concat(tensors, at) as Tensor as Tensor<Fits<Concat<ShapesOf<Ts>, A>>, DTypeOf<Ts[number]>>
}

/**
 * Tensors of one shape along a new axis (default 0).
 *
 * @example
 * stack([tensor([1, 2]), tensor([3, 4])]) // => [[1, 2], [3, 4]]
 * stack([tensor([1, 2]), tensor([3, 4])], { axis: -1 }) // => [[1, 3], [2, 4]]
 */
export const stack = <const Ts extends readonly Tensor[], A extends number = 0>(
  xs: Ts & Check<Stack<ShapesOf<Ts>, A>>,
  { axis = 0 as A }: AxisOption<A> = {},
): Tensor<Fits<Stack<ShapesOf<Ts>, A>>, DTypeOf<Ts[number]>> => {
  const tensors = parts('stack', xs as Ts)
  const { shape } = tensors[0]!
  const bad = tensors.find((t) => !sameShape(t.shape, shape))
  if (bad)
    fail(
      'Shape',
      `stack: ${showShape(shape)} and ${showShape(bad.shape)} are not the same shape. Use concat to join along an axis they have.`,
      { op: 'stack', shapes: tensors.map((t) => t.shape) },
    )
  const at = normalAxis('stack', axis, shape.length + 1)
  const lifted = tensors.map((t) => s.reshape(t, [...shape.slice(0, at), 1, ...shape.slice(at)]))
  return s.concat(lifted, at) as Tensor as Tensor<Fits<Stack<ShapesOf<Ts>, A>>, DTypeOf<Ts[number]>>
}

const cuts = (n: number, at: number | readonly number[], shape: Shape, axis: number): number[] => {
  if (typeof at !== 'number') {
    if (!Array.isArray(at) || !at.every((i) => Number.isInteger(i)))
      fail('Value', `split: ${JSON.stringify(at)} is not a number of parts or a list of indices.`, {
        op: 'split',
      })
    return at.map((i) => Math.min(Math.max(i < 0 ? i + n : i, 0), n))
  }
  if (!Number.isInteger(at) || at < 1 || n % at !== 0)
    fail(
      'Shape',
      `split: axis ${axis} of ${showShape(shape)} has extent ${n}, which does not divide into ${at} equal parts. Give the indices at which to cut.`,
      { op: 'split', shapes: [shape] },
    )
  return Array.from({ length: at - 1 }, (_, i) => ((i + 1) * n) / at)
}

/**
 * Cuts a tensor along an axis (default 0): into that many equal parts, or before each of the given indices, as
 * `numpy.split` does. The inverse of {@link concat}.
 *
 * @example
 * split(tensor([1, 2, 3, 4]), 2)[1] // => [3, 4]
 * split(tensor([1, 2, 3, 4]), [1, 3]).map((part: Tensor) => part.shape[0]) // => [1, 2, 1]
 */
export const split = <X extends Tensor>(
  x: X,
  sectionsOrIndices: number | readonly number[],
  { axis = 0 }: AxisOption = {},
): Tensor<{ -readonly [K in keyof X['shape']]: number } & Shape, X['dtype']>[] => {
  const t = asTensor('split', x)
  const at = normalAxis('split', axis, t.rank)
  const n = t.shape[at]!
  const inner = cuts(n, sectionsOrIndices, t.shape, at)
  return [...inner, n].map((to, i) => {
    const from = i === 0 ? 0 : inner[i - 1]!
    return s.sliceAxis(t, at, from, Math.max(from, to))
  }) as Tensor[] as Tensor<{ -readonly [K in keyof X['shape']]: number } & Shape, X['dtype']>[]
}
