import { toFloat } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import { broadcastTensor, floatOperand, type Num } from '../ops/coerce.js'
import { add, less, scale, shift } from '../primitives/arithmetic.js'
import { convert } from '../primitives/passing.js'
import { argmax } from '../primitives/reductions.js'
import { broadcastShapes, checkShape, normalAxis, sameShape } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { Shape } from '../types/index.js'
import { standardGumbel } from './continuous.js'
import { checkKey, type KeyLike } from './keys.js'
import { parameters } from './parameters.js'
import { unit } from './uniform.js'

/**
 * True with probability p, `u < p`, as bools. Without a shape, that of p. Equal to `jax.random.bernoulli`.
 *
 * @example
 * random.bernoulli(random.key(1), 0.5, [3]).dtype // => 'bool'
 */
export const bernoulli = (key: KeyLike, p: Num = 0.5, shape?: Shape): Tensor<Shape, 'bool'> => {
  const from = checkKey('bernoulli', key)
  if (typeof p === 'number' && !(p >= 0 && p <= 1))
    fail('Value', `bernoulli: a probability lies in [0, 1], not ${p}.`, { op: 'bernoulli' })
  const { values, ...out } = parameters('bernoulli', [p], shape, undefined)
  return less(unit(from, out.shape, out.dtype), values[0]!) as Tensor as Tensor<Shape, 'bool'>
}

/**
 * Signs: -1 or 1 with probability one half each, as float32.
 *
 * @example
 * random.rademacher(random.key(0), [4]).shape // => [4]
 */
export const rademacher = <const S extends Shape = []>(key: KeyLike, shape?: S): Tensor<S, 'float32'> => {
  const heads = bernoulli(checkKey('rademacher', key), 0.5, checkShape('rademacher', shape ?? []))
  return shift(scale(convert(heads, 'float32'), 2), -1) as Tensor as Tensor<S, 'float32'>
}

/** Options of {@link categorical}. */
export interface CategoricalOptions {
  /** Axis of the categories; default the last. */
  readonly axis?: number
  /** Shape of the samples; ends with the shape of the logits without the axis, which is the default. */
  readonly shape?: Shape
}

/**
 * Indices of categories, int32, with probabilities softmax(logits): `argmax(logits + gumbel)`. Logits need not be
 * normalised; -Infinity excludes a category. Equal to `jax.random.categorical`.
 *
 * @example
 * random.categorical(random.key(0), log(tensor([0.1, 0.2, 0.3, 0.4])), { shape: [4] }) // => [1, 3, 2, 3]
 */
export const categorical = (
  key: KeyLike,
  logits: Tensor,
  { axis = -1, shape }: CategoricalOptions = {},
): Tensor<Shape, 'int32'> => {
  const from = checkKey('categorical', key)
  const x = floatOperand('categorical', logits)
  const at = normalAxis('categorical', axis, x.rank)
  const batch = x.shape.filter((_, i) => i !== at)
  const out = checkShape('categorical', shape ?? batch)
  const split = out.length - batch.length
  if (split < 0 || !sameShape(broadcastShapes('categorical', [out, batch]), out))
    fail(
      'Shape',
      `categorical: samples of shape ${showShape(out)} do not end with ${showShape(batch)}, the logits' shape without ` +
        `axis ${axis}. Ask for [n, ...${showShape(batch)}].`,
      { op: 'categorical', shapes: [x.shape, out] },
    )
  const noisy = [...out]
  noisy.splice(split + at, 0, x.shape[at]!)
  const noise = standardGumbel(from, noisy, toFloat(x.dtype))
  return argmax(add(broadcastTensor(x, noisy), noise), split + at) as Tensor as Tensor<Shape, 'int32'>
}
