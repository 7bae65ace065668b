import type { Library } from '../../library.js'
import {
  callValue,
  type FunctionBuilder,
  f32x4,
  f64x2,
  i8x16,
  type V128,
  type ValType,
} from '../../wasm/index.js'
import { doubles, type Lanes, singles } from './lanes.js'

/**
 * An element-wise function as code: each method writes the statements it needs into `f` and returns the value. An
 * operand is written where it is used, so pass variables or loads, not long expressions, where the row has two operands.
 */
export interface LaneFunction {
  /** Four float32. */
  f32x4(f: FunctionBuilder, lib: Library, ...x: readonly V128[]): V128
  /** Two float64. */
  f64x2(f: FunctionBuilder, lib: Library, ...x: readonly V128[]): V128
  /** Four int32, where the operation has them. */
  i32x4?(f: FunctionBuilder, lib: Library, ...x: readonly V128[]): V128
}

/** One algorithm for both widths, written inline. */
export const inline = (g: Algorithm): LaneFunction => ({
  f32x4: (f, lib, ...x) => g(singles(f, lib), ...x),
  f64x2: (f, lib, ...x) => g(doubles(f, lib), ...x),
})

/** An algorithm: statements written through `l`, and the value. Operands are variables. */
export type Algorithm = (l: Lanes, ...x: V128[]) => V128

/** Calls the function of the module that computes g; it is made when first asked for. */
export const callOf = (
  lib: Library,
  name: string,
  g: (f: FunctionBuilder, ...x: V128[]) => V128,
  x: readonly V128[],
): V128 => {
  const params = Object.fromEntries(x.map((_, i) => [`x${i}`, 'v128' as ValType]))
  const made = lib.get(name, (module, id) =>
    module.function(id, params, ['v128'], (f, p) => f.result(g(f, ...(Object.values(p) as V128[])))),
  )
  return callValue(made, 'v128', x)
}

const high = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]
const lows = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]

/** The first or the last two of four float32 as float64. */
export const widen = (f: FunctionBuilder, x: V128, half: 0 | 1): V128 =>
  f.let(f64x2.promoteLowF32x4(half === 0 ? x : i8x16.shuffle(x, x, high)))

/** Two times two float64 as four float32. */
export const narrow = (a: V128, b: V128): V128 =>
  i8x16.shuffle(f32x4.demoteF64x2Zero(a), f32x4.demoteF64x2Zero(b), lows)

/** A function of two float64 lanes on the halves of four float32, rounded once more. */
export const byHalves = (f: FunctionBuilder, x: readonly V128[], g: (...x: V128[]) => V128): V128 => {
  const half = (h: 0 | 1) => f.let(g(...x.map((v) => widen(f, v, h))))
  return narrow(half(0), half(1))
}

/** One algorithm for both widths, as functions that are called. */
export const called = (name: string, g: Algorithm): LaneFunction => ({
  f32x4: (_, lib, ...x) => callOf(lib, `${name}32`, (f, ...y) => g(singles(f, lib), ...y), x),
  f64x2: (_, lib, ...x) => callOf(lib, `${name}64`, (f, ...y) => g(doubles(f, lib), ...y), x),
})

/**
 * A float64 algorithm, and the float32 function through float64, by an algorithm of its own where the precision of a
 * float32 is cheaper.
 */
export const throughDoubles = (name: string, g: Algorithm, single = g): LaneFunction => ({
  f32x4: (_, lib, ...x) =>
    callOf(
      lib,
      `${name}32`,
      (f, ...y) =>
        byHalves(f, y, (...z) =>
          single === g
            ? callOf(lib, `${name}64`, (inner, ...w) => g(doubles(inner, lib), ...w), z)
            : single(doubles(f, lib), ...z),
        ),
      x,
    ),
  f64x2: (_, lib, ...x) => callOf(lib, `${name}64`, (f, ...y) => g(doubles(f, lib), ...y), x),
})

/** A function of four int32 through two float64, whose results are the first two int32. */
export const integersByHalves = (f: FunctionBuilder, x: readonly V128[], g: (...x: V128[]) => V128): V128 => {
  const half = (h: 0 | 1) =>
    f.let(g(...x.map((v) => f.let(f64x2.convertLowI32x4S(h === 0 ? v : i8x16.shuffle(v, v, high))))))
  return i8x16.shuffle(half(0), half(1), lows)
}

/** The int32 that JavaScript stores for a float64: its whole part modulo 2³², and 0 for NaN and infinity. */
export const toInt32 = (l: Lanes, x: V128): V128 => {
  const whole = l.let(l.trunc(x))
  const turns = f64x2.floor(l.mul(whole, l.const(2 ** -32)))
  const low = l.let(l.add(l.sub(whole, l.mul(turns, l.const(2 ** 32))), l.const(2 ** 52)))
  return i8x16.shuffle(low, low, [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11])
}
