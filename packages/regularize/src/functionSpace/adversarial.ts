import {
  add,
  CotangentError,
  div,
  exp,
  grad,
  greater,
  jvp,
  logSoftmax,
  mean,
  mul,
  type Num,
  random,
  reshape,
  stopGradient,
  sub,
  sum,
  type Tensor,
  where,
} from '@cotangent/core'
import { lengthsOf, type Model, outputsOf, rows, weightOf } from './batch.js'
import type { Weighted } from './critic.js'

/** Options of {@link vat}. */
export interface VatOptions extends Weighted {
  /** Of the direction the search starts from. */
  readonly key: Tensor
  /** The length of the disturbance. Default 1. */
  readonly epsilon?: Num
  /** Power iterations. Default 1. */
  readonly steps?: number
}

/** KL(p ‖ q) of each example from log-probabilities. */
const divergence = (p: Tensor, q: Tensor): Tensor => sum(mul(exp(p), sub(p, q)), { axis: -1 }) as Tensor

const unit = (d: Tensor): Tensor => {
  const n = reshape(lengthsOf(d), [d.shape[0]!, ...d.shape.slice(1).map(() => 1)])
  const alive = greater(n, 0)
  return where(alive, div(d, where(alive, n, 1)), 0)
}

/**
 * λ·mean KL(p(x) ‖ p(x + r)) of a classifier's logits, default λ = 1, with the r of length ε that changes p the most: the
 * main direction of the Hessian of the divergence at r = 0, by power iteration with exact Hessian-vector products (no step ξ
 * to choose). p(x) and r are constants of the gradient. Miyato et al. 2018, https://arxiv.org/abs/1704.03976
 *
 * @example
 * const logits = (x: Tensor) => matmul(x, tensor([[1, -1], [0, 0]])) as Tensor
 * vat(logits, tensor([[0, 5]]), { key: random.key(0) }) // => 0.4338
 */
export const vat = (
  model: Model,
  x: Tensor,
  { key, epsilon = 1, steps = 1, weight = 1 }: VatOptions,
): Tensor => {
  const op = 'vat'
  weightOf(op, weight)
  if (!(Number.isInteger(steps) && steps > 0))
    throw new CotangentError('Value', `${op}: ${steps} steps. Give a whole number above 0.`, { op })
  const p = stopGradient(logSoftmax(rows(outputsOf(op, model, x))))
  const moved = (r: Tensor): Tensor => divergence(p, logSoftmax(rows(outputsOf(op, model, add(x, r)))))
  const slope = (r: Tensor): Tensor => grad((v: Tensor) => sum(moved(v)))(r) as Tensor
  let d = unit(random.normal(key, x.shape, { dtype: x.dtype as 'float32' }) as Tensor)
  for (let k = 0; k < steps; k++) {
    const [, curved] = jvp(slope, [mul(x, 0)], [d]) as [Tensor, Tensor]
    d = unit(stopGradient(curved))
  }
  return mul(mean(moved(stopGradient(mul(d, epsilon)))), weight)
}
