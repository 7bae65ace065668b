import {
  arange,
  CotangentError,
  cast,
  logSoftmax,
  mul,
  oneHot,
  strongMul,
  sub,
  sum,
  type Tensor,
  xlogy,
} from '@cotangent/core'
import { bind, dataOf, PRIMITIVES, symOf } from '@cotangent/core/internal'
import { type LossOptions, reduce, smoothed } from './reduce.js'

/** Options of the cross-entropies of classes. */
export interface CrossEntropyOptions extends LossOptions {
  /** Labels become y(1 - ε) + ε/classes. Default 0. */
  readonly labelSmoothing?: number
  /**
   * One weight for each class. With class numbers for labels, `mean` divides by the sum of the weights of the labels, as
   * in PyTorch.
   */
  readonly classWeights?: Tensor
}

const GATHER = PRIMITIVES.get('gather')!

/**
 * Class numbers, each of which there is. Known ones are looked at here; where they are symbols the program looks, by taking
 * them from a list of all classes.
 */
const checkedLabels = (op: string, labels: Tensor, classes: number): Tensor => {
  const numbers = cast(labels, 'int32')
  if (symOf(numbers) !== undefined)
    return bind(GATHER, [arange(classes), numbers], { axis: 0, batchDims: 0 })[0] as Tensor
  const bad = dataOf(labels).find((i) => !(i >= 0 && i < classes && Number.isInteger(i)))
  if (bad === undefined) return numbers
  throw new CotangentError(
    'Index',
    `${op}: label ${bad} is none of ${classes} classes. Use 0 to ${classes - 1}; for more classes the model needs more outputs.`,
    { op, shapes: [labels.shape] },
  )
}

/** Classes as numbers become rows with a 1; a distribution per example stays. */
const distribution = (op: string, labels: Tensor, like: Tensor): Tensor => {
  const fits = (n: number): boolean => labels.shape.every((d, i) => d === like.shape[i]) && labels.rank === n
  if (fits(like.rank)) return labels
  if (fits(like.rank - 1)) {
    const classes = like.shape.at(-1)!
    return cast(oneHot(checkedLabels(op, labels, classes), classes), like.dtype)
  }
  throw new CotangentError(
    'Shape',
    `${op}: labels [${labels.shape.join(', ')}] do not fit scores [${like.shape.join(', ')}]. ` +
      'Give class numbers without the last axis, or a distribution with it.',
    { op, shapes: [like.shape, labels.shape] },
  )
}

/** -Σ classWeight·label·logarithm over the classes, reduced. */
const crossEntropyOf = (
  op: string,
  scores: Tensor,
  labels: Tensor,
  cost: (target: Tensor) => Tensor,
  { labelSmoothing = 0, classWeights, ...options }: CrossEntropyOptions,
): Tensor => {
  const classes = scores.shape.at(-1)!
  if (classes === 1)
    throw new CotangentError(
      'Shape',
      `${op}: scores [${scores.shape.join(', ')}] have one class, which is always right. Give an output for each class, or use sigmoidBinaryCrossEntropy for yes and no.`,
      { op, shapes: [scores.shape, labels.shape] },
    )
  const hard = distribution(op, labels, scores)
  if (classWeights !== undefined && (classWeights.rank !== 1 || classWeights.shape[0] !== classes))
    throw new CotangentError(
      'Shape',
      `${op}: classWeights [${classWeights.shape.join(', ')}] do not fit ${classes} classes. Give one for each.`,
      { op, shapes: [scores.shape, classWeights.shape] },
    )
  const each = cost(smoothed(op, hard, labelSmoothing, classes))
  const weighted = classWeights === undefined ? each : mul(each, classWeights)
  const total =
    classWeights === undefined || labels.rank === scores.rank ? undefined : sum(mul(hard, classWeights))
  return reduce(op, sub(0, sum(weighted, { axis: -1 })), options, total)
}

/**
 * -Σ labels·log softmax(logits) over the last axis, averaged over the examples; finite for logits of any size.
 * Labels are class numbers `[batch]` or distributions `[batch, classes]`. The gradient is (softmax - labels)/batch.
 * @throws CotangentError 'Index' for a class number that there is not, in a compiled program too.
 *
 * @example
 * loss.softmaxCrossEntropy(tensor([[0, 0]]), tensor([1], { dtype: 'int32' })) // => 0.693147
 * loss.softmaxCrossEntropy(tensor([[1e4, 0]]), tensor([[1, 0]])) // => 0
 * loss.softmaxCrossEntropy(tensor([[2, 1, 0.1]]), tensor([[1, 0, 0]]), { labelSmoothing: 0.1 }) // => 0.513697
 */
export const softmaxCrossEntropy = (
  logits: Tensor,
  labels: Tensor,
  options: CrossEntropyOptions = {},
): Tensor =>
  // strongMul: a class of probability 0 may have the logit -Infinity.
  crossEntropyOf(
    'softmaxCrossEntropy',
    logits,
    labels,
    (target) => strongMul(target, logSoftmax(logits, { axis: -1 })),
    options,
  )

/**
 * -Σ labels·log(probabilities) over the last axis: for a model that ends in softmax. Prefer
 * {@link softmaxCrossEntropy}, which sees the logits and cannot round a probability to 0.
 *
 * @example
 * loss.crossEntropy(tensor([[0.5, 0.5]]), tensor([0], { dtype: 'int32' })) // => 0.693147
 */
export const crossEntropy = (
  probabilities: Tensor,
  labels: Tensor,
  options: CrossEntropyOptions = {},
): Tensor =>
  crossEntropyOf('crossEntropy', probabilities, labels, (target) => xlogy(target, probabilities), options)
