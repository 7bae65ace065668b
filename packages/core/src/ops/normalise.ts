import { abs, add, constantLike, div, equal, mul, sub } from '../primitives/arithmetic.js'
import { zerosLike } from '../primitives/define.js'
import { exp, log } from '../primitives/elementary.js'
import { select } from '../primitives/passing.js'
import { reduceMax, unreduce } from '../primitives/reductions.js'
import { sum } from '../primitives/structural.js'
import { normalAxes } from '../shape.js'
import { filled, type Tensor } from '../tensor.js'
import { applyOp } from '../transforms/op.js'
import type { DTypeOf, ShapeOf, ToFloat } from '../types/index.js'
import { floatOperand, type Num } from './coerce.js'
import { checkOptions, countOf, reduction } from './reduce.js'

/** The largest entry, and 0 where that is infinite: what the exponents are shifted by. */
const shiftOf = (x: Tensor, axes: readonly number[]): Tensor => {
  const top = reduceMax(x, axes)
  const infinite = equal(abs(top), constantLike(Number.POSITIVE_INFINITY, top))
  return select(infinite, zerosLike(top), top)
}

const softmaxOver = (x: Tensor, axes: readonly number[]): Tensor =>
  x.size === 0
    ? x
    : applyOp(
        {
          name: 'softmax',
          key: axes.join(),
          expand: (v) => {
            const e = exp(sub(v!, unreduce(shiftOf(v!, axes), v!, axes)))
            return [div(e, unreduce(sum(e, axes), v!, axes))]
          },
          // ds = s ⊙ (dx - ⟨s, dx⟩)
          jvp: (_, [t], [s]) => [mul(s!, sub(t!, unreduce(sum(mul(s!, t!), axes), s!, axes)))],
        },
        [x],
      )[0]!

const logSoftmaxOver = (x: Tensor, axes: readonly number[]): Tensor =>
  x.size === 0
    ? x
    : applyOp(
        {
          name: 'logSoftmax',
          key: axes.join(),
          expand: (v) => {
            const z = sub(v!, unreduce(shiftOf(v!, axes), v!, axes))
            return [sub(z, unreduce(log(sum(exp(z), axes)), v!, axes))]
          },
          // d log s = dx - ⟨s, dx⟩
          jvp: (_, [t], [y]) => [sub(t!, unreduce(sum(mul(exp(y!), t!), axes), y!, axes))],
        },
        [x],
      )[0]!

const logSumExpOver = (x: Tensor, axes: readonly number[]): Tensor => {
  if (countOf(x, axes) === 0)
    return filled(
      Number.NEGATIVE_INFINITY,
      x.shape.filter((_, i) => !axes.includes(i)),
      x.dtype,
    )
  return applyOp(
    {
      name: 'logsumexp',
      key: axes.join(),
      expand: (v) => {
        const top = shiftOf(v!, axes)
        const total = sum(exp(sub(v!, unreduce(top, v!, axes))), axes)
        return [add(log(total), top)]
      },
      // d logsumexp = ⟨softmax x, dx⟩. Nothing finite moves an infinite value: its slope is 0.
      jvp: ([v], [t], [y]) => {
        const still = unreduce(equal(abs(y!), constantLike(Number.POSITIVE_INFINITY, y!)), v!, axes)
        const weights = softmaxOver(select(still, zerosLike(v!), v!), axes)
        return [sum(mul(select(still, zerosLike(v!), weights), t!), axes)]
      },
    },
    [x],
  )[0]!
}

/**
 * log Σ eˣ without overflow. -∞ where all entries are -∞ (or there are none), with gradient 0; +∞ where one entry is.
 *
 * @example
 * logsumexp(tensor([1000, 1000])) // => 1000.6931
 * logsumexp(tensor([-Infinity, -Infinity])) // => -Infinity
 */
export const logsumexp = reduction<'float', 'logsumexp'>('logsumexp', 'float', logSumExpOver)

/** The axes along which a vector lies; the last unless told. */
export interface VectorAxis {
  readonly axis?: number | readonly number[]
}
type Float<X> = Tensor<ShapeOf<X>, ToFloat<DTypeOf<X>>>

const normaliser =
  (op: string, f: (x: Tensor, axes: readonly number[]) => Tensor) =>
  <X extends Num>(x: X, options: VectorAxis = {}): Float<X> => {
    const v = floatOperand(op, x)
    const { axis = -1 } = checkOptions(op, options)
    return f(v, normalAxes(op, axis, v.rank)) as Tensor as Float<X>
  }

/**
 * eˣ / Σ eˣ along the last axis, or along `axis`, for entries of any size. An entry of -∞ has weight 0; a row of
 * nothing but -∞ has no weights, and is NaN. The derivative is s ⊙ (t - ⟨s, t⟩).
 *
 * @example
 * softmax(tensor([0, 0])) // => [0.5, 0.5]
 * softmax(tensor([1000, 0, -1000])) // => [1, 0, 0]
 */
export const softmax = normaliser('softmax', softmaxOver)

/**
 * x - log Σ eˣ along the last axis, or along `axis`: the logarithm of {@link softmax} where that would underflow.
 *
 * @example
 * logSoftmax(tensor([1000, 0, -Infinity])) // => [0, -1000, -Infinity]
 */
export const logSoftmax = normaliser('logSoftmax', logSoftmaxOver)
