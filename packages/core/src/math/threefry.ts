import { fma32, fma64 } from './fma.js'

// Threefry-2x32 with 20 rounds: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011. The counters, and so the bits, are those of jax.random with jax_threefry_partitionable (the default
// since JAX 0.5): element i of an array is the block of the 64-bit counter i, whatever the array's shape.
// A key is two words. All words are uint32, kept as numbers in [0, 2^32).

/** A key, or the two words of a block: high, then low. */
export type Words = readonly [hi: number, lo: number]

// The Threefish parity constant, cut to 32 bits, which keeps an all-zero key from being weak.
const PARITY = 0x1bd11bda

interface Block {
  x0: number
  x1: number
}

const rotateLeft = (x: number, by: number) => (x << by) | (x >>> (32 - by))

// Encrypts the counter (c0, c1) in place of the block's words; filling an array allocates one block.
function encrypt(block: Block, k0: number, k1: number, c0: number, c1: number): void {
  const k2 = k0 ^ k1 ^ PARITY
  let x0 = (c0 + k0) | 0
  let x1 = (c1 + k1) | 0

  // Five times four rounds of add, rotate, xor. After each four the next two words of the key schedule
  // k0 k1 k2 k0 ... are added, and the number of the group to the second of them.
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 13) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 15) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 26) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 6) ^ x0
  x0 = (x0 + k1) | 0
  x1 = (x1 + k2 + 1) | 0

  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 17) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 29) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 16) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 24) ^ x0
  x0 = (x0 + k2) | 0
  x1 = (x1 + k0 + 2) | 0

  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 13) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 15) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 26) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 6) ^ x0
  x0 = (x0 + k0) | 0
  x1 = (x1 + k1 + 3) | 0

  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 17) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 29) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 16) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 24) ^ x0
  x0 = (x0 + k1) | 0
  x1 = (x1 + k2 + 4) | 0

  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 13) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 15) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 26) ^ x0
  x0 = (x0 + x1) | 0
  x1 = rotateLeft(x1, 6) ^ x0
  block.x0 = (x0 + k2) | 0
  block.x1 = (x1 + k0 + 5) | 0
}

const highWord = (integer: number) => Math.floor(integer / 2 ** 32) >>> 0

/** The block function: the two words of counter `(c0, c1)` under key `(k0, k1)`. */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number): Words {
  const block = { x0: 0, x1: 0 }
  encrypt(block, k0, k1, c0, c1)
  return [block.x0 >>> 0, block.x1 >>> 0]
}

/**
 * The key of a seed: its 64-bit two's complement, high word first, for any safe integer.
 *
 * Equal to `jax.random.key_data(jax.random.key(seed))` with `jax_enable_x64`. Without that flag JAX drops the
 * high word, so that the seeds 5 and 2^32 + 5, or -1 and 2^32 - 1, share a key; here all seeds differ.
 */
export const seedKey = (seed: number): Words => [highWord(seed), seed >>> 0]

/** `n` keys, as words of even (high) and odd (low) index. Equal to `jax.random.split(key, n)`. */
export function splitKeys(k0: number, k1: number, n: number): Uint32Array<ArrayBuffer> {
  const keys = new Uint32Array(2 * n)
  const block = { x0: 0, x1: 0 }
  for (let i = 0; i < n; i++) {
    encrypt(block, k0, k1, highWord(i), i)
    keys[2 * i] = block.x0
    keys[2 * i + 1] = block.x1
  }
  return keys
}

/** The key for `data`, an integer in [-2^31, 2^32) taken modulo 2^32. Equal to `jax.random.fold_in`. */
export const foldIn = (k0: number, k1: number, data: number): Words => threefry2x32(k0, k1, 0, data)

/** The first `count` words of 32 random bits. Equal to `jax.random.bits(key, shape, 'uint32')`, row-major. */
export function fillBits(k0: number, k1: number, count: number, out: Uint32Array): void {
  const block = { x0: 0, x1: 0 }
  for (let i = 0; i < count; i++) {
    encrypt(block, k0, k1, highWord(i), i)
    out[i] = block.x0 ^ block.x1
  }
}

/** The first `count` words of 64 random bits, in halves. Equal to `jax.random.bits(key, shape, 'uint64')`. */
export function fillBlock(
  k0: number,
  k1: number,
  count: number,
  outHi: Uint32Array,
  outLo: Uint32Array,
): void {
  const block = { x0: 0, x1: 0 }
  for (let i = 0; i < count; i++) {
    encrypt(block, k0, k1, highWord(i), i)
    outHi[i] = block.x0
    outLo[i] = block.x1
  }
}

/**
 * 32 bits as a float32 in [0, 1): a multiple of 2^-23. Equal to `jax.random.uniform(key, shape)` on the bits
 * of {@link fillBits}. JAX puts the upper 23 bits behind the exponent of 1 and subtracts 1, which is exact.
 */
export const unitFloat32 = (bits: number) => (bits >>> 9) * 2 ** -23

/** 64 bits as a float64 in [0, 1): a multiple of 2^-52, from the halves of {@link fillBlock}. As in JAX. */
export const unitFloat64 = (hi: number, lo: number) => (hi * 2 ** 20 + (lo >>> 12)) * 2 ** -52

// Uniform numbers between bounds, `max(minval, u (maxval - minval) + minval)` with the bounds and their
// difference rounded to the dtype first. XLA contracts the product and the sum into one fused multiply-add
// (jax.random.uniform is always compiled; measured with JAX 0.10.2 on a CPU), and so do we: rounded separately,
// up to half of the samples differ from JAX in their last bits. With the default bounds 0 and 1 either way is
// exact and gives u itself. A sum that rounds up can reach maxval, in JAX too.

/** Uniform in [minval, maxval) from 32 bits. Equal to `jax.random.uniform(key, shape, 'float32', ...)`. */
export function uniformFloat32(bits: number, minval: number, maxval: number): number {
  const low = Math.fround(minval)
  return Math.max(low, fma32(unitFloat32(bits), Math.fround(Math.fround(maxval) - low), low))
}

/** Uniform in [minval, maxval) from 64 bits. Equal to `jax.random.uniform(key, shape, 'float64', ...)`. */
export const uniformFloat64 = (hi: number, lo: number, minval: number, maxval: number): number =>
  Math.max(minval, fma64(unitFloat64(hi, lo), maxval - minval, minval))
