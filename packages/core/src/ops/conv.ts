import { fail, showShape } from '../errors.js'
import { type ConvParams, conv as convPrimitive } from '../primitives/contraction.js'
import * as s from '../primitives/structural.js'
import { range } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { DTypeOf, Promote, Shape } from '../types/index.js'
import { factors } from './contraction.js'
import { extent, type Padding, type PerAxis, perAxis, places, resolvePadding, type Window } from './window.js'

/** Options of {@link conv}; numbers hold for every spatial axis. */
export interface ConvOptions {
  /** Steps of the window; 1 by default. */
  readonly strides?: PerAxis
  /** `valid` by default. */
  readonly padding?: Padding
  /** Distance between the entries of the window; 1 by default. */
  readonly dilation?: PerAxis
  /** Input and output channels fall into this many groups that do not see each other; 1 by default. */
  readonly groups?: number
}

type Spatial<S extends Shape> = S extends readonly [number, ...infer Inner extends Shape, number]
  ? { [K in keyof Inner]: number }
  : Shape
type Convolved<X extends Shape, W extends Shape> = X extends readonly [infer N extends number, ...Shape]
  ? W extends readonly [...Shape, infer C extends number]
    ? [N, ...Spatial<X>, C]
    : Shape
  : Shape
type Result<X extends Tensor, W extends Tensor> = Tensor<
  Convolved<X['shape'], W['shape']>,
  Promote<DTypeOf<X>, DTypeOf<W>>
>

/** Operands, checked: x [N, ...spatial, C], w [...window, C / groups, Cout]. */
const prepare = (
  op: string,
  x: unknown,
  w: unknown,
  groups: number,
): readonly [Tensor, Tensor, Shape, Shape] => {
  const [a, b] = factors(op, [x, w]) as [Tensor, Tensor]
  const refuse = (why: string): never =>
    fail('Shape', `${op}: ${showShape(a.shape)} and ${showShape(b.shape)} do not fit: ${why}`, {
      op,
      shapes: [a.shape, b.shape],
    })
  if (a.rank < 2 || b.rank !== a.rank)
    refuse(
      'the input is [batch, ...spatial, channels] and the kernel [...window, channels / groups, filters]',
    )
  const [cin, part, cout] = [a.shape.at(-1)!, b.shape.at(-2)!, b.shape.at(-1)!]
  if (!Number.isInteger(groups) || groups < 1 || cin % groups !== 0 || cout % groups !== 0)
    refuse(`${groups} groups must divide the input channels (${cin}) and the filters (${cout})`)
  if (part * groups !== cin)
    refuse(
      `the last axis of the first (${cin}) must equal the second to last of the second (${part})` +
        (groups === 1 ? '' : ` times the groups (${groups})`),
    )
  return [a, b, a.shape.slice(1, -1), b.shape.slice(0, -2)]
}

/** Groups become the leading axis of the primitive, and are the slow part of the channels outside of it. */
const grouped = (x: Tensor, w: Tensor, groups: number, params: ConvParams): Tensor => {
  const lift = (t: Tensor): Tensor => {
    const split = s.reshape(t, [...t.shape.slice(0, -1), groups, t.shape.at(-1)! / groups])
    return s.moveAxis(split, split.rank - 2, 0)
  }
  const y = s.moveAxis(convPrimitive(lift(x), lift(w), params), 0, x.rank - 1)
  return s.reshape(y, [...y.shape.slice(0, -2), y.shape.at(-2)! * y.shape.at(-1)!])
}

/**
 * The convolution of neural networks (a correlation: the kernel is not turned), over any number of spatial axes:
 * y[n, o, c] = Σₖ Σⱼ x[n, o·stride + k·dilation - before, j]·w[k, j, c]. The input is [batch, ...spatial, channels], the
 * kernel [...window, channels / groups, filters], the result [batch, ...places, filters].
 *
 * @example
 * conv(tensor([[[1], [2], [3], [4]]]), tensor([[[1]], [[-1]]])) // => [[[-1], [-1], [-1]]]
 * conv(zeros([8, 28, 28, 3]), zeros([3, 3, 3, 16]), { strides: 2, padding: 'same' }).shape // => [8, 14, 14, 16]
 */
