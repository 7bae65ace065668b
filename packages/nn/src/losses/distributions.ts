import { div, maximum, mul, norm, strongMul, sub, sum, type Tensor, xlogy } from '@cotangent/core'
import { type LossOptions, reduce, sameShapes } from './reduce.js'

/**
 * The divergence of the target from the prediction, Σ target·(log target - logPrediction) over the last axis, averaged
 * over the examples. The prediction is given by its logarithm, as logSoftmax has it; an entry of target 0 counts nothing.
 *
 * @example
 * loss.klDivergence(log(tensor([[0.5, 0.5]])), tensor([[1, 0]])) // => 0.693147
 */
export const klDivergence = (logPrediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor => {
  sameShapes('klDivergence', logPrediction, target)
  const each = sub(xlogy(target, target), strongMul(target, logPrediction))
  return reduce('klDivergence', sum(each, { axis: -1 }), options)
}

// What PyTorch takes for the least length: the similarity of a vector of 0 is 0.
const SHORTEST = 1e-8

/**
 * 1 - ⟨a, b⟩/(‖a‖‖b‖) over the last axis: 0 for vectors of one direction, 2 for opposite ones.
 *
 * @example
 * loss.cosine(tensor([[1, 0], [1, 0]]), tensor([[2, 0], [0, 3]]), { reduction: 'none' }) // => [0, 1]
 */
export const cosine = (prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor => {
  sameShapes('cosine', prediction, target)
  // Each is scaled before the product, which could overflow.
  const unit = (x: Tensor): Tensor => div(x, maximum(norm(x, { axis: -1, keepDims: true }), SHORTEST))
  return reduce('cosine', sub(1, sum(mul(unit(prediction), unit(target)), { axis: -1 })), options)
}
