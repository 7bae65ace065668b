import type { Bytes } from './bytes.js'
import { int, memarg } from './scalar.js'
import type { F32, F64, I32, I64, Num, V128, ValType, Value } from './value.js'
import { value } from './value.js'

// 128-bit vector instructions, by the names of the specification in camel case.

const simd = (to: Bytes, code: number): Bytes => to.byte(0xfd).u32(code)

const one =
  (code: number) =>
  (a: V128): V128 =>
    value('v128', [a], (to) => simd(to, code))
const two =
  (code: number) =>
  (a: V128, b: V128): V128 =>
    value('v128', [a, b], (to) => simd(to, code))
const three =
  (code: number) =>
  (a: V128, b: V128, c: V128): V128 =>
    value('v128', [a, b, c], (to) => simd(to, code))
const test =
  (code: number) =>
  (a: V128): I32 =>
    value('i32', [a], (to) => simd(to, code))
const shift =
  (code: number) =>
  (a: V128, by: Num<'i32'>): V128 =>
    value('v128', [a, int(by)], (to) => simd(to, code))
const splat =
  <T extends ValType>(code: number) =>
  (a: Value<T>): V128 =>
    value('v128', [a], (to) => simd(to, code))
const extract =
  <T extends ValType>(type: T, code: number) =>
  (a: V128, lane: number): Value<T> =>
    value(type, [a], (to) => simd(to, code).byte(lane))
const replace =
  <T extends ValType>(code: number) =>
  (a: V128, lane: number, x: Value<T>): V128 =>
    value('v128', [a, x], (to) => simd(to, code).byte(lane))
const load =
  (code: number, align: number) =>
  (address: Num<'i32'>, offset = 0): V128 =>
    value('v128', [int(address)], (to) => memarg(simd(to, code), align, offset))
const loadLane =
  (code: number, align: number) =>
  (a: V128, lane: number, address: Num<'i32'>, offset = 0): V128 =>
    value('v128', [int(address), a], (to) => memarg(simd(to, code), align, offset).byte(lane))

const bytesOf = (data: ArrayLike<number> & { readonly buffer: ArrayBufferLike }): number[] => [
  ...new Uint8Array(data.buffer),
]
const literal = (bytes: readonly number[]): V128 =>
  value('v128', [], (to) => {
    if (to.literal) to.byte(0x20).u32(to.literal(bytes))
    else simd(to, 12).bytes(bytes)
  })

/** One number in all lanes: the same value for the same number, so that a function recognises it at once. */
const uniform = (make: (x: number) => V128): ((x: number) => V128) => {
  const known = new Map<number, V128>()
  return (x) => {
    if (Object.is(x, -0)) return make(x) // a map takes it for 0
    let value = known.get(x)
    if (!value) {
      value = make(x)
      if (known.size < 4096) known.set(x, value)
    }
    return value
  }
}
const same32 = uniform((x) => literal(bytesOf(new Float32Array([x, x, x, x]))))
const same64 = uniform((x) => literal(bytesOf(new Float64Array([x, x]))))
const sameInt = uniform((x) => literal(bytesOf(new Int32Array([x, x, x, x]))))

/** Repeats a list until it has `n` entries. */
const cycle = (xs: readonly number[], n: number): number[] =>
  Array.from({ length: n }, (_, i) => xs[i % xs.length]!)

export const v128 = {
  load: load(0, 4),
  load8Splat: load(7, 0),
  load32Splat: load(9, 2),
  load64Splat: load(10, 3),
  load32Zero: load(92, 2),
  load64Zero: load(93, 3),
  load8Lane: loadLane(84, 0),
  load32Lane: loadLane(86, 2),
  load64Lane: loadLane(87, 3),
  not: one(77),
  and: two(78),
  /** a and not b. */
  andnot: two(79),
  or: two(80),
  xor: two(81),
  /** Bits of a where the mask is 1, of b where it is 0. */
  bitselect: three(82),
  anyTrue: test(83),
}

export const i8x16 = {
  /** Lanes 0 to 15 are those of a, 16 to 31 those of b. */
  shuffle: (a: V128, b: V128, lanes: readonly number[]): V128 =>
    value('v128', [a, b], (to) => simd(to, 13).bytes(lanes)),
  swizzle: two(14),
  splat: splat<'i32'>(15),
  narrowI16x8S: two(101),
  bitmask: test(100),
}

