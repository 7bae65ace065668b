import {
  add,
  cos,
  div,
  flip as mirror,
  mul,
  random,
  reshape,
  sin,
  sub,
  type Tensor,
  where,
} from '@cotangent/core'
import { grid, interpolate, type Outside, perImage, pick } from './resample.js'
import { type Augmentation, inRange, keys, onImages, refuse } from './types.js'

/** What lies beyond the edge: a constant (default 0), or the other side. */
export interface OutsideOptions {
  readonly fill?: number
  readonly wrap?: boolean
}

const outsideOf = ({ fill = 0, wrap = false }: OutsideOptions): Outside => (wrap ? 'wrap' : { fill })

const uniform = (key: Tensor, n: number, minval: number, maxval: number): Tensor =>
  random.uniform(key, [n], { minval, maxval }) as Tensor

/**
 * Moves each image by whole pixels, from -max to max in each direction; labels stay. With `wrap` nothing is lost.
 *
 * @example
 * const { x } = augment.shift({ max: 1 })(random.key(3), { x: tensor([[[1, 2], [3, 4]]]), y: tensor([0]) })
 * x // => [[[3, 4], [0, 0]]]
 */
export const shift = ({ max, ...outside }: { readonly max: number } & OutsideOptions): Augmentation => {
  if (!Number.isInteger(max) || max < 0) refuse('shift', `max is ${max}. Give a whole number of pixels.`)
  return onImages('shift', (key, images) => {
    const [n, height, width] = images.shape as [number, number, number]
    const by = random.randint(key, [2, n], -max, max + 1) as Tensor
    const [down, right] = [...by] as [Tensor, Tensor]
    const { row, column } = grid(height, width, 'int32')
    const places = { row: sub(row, perImage(down)) as Tensor, column: sub(column, perImage(right)) as Tensor }
    return pick(images, places, outsideOf(outside))
  })
}

/** Images under the linear map of the plane that takes a new place, from the centre, to the old one. */
const mapped = (
  images: Tensor,
  map: (y: Tensor, x: Tensor) => readonly [Tensor, Tensor],
  outside: Outside,
): Tensor => {
  const [height, width] = images.shape.slice(1) as [number, number]
  const { row, column } = grid(height, width, 'float32')
  const [cy, cx] = [(height - 1) / 2, (width - 1) / 2]
  const [y, x] = map(sub(row, cy) as Tensor, sub(column, cx) as Tensor)
  return interpolate(images, { row: add(y, cy) as Tensor, column: add(x, cx) as Tensor }, outside)
}

/**
 * Turns each image about its centre by an angle from -degrees to degrees, or between the two given, counter-clockwise
 * where positive, linear between pixels. Labels stay; large angles may not keep what they mean (6 and 9).
 *
 * @example
 * const quarter = augment.rotate({ degrees: [90, 90] })
 * quarter(random.key(0), { x: tensor([[[1, 2], [3, 4]]]), y: tensor([0]) }).x // => [[[2, 4], [1, 3]]]
 */
export const rotate = ({
  degrees,
  ...outside
}: { readonly degrees: number | readonly [number, number] } & OutsideOptions): Augmentation => {
  const [from, to] =
    typeof degrees === 'number' ? [-inRange('rotate', 'degrees', degrees, 0, 360), degrees] : degrees
  if (!(from <= to && Number.isFinite(to - from)))
    refuse('rotate', `degrees are [${from}, ${to}]. Give them in order.`)
  return onImages('rotate', (key, images) => {
    const angle = perImage(uniform(key, images.shape[0]!, (from * Math.PI) / 180, (to * Math.PI) / 180))
    const [c, s] = [cos(angle), sin(angle)]
    return mapped(
      images,
      (y, x) => [add(mul(y, c), mul(x, s)) as Tensor, sub(mul(x, c), mul(y, s)) as Tensor],
      outsideOf(outside),
    )
  })
}

/**
 * Enlarges each image about its centre by a factor from min to max, linear between pixels; labels stay.
 *
 * @example
 * const twice = augment.scale({ min: 2, max: 2 })
 * twice(random.key(0), { x: tensor([[[0, 0, 0], [0, 4, 0], [0, 0, 0]]]), y: tensor([0]) }).x // => [[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]
 */
export const scale = ({
  min,
  max,
  ...outside
}: { readonly min: number; readonly max: number } & OutsideOptions): Augmentation => {
  if (!(min > 0)) refuse('scale', `min is ${min}. Give a positive factor.`)
  inRange('scale', 'max', max, min)
  return onImages('scale', (key, images) => {
    const factor = perImage(uniform(key, images.shape[0]!, min, max))
    return mapped(images, (y, x) => [div(y, factor) as Tensor, div(x, factor) as Tensor], outsideOf(outside))
  })
}

/**
 * Mirrors each image with probability p (default ½), left to right unless `axis` is `vertical`. Its own inverse under the
 * same key. Labels stay, so it is not for what has a hand: digits, letters.
 *
 * @example
 * augment.flip({ p: 1 })(random.key(0), { x: tensor([[[1, 2]]]), y: tensor([0]) }).x // => [[[2, 1]]]
 */
export const flip = ({
  axis = 'horizontal',
  p = 0.5,
}: {
  readonly axis?: 'horizontal' | 'vertical'
  readonly p?: number
} = {}): Augmentation => {
  inRange('flip', 'p', p, 0, 1)
  return onImages('flip', (key, images) => {
    const chosen = reshape(random.bernoulli(key, p, [images.shape[0]!]), [images.shape[0]!, 1, 1, 1])
    return where(chosen as Tensor, mirror(images, { axis: axis === 'horizontal' ? 2 : 1 }) as Tensor, images)
  })
}

/**
 * A piece of each image at a place of its own, of `size` [height, width], out of the image with `padding` pixels around
 * it; labels stay.
 *
 * @example
 * augment.randomCrop({ size: [1, 2] })(random.key(0), { x: tensor([[[1, 2], [3, 4]]]), y: tensor([0]) }).x.shape // => [1, 1, 2]
 */
export const randomCrop = ({
  size: [h, w],
  padding = 0,
  ...outside
}: {
  readonly size: readonly [number, number]
  readonly padding?: number
} & OutsideOptions): Augmentation => {
  for (const n of [h, w, padding + 1])
    if (!Number.isInteger(n) || n < 1)
      refuse('randomCrop', `size [${h}, ${w}], padding ${padding}. Give whole numbers of pixels.`)
  return onImages('randomCrop', (key, images) => {
    const [n, height, width] = images.shape as [number, number, number]
    const [rows, columns] = [height + 2 * padding - h, width + 2 * padding - w]
    if (rows < 0 || columns < 0)
      refuse(
        'randomCrop',
        `a piece of [${h}, ${w}] does not fit images of [${height}, ${width}] with padding ${padding}.`,
      )
    const [ky, kx] = keys(key, 2) as [Tensor, Tensor]
    const from = (k: Tensor, free: number): Tensor =>
      perImage(random.randint(k, [n], -padding, free - padding + 1) as Tensor)
    const { row, column } = grid(h, w, 'int32')
    const places = {
      row: add(row, from(ky, rows)) as Tensor,
      column: add(column, from(kx, columns)) as Tensor,
    }
    return pick(images, places, outsideOf(outside))
  })
}
