import {
  abs,
  add,
  CotangentError,
  div,
  exp,
  log,
  logSoftmax,
  maximum,
  mean,
  minimum,
  mul,
  square,
  sub,
  sum,
  type Tensor,
} from '@cotangent/core'
import { times } from '../functionals/scalars.js'
import { batchOf, rows, weightOf } from './batch.js'
import type { Weighted } from './critic.js'

/**
 * λ·Σ|a| of activations, divided by the size of the batch as Keras does, default λ = 1e-4: sparse activity.
 *
 * @example
 * activityL1(tensor([[1, -2], [0, 1]]), { weight: 1 }) // => 2
 */
export const activityL1 = (a: Tensor, { weight = 1e-4 }: Weighted = {}): Tensor =>
  mul(div(sum(abs(a)), batchOf('activityL1', a)), weightOf('activityL1', weight))

/**
 * λ/2·Σa² of activations, divided by the size of the batch, default λ = 1e-4. Keras's `L2` has no ½: its λ is half of this one.
 *
 * @example
 * activityL2(tensor([[1, -2], [0, 1]]), { weight: 1 }) // => 1.5
 */
export const activityL2 = (a: Tensor, { weight = 1e-4 }: Weighted = {}): Tensor =>
  mul(div(sum(square(a)), batchOf('activityL2', a)), times(weightOf('activityL2', weight), 0.5))

/** Options of {@link klSparsity}. */
export interface KlSparsityOptions extends Weighted {
  /** The wanted mean activity ρ. Default 0.05. */
  readonly target?: number
}

const EPS = { float32: 2 ** -24, float64: 2 ** -53 } as const

/**
 * λ·Σⱼ KL(ρ ‖ mean activity of unit j) for activities in (0, 1), as of sigmoids; default λ = 3 and ρ = 0.05. Means are kept a
 * rounding away from 0 and 1. Ng 2011, "Sparse autoencoder".
 *
 * @example
 * klSparsity(tensor([[0.5], [0.5]]), { weight: 1, target: 0.5 }) // => 0
 * klSparsity(tensor([[0.2], [0.4]]), { weight: 1 }) // => 0.2005
 */
export const klSparsity = (a: Tensor, { weight = 3, target = 0.05 }: KlSparsityOptions = {}): Tensor => {
  const op = 'klSparsity'
  weightOf(op, weight)
  if (!(target > 0 && target < 1))
    throw new CotangentError('Value', `${op}: the target is ${target}. Give a number between 0 and 1.`, {
      op,
    })
  batchOf(op, a)
  const tiny = EPS[a.dtype === 'float64' ? 'float64' : 'float32']
  const q = minimum(maximum(mean(rows(a), { axis: 0 }) as Tensor, tiny), 1 - tiny)
  const on = mul(sub(Math.log(target), log(q)), target)
  const off = mul(sub(Math.log(1 - target), log(sub(1, q))), 1 - target)
  return mul(sum(add(on, off)), weight)
}

/**
 * -β·mean H(p) of the softmax p of logits, default β = 0.1: outputs that are not over-confident. Negative; its minimum is the
 * uniform distribution. Pereyra et al. 2017, https://arxiv.org/abs/1701.06548
 *
 * @example
 * entropyPenalty(tensor([[0, 0]]), { weight: 1 }) // => -0.6931
 */
export const entropyPenalty = (logits: Tensor, { weight = 0.1 }: Weighted = {}): Tensor => {
  batchOf('entropyPenalty', logits)
  const p = logSoftmax(logits)
  return mul(mean(sum(mul(exp(p), p), { axis: -1 }) as Tensor), weightOf('entropyPenalty', weight))
}
