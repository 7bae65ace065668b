import {
  CotangentError,
  cast,
  logSoftmax,
  mean,
  oneHot,
  square,
  strongMul,
  sub,
  sum,
  type Tensor,
  xlogy,
} from '@cotangent/core'

/** Options of the losses. */
export interface LossOptions {
  /** What becomes of the losses of the examples. Default `mean`. */
  readonly reduction?: 'mean' | 'sum' | 'none'
}

const reduce = (losses: Tensor, { reduction = 'mean' }: LossOptions): Tensor =>
  reduction === 'none' ? losses : reduction === 'sum' ? sum(losses) : mean(losses)

/** Classes as numbers become rows with a 1; a distribution per example stays. */
const distribution = (op: string, labels: Tensor, like: Tensor): Tensor => {
  if (labels.rank === like.rank) return labels
  if (labels.rank === like.rank - 1)
    return cast(oneHot(cast(labels, 'int32'), like.shape.at(-1)!), like.dtype)
  throw new CotangentError(
    'Shape',
    `${op}: labels [${labels.shape.join(', ')}] do not fit scores [${like.shape.join(', ')}]. ` +
      'Give class numbers without the last axis, or a distribution with it.',
    { op, shapes: [like.shape, labels.shape] },
  )
}

/**
 * Mean squared error, mean((prediction - target)²); with `reduction: 'none'` one loss per entry.
 *
 * @example
 * loss.mse(tensor([1, 2]), tensor([1, 4])) // => 2
 */
export const mse = (prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor =>
  reduce(square(sub(prediction, target)), options)

/**
 * -Σ labels·log softmax(logits) over the last axis, averaged over the examples; finite for logits of any size.
 * Labels are class numbers `[batch]` or distributions `[batch, classes]`. The gradient is (softmax - labels)/batch.
 *
 * @example
 * loss.softmaxCrossEntropy(tensor([[0, 0]]), tensor([1], { dtype: 'int32' })) // => 0.693147
 * loss.softmaxCrossEntropy(tensor([[1e4, 0]]), tensor([[1, 0]])) // => 0
 */
export const softmaxCrossEntropy = (logits: Tensor, labels: Tensor, options: LossOptions = {}): Tensor => {
  const target = distribution('softmaxCrossEntropy', labels, logits)
  // strongMul: a class of probability 0 may have the logit -Infinity.
  const each = strongMul(target, logSoftmax(logits, { axis: -1 }))
  return reduce(sub(0, sum(each, { axis: -1 })), options)
}

/**
 * -Σ labels·log(probabilities) over the last axis: for a model that ends in softmax. Prefer
 * {@link softmaxCrossEntropy}, which sees the logits and cannot round a probability to 0.
 *
 * @example
 * loss.crossEntropy(tensor([[0.5, 0.5]]), tensor([0], { dtype: 'int32' })) // => 0.693147
 */
export const crossEntropy = (probabilities: Tensor, labels: Tensor, options: LossOptions = {}): Tensor => {
  const target = distribution('crossEntropy', labels, probabilities)
  return reduce(sub(0, sum(xlogy(target, probabilities), { axis: -1 })), options)
}
