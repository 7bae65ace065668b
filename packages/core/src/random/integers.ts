import { fail } from '../errors.js'
import { broadcastTensor, type Num, operands } from '../ops/coerce.js'
import { add, constantLike, less, lessEqual, mod, mul, shift, sub } from '../primitives/arithmetic.js'
import { gather, iota } from '../primitives/indexing.js'
import { convert, select } from '../primitives/passing.js'
import { randomBits, randomSplit } from '../primitives/random.js'
import { argsortLast } from '../primitives/reductions.js'
import { reshape, sliceAxis } from '../primitives/structural.js'
import { broadcastShapes, checkShape, normalAxis, sameShape } from '../shape.js'
import { filled, Tensor } from '../tensor.js'
import type { Shape } from '../types/index.js'
import { checkKey, type KeyLike } from './keys.js'

const two = (key: Tensor): [Tensor, Tensor] => {
  const keys = randomSplit(key, 2)
  return [reshape(sliceAxis(keys, 0, 0, 1), [2]), reshape(sliceAxis(keys, 0, 1, 2), [2])]
}

// int32 words as unsigned numbers, and back: float64 holds them all.
const unsigned = (x: Tensor): Tensor => {
  const wide = convert(x, 'float64')
  return select(less(wide, constantLike(0, wide)), shift(wide, 2 ** 32), wide)
}
const word = (x: Tensor): Tensor =>
  convert(select(less(x, constantLike(2 ** 31, x)), x, shift(x, -(2 ** 32))), 'int32')
// The remainder of unsigned words; products and sums of int32 wrap as those of uint32 do.
const remainder = (x: Tensor, span: Tensor): Tensor => word(mod(unsigned(x), unsigned(span)))

/**
 * Integers of [minval, maxval), int32. Bounds are integers or int32 tensors that broadcast to the shape. Equal to
 * `jax.random.randint`: 64 random bits modulo the span, so that the bias is below span/2^32; if maxval is
 * not above minval the result is minval.
 *
 * @example
 * random.randint(random.key(0), [5], -5, 17) // => [14, -5, -1, 0, 8]
 */
export const randint = <const S extends Shape>(
  key: KeyLike,
  shape: S,
  minval: Num,
  maxval: Num,
): Tensor<S, 'int32'> => {
  const from = checkKey('randint', key)
  const dims = checkShape('randint', shape)
  const bounds = [minval, maxval].map((x) => {
    if (x instanceof Tensor ? x.dtype === 'int32' : Number.isInteger(x) && x === (x | 0)) return x
    return fail(
      'Value',
      `randint: bounds are integers in [-2^31, 2^31) or int32 tensors, not ${x instanceof Tensor ? x.dtype : String(x)}. The order is randint(key, shape, minval, maxval).`,
      { op: 'randint' },
    )
  })
  const numbers = bounds.map((x) => (typeof x === 'number' ? filled(x, [], 'int32') : x))
  const all = broadcastShapes('randint', [dims, ...numbers.map((t) => t.shape)])
  if (!sameShape(all, dims))
    fail('Shape', 'randint: the bounds do not broadcast to the shape of the samples.', {
      op: 'randint',
      shapes: [dims, ...numbers.map((t) => t.shape)],
    })
  const [low, high] = operands('randint', numbers) as [Tensor, Tensor]
  const span = select(lessEqual(high, low), constantLike(1, low), sub(high, low))
  const half = remainder(constantLike(2 ** 16, span), span)
  const multiplier = remainder(mul(half, half), span)
  const over = (x: Tensor) => broadcastTensor(x, dims)
  const [k1, k2] = two(from)
  const upper = mul(remainder(randomBits(k1, dims, 'bits'), over(span)), over(multiplier))
  const offset = add(upper, remainder(randomBits(k2, dims, 'bits'), over(span)))
  return add(over(low), remainder(offset, over(span))) as Tensor as Tensor<S, 'int32'>
}

/**
 * A random order of 0, ..., n - 1, or of the entries of a tensor along an axis (default the first), whole slices
 * staying together. Differentiable in the tensor. Equal to `jax.random.permutation`: a sort by random bits, repeated
 * until ties are unlikely.
 *
 * @example
 * random.permutation(random.key(0), 10) // => [0, 1, 8, 5, 6, 4, 3, 2, 7, 9]
 * random.permutation(random.key(0), tensor([[1, 2], [3, 4]])).shape // => [2, 2]
 */
export const permutation = (
  key: KeyLike,
  x: number | Tensor,
  { axis = 0 }: { readonly axis?: number } = {},
): Tensor => {
  const from = checkKey('permutation', key)
  if (typeof x === 'number' || !(x instanceof Tensor)) {
    if (typeof x !== 'number' || !Number.isInteger(x) || x < 0)
      fail('Value', `permutation: needs a tensor or a non-negative integer, not ${String(x)}.`, {
        op: 'permutation',
      })
    return order(from, x)
  }
  const at = normalAxis('permutation', axis, x.rank)
  return gather(x, order(from, x.shape[at]!), { axis: at, batchDims: 0 })
}

const order = (key: Tensor, n: number): Tensor => {
  const rounds = Math.ceil((3 * Math.log(Math.max(1, n))) / Math.log(2 ** 32 - 1))
  let at = iota([n], 0)
  let from = key
  for (let i = 0; i < rounds; i++) {
    const [next, use] = two(from)
    from = next
    // Adding 2^31 turns the order of int32 into that of uint32.
    const ranks = argsortLast(shift(randomBits(use, [n], 'bits'), -(2 ** 31)))
    at = gather(at, ranks, { axis: 0, batchDims: 0 })
  }
  return at
}
