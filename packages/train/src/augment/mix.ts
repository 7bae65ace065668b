import {
  add,
  CotangentError,
  cast,
  maximum,
  mean,
  mul,
  oneHot,
  random,
  reshape,
  round,
  sqrt,
  sub,
  type Tensor,
  take,
  where,
} from '@cotangent/core'
import type { Batch } from '../data/batches.js'
import { boxes, centres } from './erase.js'
import { type Augmentation, inRange, keys, refuse } from './types.js'

/** Options of {@link mixup} and {@link cutmix}. */
export interface MixOptions {
  /** λ ~ Beta(α, α). */
  readonly alpha: number
  /** How many classes there are, where labels are class numbers: a mixture of labels is a distribution. */
  readonly classes?: number
}

const checkAlpha = (op: string, alpha: number): void => {
  if (!(alpha > 0 && Number.isFinite(alpha))) refuse(op, `alpha is ${alpha}. Give a positive number.`)
}

/** Labels that can be mixed: distributions and values as they are, class numbers as distributions. */
const mixable = (op: string, y: Tensor, classes: number | undefined): Tensor => {
  if (y.dtype === 'float32' || y.dtype === 'float64') return y
  if (classes === undefined)
    throw new CotangentError(
      'Value',
      `augment.${op}: the labels are class numbers, and a mixture of classes is a distribution. Pass classes: how many there are.`,
      { op: `augment.${op}` },
    )
  inRange(op, 'classes', classes, 1)
  return oneHot(cast(y, 'int32') as Tensor, classes) as Tensor
}

/** λ·a + (1 - λ)·b with one λ for each example. */
const blend = (a: Tensor, b: Tensor, lambda: Tensor): Tensor => {
  const weight = cast(
    reshape(lambda, [lambda.shape[0]!, ...a.shape.slice(1).map(() => 1)]),
    a.dtype as 'float32',
  )
  return add(mul(a, weight), mul(b, sub(1, weight))) as Tensor
}

const partner = (key: Tensor, batch: Batch): Tensor => random.permutation(key, batch.x.shape[0]!) as Tensor

/**
 * Mixes each example with another of the batch, λx + (1 - λ)x', λ ~ Beta(α, α) for each, and their labels likewise.
 * Zhang et al. 2018, https://arxiv.org/abs/1710.09412
 *
 * @example
 * const batch = { x: tensor([[0], [1]]), y: tensor([0, 1], { dtype: 'int32' }) }
 * const mixed = augment.mixup({ alpha: 1, classes: 2 })(random.key(2), batch)
 * sum(mixed.y, { axis: 1 }) // => [1, 1]
 */
export const mixup = ({ alpha, classes }: MixOptions): Augmentation => {
  checkAlpha('mixup', alpha)
  return (key, batch) => {
    const [kl, kp] = keys(key, 2) as [Tensor, Tensor]
    const lambda = random.beta(kl, alpha, alpha, [batch.x.shape[0]!]) as Tensor
    const other = partner(kp, batch)
    const y = mixable('mixup', batch.y, classes)
    return {
      ...batch,
      x: blend(batch.x, take(batch.x, other, { axis: 0 }) as Tensor, lambda),
      y: blend(y, take(y, other, { axis: 0 }) as Tensor, lambda),
    }
  }
}

/**
 * Pastes a box of another image of the batch into each: of the shape of the image, √(1 - λ) as long, λ ~ Beta(α, α),
 * about a random pixel. Labels are mixed by the area that was really pasted, after cutting at the edge.
 * Yun et al. 2019, https://arxiv.org/abs/1905.04899
 *
 * @example
 * const batch = { x: zeros([2, 4, 4]), y: tensor([0, 1], { dtype: 'int32' }) }
 * sum(augment.cutmix({ alpha: 1, classes: 2 })(random.key(0), batch).y, { axis: 1 }) // => [1, 1]
 */
export const cutmix = ({ alpha, classes }: MixOptions): Augmentation => {
  checkAlpha('cutmix', alpha)
  return (key, batch) => {
    const { x } = batch
    if (x.rank !== 3 && x.rank !== 4)
      throw new CotangentError('Shape', `augment.cutmix: x has shape [${x.shape.join(', ')}]. Give images.`, {
        op: 'augment.cutmix',
        shapes: [x.shape],
      })
    const [kl, kp, kc] = keys(key, 3) as [Tensor, Tensor, Tensor]
    const [n, height, width] = x.shape as [number, number, number]
    const ratio = sqrt(maximum(sub(1, random.beta(kl, alpha, alpha, [n])), 0)) as Tensor
    const long = (side: number): Tensor =>
      reshape(cast(round(mul(ratio, side)), 'int32'), [n, 1, 1]) as Tensor
    const box = boxes(height, width, centres(kc, n, height, width), {
      height: long(height),
      width: long(width),
    })
    const other = partner(kp, batch)
    const pasted = take(x, other, { axis: 0 }) as Tensor
    const mask = x.rank === 4 ? box : (reshape(box, [n, height, width]) as Tensor)
    const kept = sub(1, mean(cast(box, 'float32'), { axis: [1, 2, 3] })) as Tensor
    const y = mixable('cutmix', batch.y, classes)
    return {
      ...batch,
      x: where(mask, pasted, x) as Tensor,
      y: blend(y, take(y, other, { axis: 0 }) as Tensor, kept),
    }
  }
}
