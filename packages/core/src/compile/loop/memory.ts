import type { DType } from '../../types/index.js'
import {
  type FunctionBuilder,
  f64x2,
  type I32,
  i8x16,
  i16x8,
  i32,
  i32x4,
  i64x2,
  type V128,
  v128,
} from '../wasm/index.js'

// Moving elements between memory and the lanes of a vector. `count` is how many elements: all lanes, or one.

const mask32 = (bytes: V128): V128 => i32x4.neg(i32x4.extendLowI16x8U(i16x8.extendLowI8x16U(bytes)))

/** Reads `count` neighbours. */
export const loadDense = (dtype: DType, lanes: 2 | 4, count: number, address: I32, offset: number): V128 => {
  if (dtype === 'bool') {
    if (count === 1) return i32x4.splat(i32.sub(0, i32.load8U(address, offset)))
    if (lanes === 4) return mask32(v128.load32Zero(address, offset))
    return i64x2.extendLowI32x4S(mask32(i32x4.splat(i32.load16U(address, offset))))
  }
  if (dtype === 'float64') return count === 1 ? v128.load64Splat(address, offset) : v128.load(address, offset)
  if (count === 1) return v128.load32Splat(address, offset)
  return lanes === 4 ? v128.load(address, offset) : v128.load64Zero(address, offset)
}

/** Reads elements that are `stride` bytes apart. */
export const loadStrided = (
  f: FunctionBuilder,
  dtype: DType,
  lanes: 2 | 4,
  address: I32,
  stride: number,
): V128 => {
  const at = f.let(address)
  // A constant may be added to an address only if it is not negative.
  const place = (k: number): { address: I32; offset: number } =>
    stride >= 0 ? { address: at, offset: k * stride } : { address: i32.add(at, k * stride), offset: 0 }
  if (dtype === 'bool') {
    let x: V128 = i32x4.const(0)
    for (let k = 0; k < lanes; k++) {
      const p = place(k)
      const bit = i32.sub(0, i32.load8U(p.address, p.offset))
      x = i32x4.replaceLane(x, k, bit)
    }
    return lanes === 4 ? x : i64x2.extendLowI32x4S(x)
  }
  const wide = dtype === 'float64'
  let x: V128 = wide ? v128.load64Zero(at) : v128.load32Zero(at)
  for (let k = 1; k < lanes; k++) {
    const p = place(k)
    x = wide ? v128.load64Lane(x, k, p.address, p.offset) : v128.load32Lane(x, k, p.address, p.offset)
  }
  return x
}

/** Writes `count` neighbours. */
export const storeDense = (
  f: FunctionBuilder,
  dtype: DType,
  lanes: 2 | 4,
  count: number,
  address: I32,
  x: V128,
  offset: number,
): void => {
  const one = count === 1
  if (dtype === 'bool') storeMask(f, lanes, one, address, x, offset)
  else if (dtype === 'float64' && one) f.storeLane(64, address, x, 0, offset)
  else if (one) f.storeLane(32, address, x, 0, offset)
  else if (dtype === 'float64' || lanes === 4) f.storeVector(address, x, offset)
  else f.storeLane(64, address, x, 0, offset)
}

const storeMask = (
  f: FunctionBuilder,
  lanes: 2 | 4,
  one: boolean,
  address: I32,
  x: V128,
  offset: number,
): void => {
  if (one) f.store('i8', address, i32.and(i32x4.extractLane(x, 0), 1), offset)
  else if (lanes === 4) {
    const half = f.let(i16x8.narrowI32x4S(x, x))
    const bytes = v128.and(i8x16.narrowI16x8S(half, half), i32x4.const(0x01010101))
    f.storeLane(32, address, bytes, 0, offset)
  } else {
    const bits = f.let(i64x2.bitmask(x))
    f.store('i8', address, i32.and(bits, 1), offset)
    f.store('i8', address, i32.shrU(bits, 1), offset + 1)
  }
}

/** Writes elements that are `stride` bytes apart. */
export const storeStrided = (
  f: FunctionBuilder,
  dtype: DType,
  lanes: 2 | 4,
  address: I32,
  stride: number,
  x: V128,
): void => {
  const [at, v] = [f.let(address), f.let(x)]
  for (let k = 0; k < lanes; k++) {
    const to = i32.add(at, k * stride)
    if (dtype === 'bool') f.store('i8', to, i32.and(i32x4.extractLane(v, lanes === 4 ? k : 2 * k), 1))
    else if (dtype === 'float64') f.store('f64', to, f64x2.extractLane(v, k))
    else f.storeLane(32, to, v, k)
  }
}
