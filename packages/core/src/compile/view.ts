import { sizeOf, stridesOf } from '../shape.js'
import type { Shape } from '../types/index.js'
import type { Buffer } from './buffer.js'

/** Elements of a buffer seen as an array: element i lies at offset + Σ iₐ·strideₐ. */
export interface View {
  readonly buffer: Buffer
  readonly offset: number
  readonly shape: Shape
  readonly strides: readonly number[]
}

/** A whole buffer, row-major. */
export const wholeView = (buffer: Buffer, shape: Shape): View => ({
  buffer,
  offset: 0,
  shape,
  strides: stridesOf(shape),
})

/** Strides of axes of length 1 say nothing; here they are what row-major order would have. */
export const isContiguous = ({ shape, strides }: View): boolean => {
  const dense = stridesOf(shape)
  return sizeOf(shape) === 0 || shape.every((n, i) => n === 1 || strides[i] === dense[i])
}

/** Does the view show a whole buffer in its own order? */
export const isWhole = (view: View): boolean =>
  view.offset === 0 && isContiguous(view) && sizeOf(view.shape) === view.buffer.size

/** Input axis i becomes output axis dims[i]; new axes repeat. */
export const broadcastView = (v: View, shape: Shape, dims: readonly number[]): View => {
  const strides = new Array<number>(shape.length).fill(0)
  dims.forEach((d, i) => {
    strides[d] = v.shape[i] === 1 ? 0 : v.strides[i]!
  })
  return { ...v, shape, strides }
}

export const permuteView = (v: View, perm: readonly number[]): View => ({
  ...v,
  shape: perm.map((p) => v.shape[p]!),
  strides: perm.map((p) => v.strides[p]!),
})

export const sliceView = (
  v: View,
  shape: Shape,
  begin: readonly number[],
  steps: readonly number[],
): View => ({
  ...v,
  shape,
  offset: v.offset + begin.reduce((s, b, i) => s + b * v.strides[i]!, 0),
  strides: v.strides.map((s, i) => s * steps[i]!),
})

export const reverseView = (v: View, axes: readonly number[]): View => ({
  ...v,
  offset: v.offset + axes.reduce((s, a) => s + Math.max(0, v.shape[a]! - 1) * v.strides[a]!, 0),
  strides: v.strides.map((s, i) => (axes.includes(i) ? -s : s)),
})

/**
 * The same elements in the same order under another shape; undefined where no strides say so. Axes are matched from
 * the right: a run of old axes and a run of new ones with equal products, the old run being dense in itself.
 */
export const reshapeView = (v: View, shape: Shape): View | undefined => {
  if (sizeOf(shape) === 0) return { ...v, shape, strides: stridesOf(shape) }
  const old = v.shape.flatMap((n, i) => (n === 1 ? [] : [{ n, stride: v.strides[i]! }]))
  const strides = new Array<number>(shape.length).fill(0)
  let at = old.length - 1
  let axis = shape.length - 1
  while (axis >= 0 || at >= 0) {
    if (axis >= 0 && shape[axis] === 1) {
      axis--
      continue
    }
    if (axis < 0 || at < 0) return undefined
    // The smallest run of old axes, dense in itself, whose length is a product of new axes.
    let length = old[at]!.n
    const step = old[at]!.stride
    let reach = length * step
    let taken = 1
    let product = shape[axis]!
    strides[axis] = step
    axis--
    while (product !== length) {
      if (product < length) {
        while (axis >= 0 && shape[axis] === 1) axis--
        if (axis < 0) return undefined
        strides[axis] = step * product
        product *= shape[axis]!
        axis--
      } else {
        const next = old[at - taken]
        if (!next || next.stride !== reach) return undefined
        length *= next.n
        reach = next.stride * next.n
        taken++
      }
    }
    at -= taken
  }
  return { ...v, shape, strides }
}
