import { fail, showShape } from '../errors.js'
import { seedKey } from '../math/threefry.js'
import * as p from '../primitives/random.js'
import { checkShape } from '../shape.js'
import { filled, fromData, Tensor } from '../tensor.js'

/** The state of the random numbers: two words, as an int32 tensor. Use each key once; split it for more. */
export type Key = Tensor<readonly [2], 'int32'>

/** What a sampler takes for a key: the type does not ask for the shape, which code over many keys loses. */
export type KeyLike = Tensor

/** Refuses what is not one key. */
export const checkKey = (op: string, key: unknown): Tensor => {
  if (key instanceof Tensor && key.dtype === 'int32' && key.rank === 1 && key.shape[0] === 2) return key
  const many = key instanceof Tensor && key.dtype === 'int32' && key.rank > 1 && key.shape.at(-1) === 2
  const got = key instanceof Tensor ? `${key.dtype}${showShape(key.shape)}` : `a ${typeof key}`
  return fail(
    'Value',
    `${op}: expected a key, which is int32[2], not ${got}. ` +
      (many
        ? `For many keys use vmap((key) => random.${op}(key, ...))(keys), or take them one by one.`
        : 'Make one with random.key(0), and more of it with random.split(key).'),
    { op, ...(key instanceof Tensor && { shapes: [key.shape] }) },
  )
}

/**
 * The key of a seed, any safe integer: its 64 bits as two's complement, high word first. Equal to
 * `jax.random.key(seed)` with 64-bit integers enabled; seeds below 2^32 give the same key without.
 *
 * @example
 * random.key(42) // => [0, 42]
 */
export const key = (seed: number): Key => {
  if (!Number.isSafeInteger(seed))
    fail('Value', `key: a seed must be a safe integer, not ${String(seed)}. For example random.key(0).`, {
      op: 'key',
    })
  return fromData(
    Int32Array.from(seedKey(seed), (word) => word | 0),
    [2],
    'int32',
  ) as Tensor as Key
}

/**
 * `n` keys that are independent of each other, as int32[n, 2]: a batch for `vmap`, and iterable for destructuring.
 * The key itself must not be used again. Equal to `jax.random.split`.
 *
 * @example
 * const [k1, k2] = random.split(random.key(0))
 * random.uniform(k1!, [2]) // => [0.842314, 0.182379]
 * random.split(random.key(0), 8).shape // => [8, 2]
 */
export const split = <const N extends number = 2>(key: KeyLike, n?: N): Tensor<[N, 2], 'int32'> => {
  const count = n ?? 2
  if (!Number.isInteger(count) || count < 0)
    fail('Value', `split: the number of keys must be a non-negative integer, not ${String(count)}.`, {
      op: 'split',
    })
  return p.randomSplit(checkKey('split', key), count) as Tensor as Tensor<[N, 2], 'int32'>
}

/**
 * The key for a number, such as the step of a training loop: independent keys for different numbers, without
 * keeping any state. The number is an integer in [-2^31, 2^32), or an int32 scalar, traced or not. Equal to
 * `jax.random.fold_in`.
 *
 * @example
 * random.foldIn(random.key(42), -3) // => [-424716662, -19285194]
 */
export const foldIn = (key: KeyLike, data: number | Tensor): Key => {
  const from = checkKey('foldIn', key)
  if (typeof data === 'number') {
    if (!Number.isInteger(data) || data < -(2 ** 31) || data >= 2 ** 32)
      fail('Value', `foldIn: needs an integer in [-2^31, 2^32), not ${data}.`, { op: 'foldIn' })
    return p.foldIn(from, filled(data | 0, [], 'int32')) as Tensor as Key
  }
  if (!(data instanceof Tensor) || data.dtype !== 'int32' || data.rank !== 0)
    fail('Value', 'foldIn: needs a number or an int32 scalar. Fold in one number at a time, or use vmap.', {
      op: 'foldIn',
    })
  return p.foldIn(from, data) as Tensor as Key
}

/**
 * 32 random bits for each entry, as int32; `x >>> 0` is the number in [0, 2^32). Equal to `jax.random.bits`.
 *
 * @example
 * random.bits(random.key(0), [2]) // => [-224768089, -91998574]
 */
export const bits = <const S extends readonly number[] = []>(key: KeyLike, shape?: S): Tensor<S, 'int32'> =>
  p.randomBits(checkKey('bits', key), checkShape('bits', shape ?? []), 'bits') as Tensor as Tensor<S, 'int32'>
