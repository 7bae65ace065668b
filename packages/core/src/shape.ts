import { fail, showShape } from './errors.js'
import type { Shape } from './types/index.js'

/** Number of elements. */
export const sizeOf = (shape: Shape): number => shape.reduce((n, d) => n * d, 1)

/** Row-major strides, in elements. */
export const stridesOf = (shape: Shape): number[] => {
  const strides = new Array<number>(shape.length)
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step
    step *= shape[i]!
  }
  return strides
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i])

/** 0, 1, ..., n - 1. */
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** Checks that a shape is a list of non-negative integers. */
export const checkShape = (op: string, shape: Shape): Shape => {
  if (!Array.isArray(shape) || !shape.every((d) => Number.isInteger(d) && d >= 0))
    return fail(
      'Shape',
      `${op}: ${JSON.stringify(shape)} is not a shape. A shape is a list of non-negative integers.`,
      {
        op,
      },
    )
  return shape
}

/** An axis in -rank..rank-1 as 0..rank-1. */
export const normalAxis = (op: string, axis: number, rank: number): number =>
  Number.isInteger(axis) && axis >= -rank && axis < rank
    ? axis < 0
      ? axis + rank
      : axis
    : fail(
        'Axis',
        `${op}: axis ${axis} does not exist in a tensor of rank ${rank}. ` +
          (rank === 0 ? 'A scalar has no axes.' : `Use -${rank} to ${rank - 1}.`),
        { op },
      )

/** Axes as an ascending list; `undefined` means all of them. */
export const normalAxes = (
  op: string,
  axis: number | readonly number[] | undefined,
  rank: number,
): number[] => {
  if (axis === undefined) return range(rank)
  const axes = (typeof axis === 'number' ? [axis] : axis).map((a) => normalAxis(op, a, rank))
  const unique = new Set(axes)
  if (unique.size !== axes.length) fail('Axis', `${op}: axes ${showShape(axes)} name an axis twice.`, { op })
  return [...unique].sort((a, b) => a - b)
}

/** NumPy broadcasting of any number of shapes. */
export const broadcastShapes = (op: string, shapes: readonly Shape[]): number[] => {
  const rank = Math.max(0, ...shapes.map((s) => s.length))
  const out = new Array<number>(rank).fill(1)
  for (const shape of shapes)
    for (let i = 0; i < shape.length; i++) {
      const at = rank - shape.length + i
      const d = shape[i]!
      if (d === out[at] || d === 1) continue
      if (out[at] !== 1) {
        const text = shapes.map(showShape).join(' and ')
        fail(
          'Shape',
          `${op}: ${text} do not broadcast: axis ${at - rank} is ${out[at]} in one and ${d} in the other. ` +
            'Axes must be equal or 1; use reshape, expandDims or transpose to line them up.',
          { op, shapes },
        )
      }
      out[at] = d
    }
  return out
}
