import { fail, showShape } from '../errors.js'
import * as s from '../primitives/structural.js'
import { normalAxes, range } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { DType, DTypeOf, Shape } from '../types/index.js'
import { asTensor, type Num } from './coerce.js'

/** The shape has the same rank; its extents are known at run time. */
export type SameRank<X> = X extends { readonly shape: infer S extends Shape }
  ? { -readonly [K in keyof S]: number } & Shape
  : []

/** A bound of a slice: counted from the end when negative, the whole way when null. */
export type Bound = number | null

interface Span {
  readonly begin: number
  readonly end: number
  readonly stride: number
  readonly backwards: boolean
}

// The indices of Python's slice(begin, end, stride) over n entries; a backward walk is a forward one, reversed.
const span = (n: number, begin: Bound | undefined, end: Bound | undefined, stride: number): Span => {
  const wrap = (i: number): number => (i < 0 ? i + n : i)
  const clip = (i: number, lo: number, hi: number): number => Math.min(Math.max(i, lo), hi)
  if (stride > 0) {
    const from = begin == null ? 0 : clip(wrap(begin), 0, n)
    const to = end == null ? n : clip(wrap(end), 0, n)
    return { begin: from, end: Math.max(from, to), stride, backwards: false }
  }
  const from = begin == null ? n - 1 : clip(wrap(begin), -1, n - 1)
  const to = end == null ? -1 : clip(wrap(end), -1, n - 1)
  const count = Math.max(0, Math.ceil((to - from) / stride))
  if (count === 0) return { begin: 0, end: 0, stride: 1, backwards: false }
  return { begin: from + (count - 1) * stride, end: from + 1, stride: -stride, backwards: true }
}

/**
 * The entries from `begin` up to but without `end`, in steps of `strides`, as x[begin:end:stride] of NumPy: negative
 * bounds count from the end, bounds outside are cut to the tensor, a negative stride walks backwards, null stands for the
 * end of the axis in the direction of the walk. Lists shorter than the rank leave the remaining axes whole.
 *
 * @example
 * slice(tensor([1, 2, 3, 4, 5]), [1], [-1]) // => [2, 3, 4]
 * slice(tensor([1, 2, 3, 4, 5]), [null], [null], [-2]) // => [5, 3, 1]
 */
export const slice = <X extends Tensor>(
  x: X,
  begin: readonly Bound[],
  end: readonly Bound[] = [],
  strides: readonly number[] = [],
): Tensor<SameRank<X>, DTypeOf<X>> => {
  const t = asTensor('slice', x)
  for (const list of [begin, end, strides])
    if (!Array.isArray(list) || list.length > t.rank || list.some((i) => i !== null && !Number.isInteger(i)))
      fail(
        'Value',
        `slice: ${JSON.stringify(list)} does not address the ${t.rank} axes of ${showShape(t.shape)}. Give a list of at most ${t.rank} integers.`,
        { op: 'slice', shapes: [t.shape] },
      )
  if (strides.some((k) => k === 0 || k === null))
    fail('Value', `slice: a stride of ${JSON.stringify(strides)} is 0. Strides are positive or negative.`, {
      op: 'slice',
    })
  const spans = t.shape.map((n, i) => span(n, begin[i], end[i], strides[i] ?? 1))
  const forward = s.slice(
    t,
    spans.map((a) => a.begin),
    spans.map((a) => a.end),
    spans.map((a) => a.stride),
  )
  const turned = range(t.rank).filter((i) => spans[i]!.backwards)
  return s.reverse(forward, turned) as Tensor as Tensor<SameRank<X>, DTypeOf<X>>
}

/** Options of {@link pad}. */
export interface PadOptions {
  /** What the new entries hold; 0 by default. */
  readonly value?: number
}

/** Widths of padding: one number, or a pair for each axis. */
export type PadWidths = number | readonly (readonly [number, number])[]

/**
 * Adds entries of one value in front of and behind each axis.
 *
 * @example
 * pad(tensor([1, 2]), [[1, 2]]) // => [0, 1, 2, 0, 0]
 * pad(tensor([[1]]), [[0, 1], [1, 0]], { value: 7 }) // => [[7, 1], [7, 7]]
 */
