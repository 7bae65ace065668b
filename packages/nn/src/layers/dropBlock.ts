import {
  CotangentError,
  cast,
  div,
  less,
  maximum,
  maxPool,
  mul,
  pad,
  random,
  sub,
  sum,
  type Tensor,
} from '@cotangent/core'
import type { Empty, Layer } from '../layer.js'
import type { DropoutOptions } from './dropout.js'
import { checkRate, stochastic } from './stochastic.js'

/** Options of {@link dropBlock}. */
export interface DropBlockOptions extends DropoutOptions {
  /** Entries of a block along each spatial axis, or along all of them. Default 7. Longer than an axis: all of it. */
  readonly size?: number | readonly number[]
}

const refuse = (text: string, shape?: readonly number[]): never => {
  throw new CotangentError('Shape', `dropBlock: ${text}`, {
    op: 'dropBlock',
    ...(shape && { shapes: [shape] }),
  })
}

/** The lengths of a block in an input of this shape. */
const blockIn = (shape: readonly number[], size: number | readonly number[]): readonly number[] => {
  const spatial = shape.slice(1, -1)
  if (spatial.length === 0)
    refuse(
      `the input is [${shape.join(', ')}]. Give [batch, ...spatial, channels] with a spatial axis.`,
      shape,
    )
  const sizes = typeof size === 'number' ? spatial.map(() => size) : size
  if (sizes.length !== spatial.length)
    refuse(
      `size has ${sizes.length} entries and the input [${shape.join(', ')}] has ${spatial.length} spatial axes. Give one for each, or one number.`,
      shape,
    )
  return spatial.map((n, i) => Math.min(n, sizes[i]!))
}

/** The probability that a block begins at a place where there is room for it: rate·∏n / (∏b·∏(n - b + 1)). */
const gamma = (rate: number, spatial: readonly number[], block: readonly number[]): number =>
  spatial.reduce((g, n, i) => (g * n) / (block[i]! * (n - block[i]! + 1)), rate)

/**
 * Drops whole blocks of neighbours of each channel while training, about a share `rate` of all entries, and multiplies
 * the others by count / kept so that the mean stays; the identity otherwise. A block begins at each place where there is
 * room for it with probability γ = rate·∏n / (∏b·∏(n - b + 1)), over spatial lengths n and block lengths b, which may be
 * even and may differ. Blocks overlap, so somewhat less than `rate` is dropped. Input `[batch, ...spatial, channels]`.
 * Ghiasi, Lin & Le 2018, https://arxiv.org/abs/1810.12890
 *
 * @throws CotangentError of kind `Shape` for an input without spatial axes or a size that does not fit them.
 * @example
 * dropBlock({ rate: 0.1, size: 2 }).apply({}, {}, tensor([[[1], [2]]]), { train: false }).y // => [[[1], [2]]]
 */
export const dropBlock = ({ rate, size = 7 }: DropBlockOptions): Layer<Empty> => {
  checkRate('dropBlock', rate)
  for (const n of typeof size === 'number' ? [size] : size)
    if (!Number.isInteger(n) || n < 1) refuse(`size is ${n}. Give positive integers.`)
  return stochastic('dropBlock', rate, (x, key) => {
    const block = blockIn(x.shape, size)
    const spatial = x.shape.slice(1, -1)
    const places = spatial.map((n, i) => n - block[i]! + 1)
    const seeds = less(
      random.uniform(key, [x.shape[0]!, ...places, x.shape.at(-1)!]),
      gamma(rate, spatial, block),
    )
    // Each entry looks back over the places at which a block that covers it can begin.
    const widths = [0, ...block.map((b) => b - 1), 0].map((w) => [w, w] as const)
    const dropped = maxPool(pad(cast(seeds, x.dtype), widths) as Tensor, { window: block, strides: 1 })
    const kept = sub(1, dropped) as Tensor
    return mul(mul(x, kept), div(x.size, maximum(sum(kept), 1)))
  })
}
