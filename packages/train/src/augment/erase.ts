import {
  add,
  cast,
  concat,
  greaterEqual,
  less,
  logicalAnd,
  mul,
  random,
  reshape,
  sub,
  type Tensor,
  where,
} from '@cotangent/core'
import { grid, perImage } from './resample.js'
import { type Augmentation, inRange, keys, onImages, refuse } from './types.js'

/**
 * Adds a sample of N(0, std²) to every number of `x`, whatever its shape; labels stay.
 *
 * @example
 * augment.noise({ std: 0 })(random.key(0), { x: tensor([[1, 2]]), y: tensor([0]) }).x // => [[1, 2]]
 */
export const noise = ({ std }: { readonly std: number }): Augmentation => {
  inRange('noise', 'std', std, 0)
  return (key, batch) => {
    const dtype = batch.x.dtype === 'float64' ? 'float64' : 'float32'
    const e = random.normal(key, batch.x.shape, { dtype }) as Tensor
    return { ...batch, x: add(batch.x, mul(e, std)) as Tensor }
  }
}

/**
 * Replaces every number of `x` by `fill` with probability `rate`, independently: values missing completely at random.
 * With `indicators`, where they are missing is appended to the last axis as 0 and 1. Labels stay.
 *
 * @example
 * augment.missing({ rate: 1, fill: 9 })(random.key(0), { x: tensor([[1, 2]]), y: tensor([0]) }).x // => [[9, 9]]
 */
export const missing = ({
  rate,
  fill = 0,
  indicators = false,
}: {
  readonly rate: number
  readonly fill?: number
  readonly indicators?: boolean
}): Augmentation => {
  inRange('missing', 'rate', rate, 0, 1)
  return (key, batch) => {
    const { x } = batch
    const gone = random.bernoulli(key, rate, x.shape) as Tensor
    const left = where(gone, fill, x) as Tensor
    return {
      ...batch,
      x: (indicators ? concat([left, cast(gone, left.dtype)], { axis: -1 }) : left) as Tensor,
    }
  }
}

/** A box for each image, `[batch, height, width, 1]` true inside: of the given half-open extent about a centre. */
export const boxes = (
  height: number,
  width: number,
  centre: { readonly row: Tensor; readonly column: Tensor },
  extent: { readonly height: Tensor | number; readonly width: Tensor | number },
): Tensor => {
  const { row, column } = grid(height, width, 'int32')
  const within = (i: Tensor, c: Tensor, n: Tensor | number): Tensor => {
    // From c - ⌊n/2⌋, n pixels; what lies beyond the edge is cut off.
    const half = typeof n === 'number' ? Math.floor(n / 2) : cast(mul(n, 0.5), 'int32')
    const from = sub(c, half)
    return logicalAnd(greaterEqual(i, from), less(i, add(from, n))) as Tensor
  }
  const inside = logicalAnd(
    within(row, perImage(centre.row), extent.height),
    within(column, perImage(centre.column), extent.width),
  ) as Tensor
  return reshape(inside, [...inside.shape, 1]) as Tensor
}

/** A pixel for each image. */
export const centres = (key: Tensor, n: number, height: number, width: number) => {
  const [ky, kx] = keys(key, 2) as [Tensor, Tensor]
  return {
    row: random.randint(ky, [n], 0, height) as Tensor,
    column: random.randint(kx, [n], 0, width) as Tensor,
  }
}

/**
 * Covers a square of `size` pixels about a random pixel of each image with `fill`; what lies beyond the edge is cut off.
 * Labels stay. DeVries & Taylor 2017, https://arxiv.org/abs/1708.04552
 *
 * @example
 * const { x } = augment.cutout({ size: 5 })(random.key(0), { x: tensor([[[1, 2], [3, 4]]]), y: tensor([0]) })
 * x // => [[[0, 0], [0, 0]]]
 */
export const cutout = ({
  size,
  fill = 0,
}: {
  readonly size: number
  readonly fill?: number
}): Augmentation => {
  if (!Number.isInteger(size) || size < 1)
    refuse('cutout', `size is ${size}. Give a positive whole number of pixels.`)
  return onImages('cutout', (key, images) => {
    const [n, height, width] = images.shape as [number, number, number]
    const covered = boxes(height, width, centres(key, n, height, width), { height: size, width: size })
    return where(covered, fill, images)
  })
}
