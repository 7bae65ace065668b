import type { Num } from '../ops/coerce.js'
import { abs, add, clamp, constantLike, max, min, scale, shift, sub } from '../primitives/arithmetic.js'
import { erf, erfInv } from '../primitives/elementary.js'
import { stopGradient } from '../primitives/passing.js'
import { checkShape } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { FloatDType, Shape } from '../types/index.js'
import { checkKey, type KeyLike } from './keys.js'
import { checkFloat, parameters } from './parameters.js'
import { between, type SampleOptions, symmetric, unit } from './uniform.js'

/** Standard normal, without checks. */
export const standardNormal = (key: Tensor, shape: Shape, dtype: FloatDType): Tensor =>
  scale(erfInv(symmetric(key, shape, dtype)), Math.SQRT2)

/**
 * Standard normal samples, `√2 erf⁻¹(u)` with u uniform in (-1, 1). Equal to `jax.random.normal` up to the last
 * bits, in which the approximations of erf⁻¹ differ.
 *
 * @example
 * random.normal(random.key(0), [3]) // => [1.622642, 2.025265, -0.433594]
 */
export const normal = <const S extends Shape = [], D extends FloatDType = 'float32'>(
  key: KeyLike,
  shape?: S,
  { dtype }: SampleOptions<D> = {},
): Tensor<S, D> =>
  standardNormal(
    checkKey('normal', key),
    checkShape('normal', shape ?? []),
    checkFloat('normal', dtype ?? 'float32'),
  ) as Tensor as Tensor<S, D>

/**
 * Standard normal samples given that they lie in (lower, upper): `√2 erf⁻¹(u)` with u uniform between
 * `erf(lower/√2)` and `erf(upper/√2)`; differentiable in both bounds. The method of `jax.random.truncated_normal`.
 * It inverts the distribution function, so an interval wholly beyond 4 (float32) or 8 (float64) standard deviations
 * cannot be resolved. Without a shape, that of the bounds.
 *
 * @example
 * random.truncatedNormal(random.key(0), -1, 2, [3]) // => [1.509468, 1.747393, -0.174676]
 */
export const truncatedNormal = (
  key: KeyLike,
  lower: Num,
  upper: Num,
  shape?: Shape,
  { dtype }: SampleOptions = {},
): Tensor => {
  const from = checkKey('truncatedNormal', key)
  const { values, ...out } = parameters('truncatedNormal', [lower, upper], shape, dtype)
  const [low, high] = values as [Tensor, Tensor]
  const half = Math.SQRT1_2
  // Short of ±1, where erf⁻¹ is infinite: an open end gives what `normal` gives.
  const most = out.dtype === 'float32' ? 1 - 2 ** -24 : 1 - 2 ** -53
  const a = max(erf(scale(low, half)), constantLike(-most, low))
  const b = min(erf(scale(high, half)), constantLike(1, high))
  const x = scale(
    erfInv(min(between(unit(from, out.shape, out.dtype), a, b), constantLike(most, a))),
    Math.SQRT2,
  )
  return clamp(x, add(stopGradient(low), spacing(low)), sub(stopGradient(high), spacing(high)))
}

// About the distance to the next number, so that rounding does not put a sample on the bound.
const spacing = (x: Tensor): Tensor => {
  const eps = x.dtype === 'float32' ? 2 ** -23 : 2 ** -52
  const size = min(abs(stopGradient(x)), constantLike(1e30, x))
  return shift(scale(size, eps), x.dtype === 'float32' ? 2 ** -126 : 2 ** -1022)
}
