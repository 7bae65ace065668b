import { abs, CotangentError, lessEqual, mul, relu, square, sub, type Tensor, where } from '@cotangent/core'
import { type LossOptions, reduce, sameShapes } from './reduce.js'

/**
 * Mean squared error, mean((prediction - target)²); with `reduction: 'none'` one loss per entry.
 *
 * @example
 * loss.mse(tensor([1, 2]), tensor([1, 4])) // => 2
 */
export const mse = (prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor => {
  sameShapes('mse', prediction, target)
  return reduce('mse', square(sub(prediction, target)), options)
}

/**
 * Mean absolute error, mean |prediction - target|; its slope where they agree is 0.
 *
 * @example
 * loss.mae(tensor([1, 2]), tensor([1, 4])) // => 1
 */
export const mae = (prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor => {
  sameShapes('mae', prediction, target)
  return reduce('mae', abs(sub(prediction, target)), options)
}

/** Options of {@link huber}. */
export interface HuberOptions extends LossOptions {
  /** The error up to which the loss is a square. Default 1. */
  readonly delta?: number
}

/**
 * Huber's loss: r²/2 for errors |r| ≤ δ and δ(|r| - δ/2) beyond, so that no error pulls harder than δ. Huber 1964.
 *
 * @example
 * loss.huber(tensor([1, 3]), tensor([0, 0]), { reduction: 'none' }) // => [0.5, 2.5]
 */
export const huber = (
  prediction: Tensor,
  target: Tensor,
  { delta = 1, ...options }: HuberOptions = {},
): Tensor => {
  if (!(delta > 0))
    throw new CotangentError('Value', `huber: delta is ${delta}. Give a positive number.`, { op: 'huber' })
  sameShapes('huber', prediction, target)
  const r = sub(prediction, target)
  const size = abs(r)
  const near = lessEqual(size, delta)
  // The square of a large error, which is not used, must not overflow.
  const quadratic = mul(square(where(near, r, 0)), 0.5)
  return reduce('huber', where(near, quadratic, mul(sub(size, delta / 2), delta)), options)
}

/**
 * max(0, 1 - label·score) with labels -1 and 1: 0 where the score is right by a margin of 1. Cortes & Vapnik 1995.
 *
 * @example
 * loss.hinge(tensor([2, -0.5]), tensor([1, 1]), { reduction: 'none' }) // => [0, 1.5]
 */
export const hinge = (scores: Tensor, labels: Tensor, options: LossOptions = {}): Tensor => {
  sameShapes('hinge', scores, labels)
  return reduce('hinge', relu(sub(1, mul(labels, scores))), options)
}
