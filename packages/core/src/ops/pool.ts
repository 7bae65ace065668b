import { allocate, isFloat } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import * as p from '../primitives/arithmetic.js'
import { reduceMax } from '../primitives/reductions.js'
import * as s from '../primitives/structural.js'
import { range, sizeOf } from '../shape.js'
import { fromData, type Tensor } from '../tensor.js'
import type { DTypeOf } from '../types/index.js'
import { asTensor, floatOperand } from './coerce.js'
import type { SameRank } from './cut.js'
import { extent, type Padding, type PerAxis, perAxis, places, resolvePadding, type Window } from './window.js'

/** Options of {@link maxPool}; numbers hold for every spatial axis. */
export interface PoolOptions {
  readonly window: PerAxis
  /** Steps of the window; by default the window itself, so that windows tile the input. */
  readonly strides?: PerAxis
  /** `valid` by default. */
  readonly padding?: Padding
  /** Distance between the entries of the window; 1 by default. */
  readonly dilation?: PerAxis
}

/** Options of {@link avgPool}. */
export interface AvgPoolOptions extends PoolOptions {
  /** Whether padding counts as zeros; by default the mean is over entries of the input alone. */
  readonly countPadding?: boolean
}

interface Walk extends Window {
  readonly pads: readonly (readonly [number, number])[]
  readonly out: readonly number[]
}

const plan = (op: string, x: Tensor, options: PoolOptions): Walk => {
  if (x.rank < 3)
    fail('Shape', `${op}: needs [batch, ...spatial, channels], not ${showShape(x.shape)}.`, {
      op,
      shapes: [x.shape],
    })
  const spatial = x.shape.slice(1, -1)
  const size = perAxis(op, 'window', options.window, spatial.length, 1)
  const strides = perAxis(op, 'strides', options.strides ?? options.window, spatial.length, 1)
  const dilation = perAxis(op, 'dilation', options.dilation ?? 1, spatial.length, 1)
  const window = { size, strides, dilation }
  const pads = resolvePadding(op, options.padding ?? 'valid', spatial, window)
  return { ...window, pads, out: places(op, spatial, pads, window) }
}

/** For each entry of the window, what it sees at every place: slices of the padded input along a new first axis. */
const views = (x: Tensor, { size, strides, dilation, pads, out }: Walk, value: number): Tensor => {
  const padded = s.pad(
    x,
    [0, ...pads.map(([lo]) => lo), 0],
    [0, ...pads.map(([, hi]) => hi), 0],
    undefined,
    value,
  )
  const view = (k: number): Tensor => {
    let rest = k
    const at = new Array<number>(size.length)
    for (let i = size.length - 1; i >= 0; i--) {
      at[i] = (rest % size[i]!) * dilation[i]!
      rest = Math.floor(rest / size[i]!)
    }
    const part = s.slice(
      padded,
      [0, ...at, 0],
      [x.shape[0]!, ...at.map((a, i) => a + extent(out[i]!, strides[i]!)), x.shape.at(-1)!],
      [1, ...strides, 1],
    )
    return s.reshape(part, [1, ...part.shape])
  }
  return s.concat(range(sizeOf(size)).map(view), 0)
}

/**
 * The largest entry of each window over the spatial axes of [batch, ...spatial, channels]; padding never wins. Where k
 * entries tie, each gets 1/k of the gradient.
 *
 * @example
 * maxPool(tensor([[[1], [4], [3], [2]]]), { window: 2 }) // => [[[4], [3]]]
 */
export const maxPool = <X extends Tensor>(x: X, options: PoolOptions): Tensor<SameRank<X>, DTypeOf<X>> => {
  const t = asTensor('maxPool', x)
  const lowest = isFloat(t.dtype) ? Number.NEGATIVE_INFINITY : t.dtype === 'int32' ? -2147483648 : 0
  return reduceMax(views(t, plan('maxPool', t, options), lowest), [0]) as Tensor as Tensor<
    SameRank<X>,
    DTypeOf<X>
  >
}

/** How many entries of the input each place sees: a product of counts along the axes, at least 1. */
const counts = (x: Tensor, { size, strides, dilation, pads, out }: Walk): Tensor => {
  const along = out.map((n, axis) =>
    range(n).map(
      (o) =>
        range(size[axis]!).filter((k) => {
          const at = o * strides[axis]! + k * dilation[axis]! - pads[axis]![0]
          return at >= 0 && at < x.shape[axis + 1]!
        }).length,
    ),
  )
  const all = along.reduce((table, row) => table.flatMap((a) => row.map((b) => a * b)), [1])
  const data = allocate(x.dtype, all.length)
  // A place that sees padding alone has sum 0; dividing by 1 keeps it.
  data.set(all.map((n) => Math.max(1, n)))
  return fromData(data, out, x.dtype)
}

/**
 * The mean of each window over the spatial axes of [batch, ...spatial, channels], over entries of the input alone unless
 * padding is counted.
 *
 * @example
 * avgPool(tensor([[[1], [4], [3], [2]]]), { window: 2 }) // => [[[2.5], [2.5]]]
 */
export const avgPool = <X extends Tensor>(x: X, options: AvgPoolOptions): Tensor<SameRank<X>, DTypeOf<X>> => {
  const t = floatOperand('avgPool', x)
  const walk = plan('avgPool', t, options)
  const total = s.sum(views(t, walk, 0), [0])
  const divisor = options.countPadding
    ? p.constantLike(sizeOf(walk.size), total)
    : s.broadcast(
        counts(t, walk),
        total.shape,
        range(walk.out.length).map((i) => i + 1),
      )
  return p.div(total, divisor) as Tensor as Tensor<SameRank<X>, DTypeOf<X>>
}
