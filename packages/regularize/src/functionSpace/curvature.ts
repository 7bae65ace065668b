import {
  add,
  CotangentError,
  cast,
  grad,
  jvp,
  mean,
  mul,
  type Num,
  random,
  square,
  sum,
  type Tensor,
  type Tree,
  tree,
  vmap,
} from '@cotangent/core'
import { weightOf } from './batch.js'
import type { Weighted } from './critic.js'

/** Options of {@link hessianTrace}. */
export interface HessianTraceOptions extends Weighted {
  /** Of the random signs. */
  readonly key: Tensor
  /** Default 1. */
  readonly samples?: number
}

const signs = (key: Tensor, like: Tensor): Tensor => {
  const v = random.rademacher(key, [...like.shape]) as Tensor
  return v.dtype === like.dtype ? v : cast(v, like.dtype)
}

const inner = (a: readonly Tensor[], b: readonly Tensor[]): Tensor =>
  a.map((x, i) => sum(mul(x, b[i]!))).reduce((x, y) => add(x, y))

/**
 * λ·tr ∇²L(w), default λ = 1, as the mean of vᵀ∇²L·v over vectors of random signs v (Hutchinson): unbiased, and exact with one
 * sample where the Hessian is diagonal. `w` is a tensor or any tree. Each sample costs one Hessian-vector product.
 * Hutchinson 1990, https://doi.org/10.1080/03610919008812866
 *
 * @example
 * hessianTrace((w: Tensor) => sum(mul(w, square(w))), tensor([1, 2]), { key: random.key(0) }) // => 18
 */
export const hessianTrace = <W extends Tree>(
  loss: (w: W) => Tensor,
  w: W,
  { key, samples = 1, weight = 1 }: HessianTraceOptions,
): Tensor => {
  weightOf('hessianTrace', weight)
  if (!(Number.isInteger(samples) && samples > 0))
    throw new CotangentError('Value', `hessianTrace: ${samples} samples. Give a whole number above 0.`, {
      op: 'hessianTrace',
    })
  const { leaves, def } = tree.flatten(w)
  const flat = (list: Tensor[]): Tensor => loss(tree.unflatten(def, list) as W)
  const one = (k: Tensor): Tensor => {
    const v = leaves.map((x, i) => signs(random.foldIn(k, i) as Tensor, x))
    const [, hv] = jvp((list: Tensor[]) => grad(flat)(list) as Tensor[], [leaves], [v]) as unknown as [
      Tensor[],
      Tensor[],
    ]
    return inner(v, hv)
  }
  return mul(mean(vmap(one)(random.split(key, samples) as Tensor) as Tensor), weight)
}

/**
 * λ·‖∇L(w)‖², default λ = 1: flat places of the loss, what a finite step of gradient descent prefers by itself. Barrett &
 * Dherin 2021, https://arxiv.org/abs/2009.11162
 *
 * @example
 * gradientNorm((w: Tensor) => sum(square(w)), tensor([1, 2])) // => 20
 */
export const gradientNorm = <W extends Tree>(
  loss: (w: W) => Tensor,
  w: W,
  { weight = 1 }: Weighted = {},
): Tensor => {
  const { leaves, def } = tree.flatten(w)
  const g = grad((list: Tensor[]) => loss(tree.unflatten(def, list) as W))([...leaves]) as readonly Tensor[]
  const total: Num = g.map((x) => sum(square(x))).reduce((a, b) => add(a, b))
  return mul(total, weightOf('gradientNorm', weight))
}
