import type { Num } from '../ops/coerce.js'
import { add, constantLike, less, scale, sub } from '../primitives/arithmetic.js'
import { zerosLike } from '../primitives/define.js'
import { convert, select } from '../primitives/passing.js'
import { fma, randomBits } from '../primitives/random.js'
import { checkShape } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { FloatDType, Shape } from '../types/index.js'
import { checkKey, type KeyLike } from './keys.js'
import { checkFloat, parameters } from './parameters.js'

/** What kind of floats to draw. */
export interface SampleOptions<D extends FloatDType = FloatDType> {
  /** Default float32. */
  readonly dtype?: D
}

/** Bounds of {@link uniform}. */
export interface UniformOptions<D extends FloatDType = FloatDType> extends SampleOptions<D> {
  /** Included; default 0. A tensor must broadcast to the shape. */
  readonly minval?: Num
  /** Excluded up to rounding; default 1. A tensor must broadcast to the shape. */
  readonly maxval?: Num
}

/** Uniform in [0, 1): multiples of 2^-23 or 2^-52, exact. */
export const unit = (key: Tensor, shape: Shape, dtype: FloatDType): Tensor => {
  if (dtype === 'float32') return scale(convert(randomBits(key, shape, 'float32'), dtype), 2 ** -23)
  const hi = scale(convert(randomBits(key, shape, 'float64hi'), dtype), 2 ** -26)
  return add(hi, scale(convert(randomBits(key, shape, 'float64lo'), dtype), 2 ** -52))
}

/** Uniform between tensors of the shape of the samples. */
export const between = (u: Tensor, minval: Tensor, maxval: Tensor): Tensor => {
  const width = sub(maxval, minval)
  // JAX takes max(minval, ...); as the sum is rounded once, that only matters for bounds in the wrong order. A
  // selection keeps the slopes of equal bounds, where a maximum would see a tie.
  return select(less(width, zerosLike(width)), minval, fma(u, width, minval))
}

/** Uniform in (-1, 1): an affine map of the unit interval that is exact in both dtypes. */
export const symmetric = (key: Tensor, shape: Shape, dtype: FloatDType): Tensor => {
  const u = scale(unit(key, shape, dtype), 2)
  return add(u, constantLike((dtype === 'float32' ? 2 ** -24 : 2 ** -53) - 1, u))
}

/**
 * Uniform samples of [minval, maxval): `minval + u (maxval - minval)`, differentiable in both bounds. Equal to
 * `jax.random.uniform` bit for bit; bounds in the wrong order give `minval`, as there.
 *
 * @example
 * random.uniform(random.key(0), [3]) // => [0.947667, 0.978509, 0.33229]
 * random.uniform(random.key(0), [2], { minval: -1, maxval: 1 }) // => [0.895334, 0.957160]
 */
export const uniform = <const S extends Shape = [], D extends FloatDType = 'float32'>(
  key: KeyLike,
  shape?: S,
  { dtype, minval = 0, maxval = 1 }: UniformOptions<D> = {},
): Tensor<S, D> => {
  const from = checkKey('uniform', key)
  const type = checkFloat('uniform', dtype ?? 'float32')
  const dims = checkShape('uniform', shape ?? [])
  const u = unit(from, dims, type)
  if (minval === 0 && maxval === 1) return u as Tensor as Tensor<S, D>
  const [low, high] = parameters('uniform', [minval, maxval], dims, type).values
  return between(u, low!, high!) as Tensor as Tensor<S, D>
}
