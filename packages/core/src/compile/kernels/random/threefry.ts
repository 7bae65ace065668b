import { type FunctionBuilder, i8x16, i32x4, type Local, type V128, v128 } from '../../wasm/index.js'

// Threefry-2x32 with 20 rounds on four counters at once, as math/threefry.ts has it for one.

const PARITY = 0x1bd11bda
const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const

/** Four words turned left; by whole bytes that is one instruction. */
const rotateLeft = (x: Local<'v128'>, by: number): V128 =>
  by % 8 === 0
    ? i8x16.shuffle(
        x,
        x,
        Array.from({ length: 16 }, (_, i) => (i & ~3) | ((i - by / 8) & 3)),
      )
    : v128.or(i32x4.shl(x, by), i32x4.shrU(x, 32 - by))

/** The words of a key, in all lanes, with the third word of the key schedule. */
export type Schedule = readonly [Local<'v128'>, Local<'v128'>, Local<'v128'>]

export const scheduleOf = (f: FunctionBuilder, k0: V128, k1: V128): Schedule => {
  const [a, b] = [f.let(k0), f.let(k1)]
  return [a, b, f.let(v128.xor(v128.xor(a, b), i32x4.const(PARITY)))]
}

/** Encrypts the counters (c0, c1), lane by lane; the locals hold the words of the blocks behind it. */
export const encrypt = (
  f: FunctionBuilder,
  key: Schedule,
  c0: V128,
  c1: V128,
): readonly [Local<'v128'>, Local<'v128'>] => {
  const x0 = f.let(i32x4.add(c0, key[0]))
  const x1 = f.let(i32x4.add(c1, key[1]))
  for (let group = 0; group < 5; group++) {
    for (const by of ROTATIONS[group % 2]!) {
      f.set(x0, i32x4.add(x0, x1))
      f.set(x1, v128.xor(rotateLeft(x1, by), x0))
    }
    f.set(x0, i32x4.add(x0, key[(group + 1) % 3]!))
    f.set(x1, i32x4.add(i32x4.add(x1, key[(group + 2) % 3]!), i32x4.const(group + 1)))
  }
  return [x0, x1]
}