export const conv = <X extends Tensor, W extends Tensor>(
  x: X,
  w: W,
  { strides = 1, padding = 'valid', dilation = 1, groups = 1 }: ConvOptions = {},
): Result<X, W> => {
  const [a, b, spatial, size] = prepare('conv', x, w, groups)
  const rank = spatial.length
  const window: Window = {
    size,
    strides: perAxis('conv', 'strides', strides, rank, 1),
    dilation: perAxis('conv', 'dilation', dilation, rank, 1),
  }
  const pads = resolvePadding('conv', padding, spatial, window)
  places('conv', spatial, pads, window)
  return grouped(a, b, groups, {
    strides: window.strides,
    lo: pads.map(([lo]) => lo),
    hi: pads.map(([, hi]) => hi),
    inputDilation: range(rank).map(() => 1),
    windowDilation: window.dilation,
  }) as Tensor as Result<X, W>
}

/** Options of {@link convTranspose}. */
export interface ConvTransposeOptions extends Omit<ConvOptions, 'padding'> {
  /** What is cut from the full result; `same` gives n·stride places. `valid` by default: nothing is cut. */
  readonly padding?: Exclude<Padding, 'causal'>
  /** Places added behind: among the shapes that `conv` maps to this one, which is meant; 0 by default. */
  readonly outputPadding?: PerAxis
}

/**
 * The adjoint of {@link conv} in its input, as a layer: each input entry adds its multiple of the kernel to the result.
 * The input is [batch, ...spatial, channels], the kernel [...window, channels / groups, filters]. By PyTorch's rule each
 * spatial axis has (n - 1)·stride - before - behind + (k - 1)·dilation + 1 + outputPadding places.
 *
 * @example
 * convTranspose(tensor([[[1], [2]]]), tensor([[[1]], [[10]]]), { strides: 2 }) // => [[[1], [10], [2], [20]]]
 */
export const convTranspose = <X extends Tensor, W extends Tensor>(
  x: X,
  w: W,
  { strides = 1, padding = 'valid', dilation = 1, groups = 1, outputPadding = 0 }: ConvTransposeOptions = {},
): Result<X, W> => {
  const op = 'convTranspose'
  const [a, b, spatial, size] = prepare(op, x, w, groups)
  const rank = spatial.length
  const step = perAxis(op, 'strides', strides, rank, 1)
  const apart = perAxis(op, 'dilation', dilation, rank, 1)
  const extra = perAxis(op, 'outputPadding', outputPadding, rank, 0)
  const reach = size.map((k, i) => extent(k, apart[i]!))
  const cut: readonly (readonly [number, number])[] =
    padding === 'same'
      ? // What 'same' of conv would have padded; a kernel shorter than the stride leaves places to add.
        reach.map((k, i) => {
          const lo = Math.floor(Math.max(0, k - step[i]!) / 2)
          return [lo, k - step[i]! - lo]
        })
      : resolvePadding(op, padding, spatial, { size, strides: step, dilation: apart })
  const lo = cut.map(([before], i) => reach[i]! - 1 - before)
  const hi = cut.map(([, behind], i) => reach[i]! - 1 - behind + extra[i]!)
  spatial.forEach((n, i) => {
    if (extent(n, step[i]!) + lo[i]! + hi[i]! < reach[i]!)
      fail(
        'Shape',
        `${op}: padding ${cut[i]!.join(' and ')} cuts all of spatial axis ${i} of ${showShape(spatial)}.`,
        { op, shapes: [a.shape, b.shape] },
      )
  })
  const turned = s.reverse(b, range(rank))
  return grouped(a, turned, groups, {
    strides: range(rank).map(() => 1),
    lo,
    hi,
    inputDilation: step,
    windowDilation: apart,
  }) as Tensor as Result<X, W>
}
