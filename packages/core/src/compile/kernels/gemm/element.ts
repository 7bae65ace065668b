import type { Library } from '../../library.js'
import {
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  type Num,
  type V128,
  type Value,
  v128,
} from '../../wasm/index.js'

/** Dtypes that contractions and convolutions are made for. */
export type Scalar = 'float32' | 'float64' | 'int32'

/** What a kernel needs to know of a dtype: sizes, and the instructions for one number and for one vector. */
export interface Element {
  /** Short name, part of function names. */
  readonly name: 'f32' | 'f64' | 'i32'
  readonly bytes: 4 | 8
  /** log₂ of `bytes`. */
  readonly log: 2 | 3
  /** Numbers in a vector. */
  readonly lanes: 4 | 2
  readonly zero: Value
  readonly load: (address: Num<'i32'>, offset?: number) => Value
  readonly add: (a: Value, b: Value) => Value
  readonly mul: (a: Value, b: Value) => Value
  /** One number in all lanes, read from memory. */
  readonly splat: (address: Num<'i32'>, offset?: number) => V128
  readonly addVectors: (a: V128, b: V128) => V128
  /** a·b + c, fused where the target allows it. */
  readonly madd: (lib: Library, a: V128, b: V128, c: V128) => V128
  readonly extract: (a: V128, lane: number) => Value
  /** Reads one lane. */
  readonly loadLane: (a: V128, lane: number, address: Num<'i32'>, offset?: number) => V128
}

type Two = (a: Value, b: Value) => Value

export const ELEMENTS: Readonly<Record<Scalar, Element>> = {
  float32: {
    name: 'f32',
    bytes: 4,
    log: 2,
    lanes: 4,
    zero: f32.const(0),
    load: f32.load,
    add: f32.add as Two,
    mul: f32.mul as Two,
    splat: v128.load32Splat,
    addVectors: f32x4.add,
    madd: (lib, a, b, c) => lib.madd32(a, b, c),
    extract: f32x4.extractLane,
    loadLane: v128.load32Lane,
  },
  float64: {
    name: 'f64',
    bytes: 8,
    log: 3,
    lanes: 2,
    zero: f64.const(0),
    load: f64.load,
    add: f64.add as Two,
    mul: f64.mul as Two,
    splat: v128.load64Splat,
    addVectors: f64x2.add,
    madd: (lib, a, b, c) => lib.madd64(a, b, c),
    extract: f64x2.extractLane,
    loadLane: v128.load64Lane,
  },
  int32: {
    name: 'i32',
    bytes: 4,
    log: 2,
    lanes: 4,
    zero: i32.const(0),
    load: i32.load,
    add: i32.add as Two,
    mul: i32.mul as Two,
    splat: v128.load32Splat,
    addVectors: i32x4.add,
    madd: (_, a, b, c) => i32x4.add(i32x4.mul(a, b), c),
    extract: i32x4.extractLane as Element['extract'],
    loadLane: v128.load32Lane,
  },
}
