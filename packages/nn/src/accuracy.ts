import { argmax, cast, equal, mean, type Tensor } from '@cotangent/core'

/**
 * The share of examples whose largest logit is at the label; labels as numbers or as distributions.
 *
 * @example
 * accuracy(tensor([[1, 2], [3, 0]]), tensor([1, 1], { dtype: 'int32' })) // => 0.5
 */
export const accuracy = (logits: Tensor, labels: Tensor): Tensor => {
  const classes = labels.rank === logits.rank ? argmax(labels, { axis: -1 }) : cast(labels, 'int32')
  return mean(cast(equal(argmax(logits, { axis: -1 }), classes), 'float32'))
}
