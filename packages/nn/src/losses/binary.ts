import {
  add,
  CotangentError,
  exp,
  logSigmoid,
  mul,
  neg,
  softplus,
  strongMul,
  sub,
  type Tensor,
} from '@cotangent/core'
import { type LossOptions, reduce, sameShapes, smoothed } from './reduce.js'

/** Options of {@link sigmoidBinaryCrossEntropy}. */
export interface BinaryOptions extends LossOptions {
  /** Labels become y(1 - ε) + ε/2. Default 0. */
  readonly labelSmoothing?: number
  /** Multiplies the loss of positives, to balance rare ones. A number, or one for each output. Default 1. */
  readonly positiveWeight?: Tensor | number
}

// strongMul: a label that is certain does not pay for the other class, even at an infinite logit.
const binary = (labels: Tensor, ifTrue: Tensor, ifFalse: Tensor): Tensor =>
  add(strongMul(labels, ifTrue), strongMul(sub(1, labels), ifFalse))

/**
 * -y·log σ(x) - (1 - y)·log(1 - σ(x)) for logits x of any size and labels y in [0, 1], one loss per entry before the
 * reduction. The gradient is σ(x) - y.
 *
 * @example
 * loss.sigmoidBinaryCrossEntropy(tensor([0, 1e4]), tensor([1, 1]), { reduction: 'none' }) // => [0.693147, 0]
 */
export const sigmoidBinaryCrossEntropy = (
  logits: Tensor,
  labels: Tensor,
  { labelSmoothing = 0, positiveWeight = 1, ...options }: BinaryOptions = {},
): Tensor => {
  const op = 'sigmoidBinaryCrossEntropy'
  sameShapes(op, logits, labels)
  const y = smoothed(op, labels, labelSmoothing, 2)
  return reduce(op, binary(y, mul(softplus(neg(logits)), positiveWeight), softplus(logits)), options)
}

/** Options of {@link focal}. */
export interface FocalOptions extends LossOptions {
  /** How fast the loss of what is already right fades; 0 is the binary cross-entropy. Default 2. */
  readonly gamma?: number
  /** Weight of positives, and 1 - alpha of negatives. Without it both count 1. */
  readonly alpha?: number
  /** Labels become y(1 - ε) + ε/2. Default 0. */
  readonly labelSmoothing?: number
}

/**
 * The focal loss of logits x and labels y in [0, 1]: -y·α·(1 - p)^γ·log p - (1 - y)·(1 - α)·p^γ·log(1 - p) with
 * p = σ(x). Lin et al. 2017, https://arxiv.org/abs/1708.02002, who use α = 0.25.
 *
 * @example
 * loss.focal(tensor([0]), tensor([1])) // => 0.173287
 */
export const focal = (
  logits: Tensor,
  labels: Tensor,
  { gamma = 2, alpha, labelSmoothing = 0, ...options }: FocalOptions = {},
): Tensor => {
  if (!(gamma >= 0))
    throw new CotangentError('Value', `focal: gamma is ${gamma}. Give a number of at least 0.`, {
      op: 'focal',
    })
  if (alpha !== undefined && !(alpha >= 0 && alpha <= 1))
    throw new CotangentError('Value', `focal: alpha is ${alpha}. Give a number in [0, 1].`, { op: 'focal' })
  sameShapes('focal', logits, labels)
  const y = smoothed('focal', labels, labelSmoothing, 2)
  // (1 - p)^γ as exp(γ log(1 - p)) keeps its digits where p is almost 1.
  const faded = (x: Tensor): Tensor => strongMul(exp(mul(logSigmoid(neg(x)), gamma)), softplus(neg(x)))
  const [positive, negative] = alpha === undefined ? [1, 1] : [alpha, 1 - alpha]
  return reduce('focal', binary(y, mul(faded(logits), positive), mul(faded(neg(logits)), negative)), options)
}
