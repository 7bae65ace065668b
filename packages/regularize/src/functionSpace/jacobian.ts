import {
  CotangentError,
  div,
  eye,
  grad,
  mean,
  mul,
  type Num,
  norm,
  random,
  sum,
  type Tensor,
  vmap,
} from '@cotangent/core'
import { times } from '../functionals/scalars.js'
import { type Model, outputsOf, rows, squaresOf, weightOf } from './batch.js'
import type { Weighted } from './critic.js'

/** Options of {@link jacobianPenalty}. */
export interface JacobianPenaltyOptions extends Weighted {
  /** Random directions of the output to look along, at the cost of one pass each. Default: all outputs, exactly. */
  readonly projections?: number
  /** Of the directions; needed with `projections`. */
  readonly key?: Tensor
}

/** vᵀ∂z/∂x for each example, v [batch, outputs]. */
const along = (op: string, model: Model, x: Tensor, v: Tensor): Tensor =>
  grad((u: Tensor) => sum(mul(rows(outputsOf(op, model, u)), v)))(x) as Tensor

/** mean ‖∂z/∂x‖²_F over the batch: a pass for every output, all at once. */
const exact = (op: string, model: Model, x: Tensor): Tensor => {
  const z = rows(outputsOf(op, model, x))
  const basis = eye(z.shape[1]!, z.dtype as 'float32') as Tensor
  const each = vmap((e: Tensor) => squaresOf(along(op, model, x, e)))(basis) as Tensor
  return mean(sum(each, { axis: 0 }) as Tensor)
}

const projected = (op: string, model: Model, x: Tensor, n: number, key: Tensor): Tensor => {
  const [batch, outputs] = rows(outputsOf(op, model, x)).shape as [number, number]
  const draws = random.normal(key, [n, batch, outputs], { dtype: x.dtype as 'float32' }) as Tensor
  const unit = div(draws, norm(draws, { axis: 2, keepDims: true }))
  const each = vmap((v: Tensor) => squaresOf(along(op, model, x, v)))(unit) as Tensor
  return mul(mean(each), outputs)
}

/**
 * λ/2·mean ‖∂z/∂x‖²_F of the outputs z of a model, default λ = 0.01: outputs that move little when inputs do. Exact by
 * default; with `projections: n` the unbiased estimate C/n·Σ‖vᵀ∂z/∂x‖² over random unit vectors v. Hoffman, Roberts & Yaida
 * 2019, https://arxiv.org/abs/1908.02729
 *
 * @example
 * const model = (x: Tensor) => matmul(x, tensor([[1, 2], [3, 4]])) as Tensor
 * jacobianPenalty(model, tensor([[1, 1]]), { weight: 1 }) // => 15
 */
export const jacobianPenalty = (model: Model, x: Tensor, options: JacobianPenaltyOptions = {}): Tensor => {
  const op = 'jacobianPenalty'
  const { weight = 0.01, projections, key } = options
  const half: Num = times(weightOf(op, weight), 0.5)
  if (projections === undefined) return mul(exact(op, model, x), half)
  if (!(Number.isInteger(projections) && projections > 0))
    throw new CotangentError(
      'Value',
      `${op}: ${projections} projections. Give a whole number above 0, or leave it out.`,
      { op },
    )
  if (key === undefined)
    throw new CotangentError('Value', `${op}: projections are random. Give a key, as random.key(0).`, { op })
  return mul(projected(op, model, x, projections, key), half)
}

/**
 * λ·mean ‖∂h/∂x‖²_F of the code h of an encoder, default λ = 1. Rifai et al. 2011, "Contractive auto-encoders".
 *
 * @example
 * contractive((x: Tensor) => matmul(x, tensor([[1, 2], [3, 4]])) as Tensor, tensor([[1, 1]])) // => 30
 */
export const contractive = (encoder: Model, x: Tensor, { weight = 1 }: Weighted = {}): Tensor =>
  mul(exact('contractive', encoder, x), weightOf('contractive', weight))
