import { type FunctionBuilder, type I32, i8x16, i32, type Local, type V128, v128 } from '../../wasm/index.js'

// Words of int32 in vectors, at the ends of arrays and in pairs.

/** Writes the first `count` of four words, 1 to 3. */
const storeFew = (f: FunctionBuilder, to: I32, x: V128, count: I32): void =>
  f.if(
    i32.and(count, 2),
    () => {
      f.storeLane(64, to, x, 0)
      f.if(i32.and(count, 1), () => f.storeLane(32, to, x, 2, 8))
    },
    () => f.if(i32.and(count, 1), () => f.storeLane(32, to, x, 0)),
  )

/** Writes four words, or fewer at the end of an array. */
export const storeWords = (f: FunctionBuilder, to: I32, x: Local<'v128'>, left: I32): void =>
  f.if(
    i32.geS(left, 4),
    () => f.storeVector(to, x),
    () => storeFew(f, to, x, left),
  )

const EVEN = [0, 4].flatMap((v) => [0, 2].map((lane) => v + lane))
const bytes = (lanes: readonly number[]): number[] =>
  lanes.flatMap((lane) => [0, 1, 2, 3].map((b) => 4 * lane + b))

/** Lanes 0 and 2 of a, then of b. */
export const evenWords = (a: V128, b: V128): V128 => i8x16.shuffle(a, b, bytes(EVEN))
/** Lanes 1 and 3 of a, then of b. */
export const oddWords = (a: V128, b: V128): V128 => i8x16.shuffle(a, b, bytes(EVEN.map((lane) => lane + 1)))
/** a0 b0 a1 b1. */
export const lowPairs = (a: V128, b: V128): V128 => i8x16.shuffle(a, b, bytes([0, 4, 1, 5]))
/** a2 b2 a3 b3. */
export const highPairs = (a: V128, b: V128): V128 => i8x16.shuffle(a, b, bytes([2, 6, 3, 7]))

/** Writes (a0, b0), (a1, b1), ...: four pairs, or fewer at the end of an array. */
export const storePairs = (
  f: FunctionBuilder,
  to: I32,
  a: Local<'v128'>,
  b: Local<'v128'>,
  left: I32,
): void => {
  const [low, high] = [f.let(lowPairs(a, b)), f.let(highPairs(a, b))]
  f.if(
    i32.geS(left, 4),
    () => {
      f.storeVector(to, low)
      f.storeVector(to, high, 16)
    },
    () => {
      f.storeLane(64, to, low, 0)
      f.if(i32.geS(left, 2), () => f.storeLane(64, to, low, 1, 8))
      f.if(i32.geS(left, 3), () => f.storeLane(64, to, high, 0, 16))
    },
  )
}

/** The words of four keys that follow each other in memory: first words, then second ones. */
export const loadKeys = (f: FunctionBuilder, from: I32): readonly [Local<'v128'>, Local<'v128'>] => {
  const [a, b] = [f.let(v128.load(from)), f.let(v128.load(from, 16))]
  return [f.let(evenWords(a, b)), f.let(oddWords(a, b))]
}
