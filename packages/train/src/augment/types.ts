import { CotangentError, random, reshape, type Tensor } from '@cotangent/core'
import type { Batch } from '../data/batches.js'

/**
 * A batch changed at random: pure, so the same key gives the same batch, and made of operations that compile and
 * batch. `x` is `[batch, height, width]` or `[batch, height, width, channels]`.
 */
export type Augmentation = <B extends Batch>(key: Tensor, batch: B) => Augmented<B>

/** The same fields; shapes may be others. */
export type Augmented<B extends Batch> = { readonly [K in keyof B]: Tensor }

/** Refuses an option. */
export const refuse = (op: string, text: string): never => {
  throw new CotangentError('Value', `augment.${op}: ${text}`, { op: `augment.${op}` })
}

/** An option that is a number in a range. */
export const inRange = (
  op: string,
  name: string,
  x: number,
  low: number,
  high = Number.POSITIVE_INFINITY,
): number =>
  x >= low && x <= high && Number.isFinite(x)
    ? x
    : refuse(
        op,
        `${name} is ${x}. Give a number ${high === Number.POSITIVE_INFINITY ? `of at least ${low}` : `from ${low} to ${high}`}.`,
      )

/** Independent keys for the choices that an augmentation makes. */
export const keys = (key: Tensor, n: number): Tensor[] => [...(random.split(key, n) as Iterable<Tensor>)]

/** An augmentation that sees images `[batch, height, width, channels]` and leaves the labels as they are. */
export const onImages =
  (op: string, f: (key: Tensor, images: Tensor) => Tensor): Augmentation =>
  (key, batch) => {
    const { x } = batch
    if (x.rank === 4) return { ...batch, x: f(key, x) }
    if (x.rank !== 3)
      throw new CotangentError(
        'Shape',
        `augment.${op}: x has shape [${x.shape.join(', ')}]. Give images, [batch, height, width] or [batch, height, width, channels]; augment.asImages gives rows of pixels their shape.`,
        { op: `augment.${op}`, shapes: [x.shape] },
      )
    const y = f(key, reshape(x, [...x.shape, 1]) as Tensor)
    return { ...batch, x: reshape(y, y.shape.slice(0, 3)) as Tensor }
  }

/**
 * An augmentation of images for batches in which each image is a row of numbers.
 *
 * @example
 * const flat = augment.asImages([1, 2], augment.flip({ p: 1 }))
 * flat(random.key(0), { x: tensor([[1, 2]]), y: tensor([0]) }).x // => [[2, 1]]
 */
export const asImages =
  (shape: readonly number[], augmentation: Augmentation): Augmentation =>
  (key, batch) => {
    const size = shape.reduce((a, b) => a * b, 1)
    const { x } = batch
    if (x.rank !== 2 || x.shape[1] !== size)
      throw new CotangentError(
        'Shape',
        `augment.asImages: x has shape [${x.shape.join(', ')}], and images of [${shape.join(', ')}] are rows of ${size} numbers.`,
        { op: 'augment.asImages', shapes: [x.shape] },
      )
    const images = augmentation(key, { ...batch, x: reshape(x, [x.shape[0]!, ...shape]) as Tensor })
    return { ...images, x: reshape(images.x, [x.shape[0]!, -1]) as Tensor }
  }

/**
 * One augmentation after another, each with a key of its own. Without any, the identity.
 *
 * @example
 * const both = augment.compose(augment.flip({ p: 1 }), augment.flip({ p: 1 }))
 * both(random.key(0), { x: tensor([[[1, 2]]]), y: tensor([0]) }).x // => [[[1, 2]]]
 */
export const compose =
  (...augmentations: readonly Augmentation[]): Augmentation =>
  (key, batch) =>
    augmentations.reduce<Augmented<typeof batch>>(
      (now, augmentation, i) => augmentation(random.foldIn(key, i), now as typeof batch),
      batch,
    )
