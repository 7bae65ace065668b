import type { Bytes } from './bytes.js'
import type { F32, F64, I32, I64, Num, ValType, Value } from './value.js'
import { value } from './value.js'

// Scalar instructions, by the names of the specification in camel case.

const constant = <T extends 'i32' | 'f32' | 'f64'>(type: T, x: number): Value<T> =>
  value(type, [], (to) => {
    if (type === 'i32') to.byte(0x41).s32(x)
    else if (type === 'f32') to.byte(0x43).f32(x)
    else to.byte(0x44).f64(x)
  })

const lift = <T extends 'i32' | 'f32' | 'f64'>(type: T, x: Num<T>): Value<T> =>
  typeof x === 'number' ? constant(type, x) : x

const two =
  <T extends 'i32' | 'f32' | 'f64', R extends ValType>(type: T, result: R, code: number) =>
  (a: Num<T>, b: Num<T>): Value<R> =>
    value(result, [lift(type, a), lift(type, b)], (to) => to.byte(code))

const one =
  <T extends 'i32' | 'f32' | 'f64', R extends ValType>(type: T, result: R, code: number) =>
  (a: Num<T>): Value<R> =>
    value(result, [lift(type, a)], (to) => to.byte(code))

const from =
  <R extends ValType>(result: R, ...code: readonly number[]) =>
  (a: Value): Value<R> =>
    value(result, [a], (to) => to.bytes(code))

/** Immediate operands of a memory access: log2 of the alignment, and the constant added to the address. */
export const memarg = (to: Bytes, align: number, offset: number): Bytes => to.u32(align).u32(offset)

const load =
  <R extends ValType>(result: R, code: number, align: number) =>
  (address: Num<'i32'>, offset = 0): Value<R> =>
    value(result, [lift('i32', address)], (to) => memarg(to.byte(code), align, offset))

/** An i32 from a number or a value. */
export const int = (x: Num<'i32'>): I32 => lift('i32', x)

export const i32 = {
  const: (x: number): I32 => constant('i32', x),
  load: load('i32', 0x28, 2),
  load8S: load('i32', 0x2c, 0),
  load8U: load('i32', 0x2d, 0),
  load16U: load('i32', 0x2f, 1),
  eqz: one('i32', 'i32', 0x45),
  eq: two('i32', 'i32', 0x46),
  ne: two('i32', 'i32', 0x47),
  ltS: two('i32', 'i32', 0x48),
  ltU: two('i32', 'i32', 0x49),
  gtS: two('i32', 'i32', 0x4a),
  gtU: two('i32', 'i32', 0x4b),
  leS: two('i32', 'i32', 0x4c),
  leU: two('i32', 'i32', 0x4d),
  geS: two('i32', 'i32', 0x4e),
  geU: two('i32', 'i32', 0x4f),
  clz: one('i32', 'i32', 0x67),
  ctz: one('i32', 'i32', 0x68),
  add: two('i32', 'i32', 0x6a),
  sub: two('i32', 'i32', 0x6b),
  mul: two('i32', 'i32', 0x6c),
  divS: two('i32', 'i32', 0x6d),
  divU: two('i32', 'i32', 0x6e),
  remS: two('i32', 'i32', 0x6f),
  remU: two('i32', 'i32', 0x70),
  and: two('i32', 'i32', 0x71),
  or: two('i32', 'i32', 0x72),
  xor: two('i32', 'i32', 0x73),
  shl: two('i32', 'i32', 0x74),
  shrS: two('i32', 'i32', 0x75),
  shrU: two('i32', 'i32', 0x76),
  rotl: two('i32', 'i32', 0x77),
  rotr: two('i32', 'i32', 0x78),
  wrapI64: from('i32', 0xa7) as (a: I64) => I32,
  truncSatF32S: from('i32', 0xfc, 0) as (a: F32) => I32,
  truncSatF64S: from('i32', 0xfc, 2) as (a: F64) => I32,
  reinterpretF32: from('i32', 0xbc) as (a: F32) => I32,
}