export const pad = <X extends Tensor>(
  x: X,
  widths: PadWidths,
  { value = 0 }: PadOptions = {},
): Tensor<SameRank<X>, DTypeOf<X>> => {
  const t = asTensor('pad', x)
  const pairs = typeof widths === 'number' ? t.shape.map(() => [widths, widths] as const) : widths
  if (
    !Array.isArray(pairs) ||
    pairs.length !== t.rank ||
    !pairs.every((w) => w?.length === 2 && w.every((k: number) => Number.isInteger(k) && k >= 0))
  )
    fail(
      'Shape',
      `pad: ${JSON.stringify(widths)} does not fit ${showShape(t.shape)}. Give [before, behind], each at least 0, for each of the ${t.rank} axes; slice cuts.`,
      { op: 'pad', shapes: [t.shape] },
    )
  return s.pad(
    t,
    pairs.map(([lo]) => lo!),
    pairs.map(([, hi]) => hi!),
    undefined,
    value,
  ) as Tensor as Tensor<SameRank<X>, DTypeOf<X>>
}

/** Options of {@link roll}. */
export interface RollOptions {
  /** Axes to roll along; without one, the tensor is rolled as if it were flat. */
  readonly axis?: number | readonly number[]
}

const rollAxis = (x: Tensor, shift: number, axis: number): Tensor => {
  const n = x.shape[axis]!
  const by = n === 0 ? 0 : ((shift % n) + n) % n
  return by === 0 ? x : s.concat([s.sliceAxis(x, axis, n - by, n), s.sliceAxis(x, axis, 0, n - by)], axis)
}

/**
 * Moves entries forward by `shift` places; what leaves the end comes in at the start. Several axes take one shift, or one
 * each.
 *
 * @example
 * roll(tensor([1, 2, 3, 4]), 1) // => [4, 1, 2, 3]
 * roll(tensor([[1, 2], [3, 4]]), -1, { axis: 0 }) // => [[3, 4], [1, 2]]
 */
export const roll = <X extends Tensor>(
  x: X,
  shift: number | readonly number[],
  { axis }: RollOptions = {},
): Tensor<X['shape'], X['dtype']> => {
  const t = asTensor('roll', x)
  const shifts = typeof shift === 'number' ? [shift] : shift
  if (!Array.isArray(shifts) || !shifts.every((k) => Number.isInteger(k)))
    fail('Value', `roll: cannot move by ${JSON.stringify(shift)}. A shift is an integer.`, { op: 'roll' })
  type Same = Tensor<X['shape'], X['dtype']>
  if (axis === undefined) {
    const total = shifts.reduce((a, b) => a + b, 0)
    return s.reshape(rollAxis(s.reshape(t, [t.size]), total, 0), t.shape) as Tensor as Same
  }
  const axes = (typeof axis === 'number' ? [axis] : axis).flatMap((a) => normalAxes('roll', a, t.rank))
  if (shifts.length !== 1 && shifts.length !== axes.length)
    fail('Value', `roll: ${shifts.length} shifts for ${axes.length} axes. Give one, or one for each axis.`, {
      op: 'roll',
      shapes: [t.shape],
    })
  return axes.reduce((y, a, i) => rollAxis(y, shifts[shifts.length === 1 ? 0 : i]!, a), t) as Same
}

/**
 * The tensor `reps` times along each axis, as `numpy.tile`: repetitions and axes line up from the last.
 *
 * @example
 * tile(tensor([1, 2]), 2) // => [1, 2, 1, 2]
 * tile(tensor([1, 2]), [2, 1]) // => [[1, 2], [1, 2]]
 */
export const tile = <D extends DType>(
  x: Tensor<Shape, D>,
  reps: number | readonly number[],
): Tensor<Shape, D> => {
  const t = asTensor('tile', x)
  const list = typeof reps === 'number' ? [reps] : reps
  if (!Array.isArray(list) || !list.every((k) => Number.isInteger(k) && k >= 0))
    fail(
      'Value',
      `tile: cannot repeat ${JSON.stringify(reps)} times. Repetitions are integers of at least 0.`,
      {
        op: 'tile',
      },
    )
  const rank = Math.max(t.rank, list.length)
  const ones = (n: number): number[] => new Array<number>(n).fill(1)
  const shape = [...ones(rank - t.rank), ...t.shape]
  const times = [...ones(rank - list.length), ...list]
  const spread = s.broadcast(
    s.reshape(t, shape),
    shape.flatMap((d, i) => [times[i]!, d]),
    range(rank).map((i) => 2 * i + 1),
  )
  return s.reshape(
    rank === 0 ? t : spread,
    shape.map((d, i) => d * times[i]!),
  ) as Tensor<Shape, D>
}

/** Anything that can be laid out in one line. */
export const flat = (op: string, x: Num): Tensor => {
  const t = asTensor(op, x)
  return s.reshape(t, [t.size])
}
