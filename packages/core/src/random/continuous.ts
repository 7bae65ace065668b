import { abs, constantLike, max, mul, neg, sign } from '../primitives/arithmetic.js'
import { log, log1p } from '../primitives/elementary.js'
import { checkShape } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { FloatDType, Shape } from '../types/index.js'
import { checkKey, type KeyLike } from './keys.js'
import { checkFloat } from './parameters.js'
import { type SampleOptions, symmetric, unit } from './uniform.js'

type Sampler = <const S extends Shape = [], D extends FloatDType = 'float32'>(
  key: KeyLike,
  shape?: S,
  options?: SampleOptions<D>,
) => Tensor<S, D>

/** A distribution without parameters. */
const sampler = (op: string, draw: (key: Tensor, shape: Shape, dtype: FloatDType) => Tensor): Sampler =>
  ((key: KeyLike, shape: Shape = [], { dtype = 'float32' }: SampleOptions = {}) =>
    draw(checkKey(op, key), checkShape(op, shape), checkFloat(op, dtype))) as Sampler

/** Standard Gumbel, without checks. */
export const standardGumbel = (key: Tensor, shape: Shape, dtype: FloatDType): Tensor => {
  const u = unit(key, shape, dtype)
  // Adding the smallest normal number changes u only where it is 0.
  const open = max(u, constantLike(dtype === 'float32' ? 2 ** -126 : 2 ** -1022, u))
  return neg(log(neg(log(open))))
}

/** Exponential samples, without checks. */
export const standardExponential = (key: Tensor, shape: Shape, dtype: FloatDType): Tensor =>
  neg(log1p(neg(unit(key, shape, dtype))))

/**
 * Samples of the exponential distribution of rate 1, `-log(1 - u)`.
 *
 * @example
 * random.exponential(random.key(0), [2]) // => [2.950128, 3.843425]
 */
export const exponential: Sampler = sampler('exponential', standardExponential)

/**
 * Samples of the standard Gumbel distribution, `-log(-log u)`: added to logits, the largest one is a categorical
 * sample.
 *
 * @example
 * random.gumbel(random.key(0), [2]) // => [2.923373, 3.832618]
 */
export const gumbel: Sampler = sampler('gumbel', standardGumbel)

/**
 * Samples of the standard Laplace distribution, `sign(u) log(1 - |u|)` with u uniform in (-1, 1).
 *
 * @example
 * random.laplace(random.key(0), [2]).shape // => [2]
 */
export const laplace: Sampler = sampler('laplace', (key, shape, dtype) => {
  const u = symmetric(key, shape, dtype)
  return mul(sign(u), log1p(neg(abs(u))))
})