const long =
  (code: number) =>
  (a: I64, b: I64): I64 =>
    value('i64', [a, b], (to) => to.byte(code))

export const i64 = {
  const: (x: bigint): I64 => value('i64', [], (to) => to.byte(0x42).s64(x)),
  load: load('i64', 0x29, 3),
  add: long(0x7c),
  sub: long(0x7d),
  mul: long(0x7e),
  and: long(0x83),
  or: long(0x84),
  xor: long(0x85),
  shl: long(0x86),
  shrS: long(0x87),
  shrU: long(0x88),
  ltS: (a: I64, b: I64): I32 => value('i32', [a, b], (to) => to.byte(0x53)),
  ltU: (a: I64, b: I64): I32 => value('i32', [a, b], (to) => to.byte(0x54)),
  extendI32S: from('i64', 0xac) as (a: I32) => I64,
  extendI32U: from('i64', 0xad) as (a: I32) => I64,
  reinterpretF64: from('i64', 0xbd) as (a: F64) => I64,
}

export const f32 = {
  const: (x: number): F32 => constant('f32', x),
  load: load('f32', 0x2a, 2),
  eq: two('f32', 'i32', 0x5b),
  ne: two('f32', 'i32', 0x5c),
  lt: two('f32', 'i32', 0x5d),
  gt: two('f32', 'i32', 0x5e),
  le: two('f32', 'i32', 0x5f),
  ge: two('f32', 'i32', 0x60),
  abs: one('f32', 'f32', 0x8b),
  neg: one('f32', 'f32', 0x8c),
  floor: one('f32', 'f32', 0x8e),
  nearest: one('f32', 'f32', 0x90),
  sqrt: one('f32', 'f32', 0x91),
  add: two('f32', 'f32', 0x92),
  sub: two('f32', 'f32', 0x93),
  mul: two('f32', 'f32', 0x94),
  div: two('f32', 'f32', 0x95),
  min: two('f32', 'f32', 0x96),
  max: two('f32', 'f32', 0x97),
  convertI32S: from('f32', 0xb2) as (a: I32) => F32,
  demoteF64: from('f32', 0xb6) as (a: F64) => F32,
  reinterpretI32: from('f32', 0xbe) as (a: I32) => F32,
}

export const f64 = {
  const: (x: number): F64 => constant('f64', x),
  load: load('f64', 0x2b, 3),
  eq: two('f64', 'i32', 0x61),
  ne: two('f64', 'i32', 0x62),
  lt: two('f64', 'i32', 0x63),
  gt: two('f64', 'i32', 0x64),
  le: two('f64', 'i32', 0x65),
  ge: two('f64', 'i32', 0x66),
  abs: one('f64', 'f64', 0x99),
  neg: one('f64', 'f64', 0x9a),
  floor: one('f64', 'f64', 0x9c),
  nearest: one('f64', 'f64', 0x9e),
  sqrt: one('f64', 'f64', 0x9f),
  add: two('f64', 'f64', 0xa0),
  sub: two('f64', 'f64', 0xa1),
  mul: two('f64', 'f64', 0xa2),
  div: two('f64', 'f64', 0xa3),
  min: two('f64', 'f64', 0xa4),
  max: two('f64', 'f64', 0xa5),
  copysign: two('f64', 'f64', 0xa6),
  convertI32S: from('f64', 0xb7) as (a: I32) => F64,
  convertI64S: from('f64', 0xb9) as (a: I64) => F64,
  promoteF32: from('f64', 0xbb) as (a: F32) => F64,
  reinterpretI64: from('f64', 0xbf) as (a: I64) => F64,
}

/** a if the condition is not 0, otherwise b; both are computed. */
export const choose = <T extends ValType>(condition: I32, a: Value<T>, b: Value<T>): Value<T> =>
  a.type === 'v128'
    ? value(a.type, [a, b, condition], (to) => to.bytes([0x1c, 1, 0x7b]))
    : value(a.type, [a, b, condition], (to) => to.byte(0x1b))
