import type { DType } from '../../types/index.js'
import {
  type FunctionBuilder,
  f32x4,
  f64x2,
  i8x16,
  i32x4,
  i64x2,
  type Local,
  type V128,
  v128,
} from '../wasm/index.js'
import type { Reducer } from './spec.js'

// How values are combined in registers.

const SUM = { float32: f32x4.add, float64: f64x2.add, int32: i32x4.add } as const
const MAX = { float32: f32x4.max, float64: f64x2.max, int32: i32x4.maxS, bool: v128.or } as const
const MIN = { float32: f32x4.min, float64: f64x2.min, int32: i32x4.minS, bool: v128.and } as const

export type Combine = (a: V128, b: V128) => V128

export const combiner = (reducer: Reducer, dtype: DType): Combine =>
  reducer === 'sum' ? SUM[dtype as 'float32'] : (reducer === 'reduceMax' ? MAX : MIN)[dtype]

/** What changes nothing when combined: -0 for sums, because 0 + -0 is 0. */
export const identityOf = (reducer: Reducer, dtype: DType, lanes: 2 | 4): V128 => {
  const real = reducer === 'sum' ? -0 : reducer === 'reduceMax' ? -Infinity : Infinity
  switch (dtype) {
    case 'float32':
      return f32x4.const(real)
    case 'float64':
      return f64x2.const(real)
    case 'int32':
      return i32x4.const(reducer === 'sum' ? 0 : reducer === 'reduceMax' ? -2147483648 : 2147483647)
    case 'bool':
      return lanes === 4
        ? i32x4.const(reducer === 'reduceMax' ? 0 : -1)
        : i64x2.const(reducer === 'reduceMax' ? 0n : -1n)
  }
}

const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]
const ODD_LANE = [4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7]

/** The upper 64 bits in both halves. */
export const upper = (x: V128): V128 => i8x16.shuffle(x, x, HIGH_HALF)

/** Combines the lanes of a vector; the result is in lane 0. */
export const acrossLanes = (
  f: FunctionBuilder,
  combine: Combine,
  dtype: DType,
  lanes: 2 | 4,
  x: V128,
): Local<'v128'> => {
  const v = f.let(x)
  const wide = dtype === 'float64' || (dtype === 'bool' && lanes === 2)
  if (wide) return f.let(combine(v, upper(v)))
  const half = lanes === 4 ? f.let(combine(v, upper(v))) : v
  return f.let(combine(half, i8x16.shuffle(half, half, ODD_LANE)))
}

/** Two vectors of float64 that hold the four lanes of a float32 vector. */
export const promoted = (f: FunctionBuilder, x: V128): readonly [V128, V128] => {
  const v = f.let(x)
  return [f64x2.promoteLowF32x4(v), f64x2.promoteLowF32x4(upper(v))]
}

/** The four lanes of two float64 vectors, rounded to float32. */
export const demoted = (low: V128, high: V128): V128 =>
  i8x16.shuffle(
    f32x4.demoteF64x2Zero(low),
    f32x4.demoteF64x2Zero(high),
    [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23],
  )