export const i16x8 = {
  narrowI32x4S: two(133),
  extendLowI8x16S: one(135),
  extendLowI8x16U: one(137),
}

export const i32x4 = {
  /** One constant in all lanes, or one for each. */
  const: (...x: readonly number[]): V128 =>
    x.length === 1 ? sameInt(x[0]!) : literal(bytesOf(new Int32Array(cycle(x, 4)))),
  splat: splat<'i32'>(17),
  extractLane: extract('i32', 27),
  replaceLane: replace<'i32'>(28),
  eq: two(55),
  ne: two(56),
  ltS: two(57),
  ltU: two(58),
  gtS: two(59),
  gtU: two(60),
  leS: two(61),
  leU: two(62),
  geS: two(63),
  geU: two(64),
  abs: one(160),
  neg: one(161),
  allTrue: test(163),
  bitmask: test(164),
  extendLowI16x8S: one(167),
  extendLowI16x8U: one(169),
  shl: shift(171),
  shrS: shift(172),
  shrU: shift(173),
  add: two(174),
  sub: two(177),
  mul: two(181),
  minS: two(182),
  maxS: two(184),
  truncSatF32x4S: one(248),
  truncSatF64x2SZero: one(252),
}

export const i64x2 = {
  const: (...x: readonly bigint[]): V128 =>
    literal([...new Uint8Array(new BigInt64Array([x[0]!, x[x.length - 1]!]).buffer)]),
  splat: splat<'i64'>(18),
  extractLane: extract('i64', 29) as (a: V128, lane: number) => I64,
  neg: one(193),
  bitmask: test(196),
  extendLowI32x4S: one(199),
  extendLowI32x4U: one(201),
  shl: shift(203),
  shrS: shift(204),
  shrU: shift(205),
  add: two(206),
  sub: two(209),
  mul: two(213),
  eq: two(214),
  ne: two(215),
  ltS: two(216),
  gtS: two(217),
}

export const f32x4 = {
  const: (...x: readonly number[]): V128 =>
    x.length === 1 ? same32(x[0]!) : literal(bytesOf(new Float32Array(cycle(x, 4)))),
  splat: splat<'f32'>(19),
  extractLane: extract('f32', 31) as (a: V128, lane: number) => F32,
  replaceLane: replace<'f32'>(32),
  eq: two(65),
  ne: two(66),
  lt: two(67),
  gt: two(68),
  le: two(69),
  ge: two(70),
  demoteF64x2Zero: one(94),
  ceil: one(103),
  floor: one(104),
  trunc: one(105),
  nearest: one(106),
  abs: one(224),
  neg: one(225),
  sqrt: one(227),
  add: two(228),
  sub: two(229),
  mul: two(230),
  div: two(231),
  min: two(232),
  max: two(233),
  pmin: two(234),
  pmax: two(235),
  convertI32x4S: one(250),
  /** a·b + c, rounded once or twice as the machine likes. */
  relaxedMadd: three(0x105),
  /** c - a·b. */
  relaxedNmadd: three(0x106),
}

export const f64x2 = {
  const: (...x: readonly number[]): V128 =>
    x.length === 1 ? same64(x[0]!) : literal(bytesOf(new Float64Array(cycle(x, 2)))),
  splat: splat<'f64'>(20),
  extractLane: extract('f64', 33) as (a: V128, lane: number) => F64,
  replaceLane: replace<'f64'>(34),
  eq: two(71),
  ne: two(72),
  lt: two(73),
  gt: two(74),
  le: two(75),
  ge: two(76),
  promoteLowF32x4: one(95),
  ceil: one(116),
  floor: one(117),
  trunc: one(122),
  nearest: one(148),
  abs: one(236),
  neg: one(237),
  sqrt: one(239),
  add: two(240),
  sub: two(241),
  mul: two(242),
  div: two(243),
  min: two(244),
  max: two(245),
  pmin: two(246),
  pmax: two(247),
  convertLowI32x4S: one(254),
  relaxedMadd: three(0x107),
  relaxedNmadd: three(0x108),
}
