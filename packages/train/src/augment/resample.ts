import {
  add,
  arange,
  cast,
  clip,
  floor,
  greaterEqual,
  lessEqual,
  logicalAnd,
  mod,
  mul,
  type Num,
  reshape,
  sub,
  type Tensor,
  takeAlongAxis,
  where,
} from '@cotangent/core'

/** What lies outside of an image. */
export type Outside = { readonly fill: number } | 'wrap'

/** Where the pixels of the new images lie in the old ones: rows and columns, `[batch or 1, height, width]`. */
export interface Places {
  readonly row: Tensor
  readonly column: Tensor
}

/** The rows and columns of the pixels themselves: [1, height, 1] and [1, 1, width]. */
export const grid = (height: number, width: number, dtype: 'int32' | 'float32'): Places => ({
  row: reshape(arange(0, height, 1, dtype), [1, height, 1]) as Tensor,
  column: reshape(arange(0, width, 1, dtype), [1, 1, width]) as Tensor,
})

const inside = (i: Tensor, n: number): Tensor => logicalAnd(greaterEqual(i, 0), lessEqual(i, n - 1))

/** The pixels of images `[batch, height, width, channels]` at whole places; nothing is interpolated. */
export const pick = (images: Tensor, { row, column }: Places, outside: Outside): Tensor => {
  const [batch, height, width, channels] = images.shape as [number, number, number, number]
  const wrap = outside === 'wrap'
  const [r, c] = wrap
    ? [mod(row, height), mod(column, width)]
    : [clip(row, 0, height - 1), clip(column, 0, width - 1)]
  const at = add(mul(r, width), c) as Tensor
  const [h, w] = at.shape.slice(1) as [number, number]
  const flat = reshape(images, [batch, height * width, channels])
  const index = cast(reshape(at, [at.shape[0]!, h * w, 1]), 'int32')
  const found = reshape(takeAlongAxis(flat as Tensor, index as Tensor, { axis: 1 }), [
    batch,
    h,
    w,
    channels,
  ]) as Tensor
  if (wrap) return found
  const known = logicalAnd(inside(row, height), inside(column, width)) as Tensor
  return where(reshape(known, [known.shape[0]!, h, w, 1]) as Tensor, found, outside.fill)
}

/** Images at any places, linear between the four pixels around each; exact where a place is a pixel. */
export const interpolate = (images: Tensor, { row, column }: Places, outside: Outside): Tensor => {
  const [r0, c0] = [floor(row), floor(column)] as [Tensor, Tensor]
  const weight = (x: Tensor): Tensor => reshape(cast(x, images.dtype as 'float32'), [...x.shape, 1]) as Tensor
  const [dr, dc] = [weight(sub(row, r0) as Tensor), weight(sub(column, c0) as Tensor)]
  const whole = (x: Num): Tensor => cast(x as Tensor, 'int32') as Tensor
  const at = (down: number, right: number): Tensor =>
    pick(images, { row: whole(add(r0, down)), column: whole(add(c0, right)) }, outside)
  const along = (a: Tensor, b: Tensor, t: Tensor): Tensor => add(mul(a, sub(1, t)), mul(b, t)) as Tensor
  return along(along(at(0, 0), at(0, 1), dc), along(at(1, 0), at(1, 1), dc), dr)
}

/** A choice for each image as `[batch, 1, 1]`, to meet places. */
export const perImage = (x: Tensor): Tensor => reshape(x, [x.shape[0]!, 1, 1]) as Tensor
