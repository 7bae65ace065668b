import {
  add,
  CotangentError,
  grad,
  mean,
  mul,
  type Num,
  random,
  square,
  sub,
  sum,
  type Tensor,
} from '@cotangent/core'
import { times } from '../functionals/scalars.js'
import { batchOf, lengthsOf, type Model, outputsOf, squaresOf, weightOf } from './batch.js'

/** How much a penalty counts. */
export interface Weighted {
  readonly weight?: Num
}

/** Options of {@link gradientPenalty}. */
export interface GradientPenaltyOptions extends Weighted {
  /** The length that gradients should have. Default 1. */
  readonly target?: Num
}

/** ∇ₓD at each example: the gradient of the sum, as examples do not see each other. */
const slopes = (op: string, critic: Model, x: Tensor): Tensor =>
  grad((v: Tensor) => sum(outputsOf(op, critic, v)))(x) as Tensor

/**
 * Points on the segments between pairs of a real and a fake example, each at its own uniform place: where WGAN-GP takes its
 * gradients. Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028
 *
 * @example
 * interpolate(zeros([4, 2]), ones([4, 2]), random.key(0)).shape // => [4, 2]
 */
export const interpolate = (real: Tensor, fake: Tensor, key: Tensor): Tensor => {
  if (real.shape.join() !== fake.shape.join())
    throw new CotangentError(
      'Shape',
      `interpolate: real examples [${real.shape}] and fake ones [${fake.shape}]. Give as many of each.`,
      { op: 'interpolate', shapes: [real.shape, fake.shape] },
    )
  const n = batchOf('interpolate', real)
  const at = random.uniform(key, [n, ...real.shape.slice(1).map(() => 1)], {
    dtype: real.dtype as 'float32',
  }) as Tensor
  return add(real, mul(at, sub(fake, real)))
}

/**
 * λ·mean (‖∇ₓD(x)‖ - target)² over a batch, default λ = 10 and target 1 (WGAN-GP, at {@link interpolate}d points; DRAGAN at
 * disturbed real ones). Its gradient with respect to the parameters inside `critic` is of second order. Where the gradient of
 * D is 0 the norm has slope 0, not NaN. Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028
 *
 * @example
 * const critic = (x: Tensor) => matmul(x, tensor([3, 4])) as Tensor
 * gradientPenalty(critic, tensor([[1, 2], [0, 1]])) // => 160
 * grad((w: Tensor) => gradientPenalty((x) => matmul(x, w) as Tensor, tensor([[1, 2]]), { weight: 1 }))(tensor([3, 4])) // => [4.8, 6.4]
 */
export const gradientPenalty = (
  critic: Model,
  x: Tensor,
  { weight = 10, target = 1 }: GradientPenaltyOptions = {},
): Tensor => {
  weightOf('gradientPenalty', weight)
  return mul(mean(square(sub(lengthsOf(slopes('gradientPenalty', critic, x)), target))), weight)
}

/**
 * γ/2·mean ‖∇ₓD(x)‖² over real examples, default γ = 10; over fake ones it is R2. Mescheder, Geiger & Nowozin 2018,
 * https://arxiv.org/abs/1801.04406
 *
 * @example
 * r1((x: Tensor) => matmul(x, tensor([3, 4])) as Tensor, tensor([[1, 2]])) // => 125
 */
export const r1 = (critic: Model, real: Tensor, { weight = 10 }: Weighted = {}): Tensor => {
  weightOf('r1', weight)
  return mul(mean(squaresOf(slopes('r1', critic, real))), times(weight, 0.5))
}

/**
 * λ·mean ‖∇ₓL‖² for losses L of each example, default λ = 1: double backpropagation. `losses` gives one loss for each
 * example, [batch]. Drucker & LeCun 1992, https://doi.org/10.1109/72.165600
 *
 * @example
 * inputGradient((x: Tensor) => sum(square(x), { axis: 1 }) as Tensor, tensor([[1, 2]])) // => 20
 */
export const inputGradient = (losses: Model, x: Tensor, { weight = 1 }: Weighted = {}): Tensor => {
  weightOf('inputGradient', weight)
  return mul(mean(squaresOf(slopes('inputGradient', losses, x))), weight)
}
