import { fail, showShape } from '../errors.js'
import { range } from '../shape.js'
import type { Shape } from '../types/index.js'

// What convolution and pooling share: how a window of a given size walks over the spatial axes.

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[]

/**
 * `valid`: none. `same`: as many outputs as ⌈n / stride⌉, the odd one behind, as in TensorFlow and JAX. `causal`: all in
 * front, so that nothing sees its future (one spatial axis). A number pads both sides; pairs say it for each axis.
 */
export type Padding = 'valid' | 'same' | 'causal' | number | readonly (readonly [number, number])[]

/** Checks one number for each spatial axis. */
export const perAxis = (op: string, name: string, value: PerAxis, rank: number, least: number): number[] => {
  const list = typeof value === 'number' ? range(rank).map(() => value) : value
  if (!Array.isArray(list) || list.length !== rank || !list.every((k) => Number.isInteger(k) && k >= least))
    return fail(
      'Value',
      `${op}: ${name} ${JSON.stringify(value)} does not fit ${rank} spatial axes. Give one integer of at least ${least}, or one for each axis.`,
      { op },
    )
  return [...list]
}

/** From the first to the last entry of a window whose entries are `dilation` apart. */
export const extent = (k: number, dilation: number): number => (k === 0 ? 0 : (k - 1) * dilation + 1)

export interface Window {
  readonly size: readonly number[]
  readonly strides: readonly number[]
  readonly dilation: readonly number[]
}

const explicit = (op: string, padding: Padding, rank: number): [number, number][] => {
  if (typeof padding === 'number' && Number.isInteger(padding) && padding >= 0)
    return range(rank).map(() => [padding, padding])
  if (
    Array.isArray(padding) &&
    padding.length === rank &&
    padding.every((w) => Array.isArray(w) && w.length === 2 && w.every((k) => Number.isInteger(k)))
  )
    return padding.map(([lo, hi]) => [lo, hi])
  return fail(
    'Value',
    `${op}: padding ${JSON.stringify(padding)} does not fit ${rank} spatial axes. Use 'valid', 'same', 'causal' (one axis), a number, or [before, behind] for each axis.`,
    { op },
  )
}

/** Padding before and behind each spatial axis. */
export const resolvePadding = (
  op: string,
  padding: Padding,
  spatial: Shape,
  { size, strides, dilation }: Window,
): [number, number][] => {
  const reach = size.map((k, i) => extent(k, dilation[i]!))
  if (padding === 'valid') return spatial.map(() => [0, 0])
  if (padding === 'same')
    return spatial.map((n, i) => {
      const total = Math.max(0, (Math.ceil(n / strides[i]!) - 1) * strides[i]! + reach[i]! - n)
      return [Math.floor(total / 2), Math.ceil(total / 2)]
    })
  if (padding === 'causal' && spatial.length === 1) return [[Math.max(0, reach[0]! - 1), 0]]
  return explicit(op, padding, spatial.length)
}

/** Number of places where the window fits. */
export const places = (
  op: string,
  spatial: Shape,
  padding: readonly (readonly [number, number])[],
  { size, strides, dilation }: Window,
): number[] =>
  spatial.map((n, i) => {
    const [lo, hi] = padding[i]!
    const reach = extent(size[i]!, dilation[i]!)
    if (n + lo + hi < reach)
      fail(
        'Shape',
        `${op}: a window that reaches over ${reach} entries does not fit spatial axis ${i} of ${showShape(spatial)} with padding ${lo} and ${hi}. Pad more, or use a smaller window.`,
        { op, shapes: [spatial] },
      )
    return Math.floor((n + lo + hi - reach) / strides[i]!) + 1
  })
