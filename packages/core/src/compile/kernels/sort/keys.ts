import type { DType } from '../../../types/index.js'
import { choose, f32, f64, type I32, type I64, i32, i64 } from '../../wasm/index.js'

// Keys as unsigned integers in the order of the interpreter's comparison: -0 and 0 are equal, all NaN are equal and
// come last.

/** The key of a float32: positive numbers get their sign bit set, negative ones all bits flipped. */
const float32Key = (at: I32): I32 => {
  const x = f32.load(at)
  // -0 + 0 is 0.
  const bits = i32.reinterpretF32(f32.add(x, 0))
  const turned = i32.xor(bits, i32.or(i32.shrS(bits, 31), 0x80000000 | 0))
  return choose(f32.eq(x, x), turned, i32.const(-1))
}

const float64Key = (at: I32): I64 => {
  const x = f64.load(at)
  const bits = i64.reinterpretF64(f64.add(x, 0))
  const turned = i64.xor(bits, i64.or(i64.shrS(bits, i64.const(63n)), i64.const(-(2n ** 63n))))
  return choose(f64.eq(x, x), turned, i64.const(-1n))
}

/** A key of 32 bits lies above its position in one word of 64 bits; one of 64 bits has its position behind it. */
export type KeyOf =
  | { readonly bytes: 4; readonly log: number; readonly key: (at: I32) => I32 }
  | { readonly bytes: 8; readonly log: number; readonly key: (at: I32) => I64 }

export const KEYS: Readonly<Record<DType, KeyOf>> = {
  float32: { bytes: 4, log: 2, key: float32Key },
  int32: { bytes: 4, log: 2, key: (at) => i32.xor(i32.load(at), 0x80000000 | 0) },
  bool: { bytes: 4, log: 0, key: (at) => i32.load8U(at) },
  float64: { bytes: 8, log: 3, key: float64Key },
}
