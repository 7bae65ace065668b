import type { Params } from '../../graph/ir.js'
import type { DType } from '../../types/index.js'
import { fma32, fma64 } from '../kernels/fma/fma.js'
import { LANE_FUNCTIONS, type LaneFunction, PARAMETRIC_LANE_FUNCTIONS } from '../kernels/math/index.js'
import type { Library } from '../library.js'
import { type FunctionBuilder, f32x4, f64x2, i8x16, i32x4, i64x2, type V128, v128 } from '../wasm/index.js'

// What an element-wise primitive is in registers. A vector holds `lanes` values: float32 and int32 in the first 32-bit
// lanes, float64 in two, and a bool as a mask as wide as a lane (32 bits of four, 64 bits of two).

/** What the rows of the table know of the loop around them. */
export interface Lanes {
  readonly f: FunctionBuilder
  readonly lib: Library
  readonly lanes: 2 | 4
  /** The dtype of the operands. */
  readonly dtype: DType
  readonly params: Params
}

type Row = (c: Lanes, ...x: readonly V128[]) => V128

const FLOATS = { float32: f32x4, float64: f64x2 } as const
const isReal = (dtype: DType): dtype is 'float32' | 'float64' => dtype === 'float32' || dtype === 'float64'

/** Chooses by the dtype of the operands; what is not there is not defined for it. */
const by =
  (rows: Partial<Record<'float' | 'int32' | 'bool', Row>>): Row =>
  (c, ...x) => {
    const row = isReal(c.dtype) ? rows.float : rows[c.dtype]
    if (!row) throw new Error(`no lanes for ${c.dtype}`)
    return row(c, ...x)
  }

type FloatOp = { [K in keyof typeof f32x4 & keyof typeof f64x2]: K }[keyof typeof f32x4 & keyof typeof f64x2]
const float =
  (name: FloatOp): Row =>
  (c, ...x) =>
    (FLOATS[c.dtype as 'float32' | 'float64'][name] as (...x: readonly V128[]) => V128)(...x)

/** A number in every lane. */
export const splatConstant = (dtype: DType, lanes: 2 | 4, x: number): V128 => {
  switch (dtype) {
    case 'float32':
      return f32x4.const(x)
    case 'float64':
      return f64x2.const(x)
    case 'int32':
      return i32x4.const(x)
    case 'bool':
      return lanes === 4 ? i32x4.const(x ? -1 : 0) : i64x2.const(x ? -1n : 0n)
  }
}
const real = (c: Lanes, x: number): V128 => splatConstant(c.dtype, c.lanes, x)

/** 32-bit masks in the low lanes as 64-bit masks. */
const widen = (mask: V128): V128 => i64x2.extendLowI32x4S(mask)
/** 64-bit masks as 32-bit masks in the low lanes. */
const narrow = (c: Lanes, mask: V128): V128 => {
  const m = c.f.let(mask)
  return i8x16.shuffle(m, m, [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11])
}
/** A mask made by comparing operands, as wide as the loop's masks are. */
const fit = (c: Lanes, mask: V128): V128 =>
  c.lanes === 2 && c.dtype !== 'float64' && c.dtype !== 'bool' ? widen(mask) : mask
/** A mask as wide as the elements of a dtype. */
const maskFor = (c: Lanes, dtype: DType, mask: V128): V128 =>
  c.lanes === 2 && dtype !== 'float64' && dtype !== 'bool' ? narrow(c, mask) : mask

const compare = (name: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge', int: Row, bool: Row): Row => {
  const row = by({ float: float(name), int32: int, bool })
  return (c, ...x) => fit(c, row(c, ...x))
}

const bit =
  (f: (a: V128, b: V128) => V128): Row =>
  (_, a, b) =>
    f(a!, b!)

/** Is the element of this dtype not 0? */
const nonzero: Row = (c, x) =>
  fit(
    c,
    by({
      float: (d, a) => float('ne')(d, a!, real(d, 0)),
      int32: (_, a) => i32x4.ne(a!, i32x4.const(0)),
      bool: (_, a) => a!,
    })(c, x!),
  )

const flatForIntegers = (name: FloatOp): Row =>
  by({ float: float(name), int32: (_, x) => x!, bool: (_, x) => x! })

const truth = (c: Lanes, x: boolean): V128 => splatConstant('bool', c.lanes, x ? 1 : 0)

const convert: Row = (c, x) => {
  const { dtype: from, lanes } = c
  const to = c.params.dtype as DType
  if (from === to) return x!
  if (to === 'bool') return nonzero(c, x!)
  if (from === 'bool') {
    const mask = maskFor(c, to, x!)
    return v128.and(mask, splatConstant(to, lanes, 1))
  }
  switch (`${from} ${to}`) {
    case 'float32 float64':
      return f64x2.promoteLowF32x4(x!)
    case 'float64 float32':
      return f32x4.demoteF64x2Zero(x!)
    case 'float32 int32':
      return i32x4.truncSatF32x4S(x!)
    case 'float64 int32':
      return i32x4.truncSatF64x2SZero(x!)
    case 'int32 float32':
      return f32x4.convertI32x4S(x!)
    default:
      return f64x2.convertLowI32x4S(x!)
  }
}

const sign: Row = by({
  // x where it is 0 or NaN, otherwise 1 with its sign
  float: (c, a) => {
    const x = c.f.let(a!)
    const size = c.f.let(float('abs')(c, x))
    const one = v128.or(real(c, 1), v128.and(x, real(c, -0)))
    return v128.bitselect(one, x, float('gt')(c, size, real(c, 0)))
  },
  int32: (c, a) => {
    const x = c.f.let(a!)
    return i32x4.sub(i32x4.gtS(i32x4.const(0), x), i32x4.gtS(x, i32x4.const(0)))
  },
})

/** Element-wise primitives that are a few instructions; the costly functions are in `kernels/math`. */
const LANES: Readonly<Record<string, Row>> = {
  add: by({ float: float('add'), int32: bit(i32x4.add) }),
  sub: by({ float: float('sub'), int32: bit(i32x4.sub) }),
  mul: by({ float: float('mul'), int32: bit(i32x4.mul) }),
  div: float('div'),
  neg: by({ float: float('neg'), int32: (_, x) => i32x4.neg(x!) }),
  abs: by({ float: float('abs'), int32: (_, x) => i32x4.abs(x!), bool: (_, x) => x! }),
  // 0 where the first factor is 0, whatever the other is
  strongMul: (c, a, b) => {
    const x = c.f.let(a!)
    return v128.andnot(float('mul')(c, x, b!), float('eq')(c, x, real(c, 0)))
  },
  max: by({ float: float('max'), int32: bit(i32x4.maxS), bool: bit(v128.or) }),
  min: by({ float: float('min'), int32: bit(i32x4.minS), bool: bit(v128.and) }),
  clamp: by({
    float: (c, x, lo, hi) => float('min')(c, float('max')(c, x!, lo!), hi!),
    int32: (_, x, lo, hi) => i32x4.minS(i32x4.maxS(x!, lo!), hi!),
  }),
  relu: (c, x) => float('max')(c, x!, real(c, 0)),
  sqrt: float('sqrt'),
  rsqrt: (c, x) => float('div')(c, real(c, 1), float('sqrt')(c, x!)),
  floor: flatForIntegers('floor'),
  ceil: flatForIntegers('ceil'),
  trunc: flatForIntegers('trunc'),
  round: flatForIntegers('nearest'),
  sign,
  isNaN: (c, a) => {
    if (!isReal(c.dtype)) return truth(c, false)
    const x = c.f.let(a!)
    return fit(c, float('ne')(c, x, x))
  },
  isFinite: (c, x) =>
    isReal(c.dtype)
      ? fit(c, float('lt')(c, float('abs')(c, x!), real(c, Number.POSITIVE_INFINITY)))
      : truth(c, true),
  equal: compare('eq', bit(i32x4.eq), (_, a, b) => v128.not(v128.xor(a!, b!))),
  notEqual: compare('ne', bit(i32x4.ne), bit(v128.xor)),
  less: compare('lt', bit(i32x4.ltS), (_, a, b) => v128.andnot(b!, a!)),
  lessEqual: compare('le', bit(i32x4.leS), (_, a, b) => v128.or(v128.not(a!), b!)),
  greater: compare('gt', bit(i32x4.gtS), (_, a, b) => v128.andnot(a!, b!)),
  greaterEqual: compare('ge', bit(i32x4.geS), (_, a, b) => v128.or(a!, v128.not(b!))),
  logicalAnd: (c, a, b) => v128.and(nonzero(c, a!), nonzero(c, b!)),
  logicalOr: (c, a, b) => v128.or(nonzero(c, a!), nonzero(c, b!)),
  logicalNot: (c, x) => v128.not(nonzero(c, x!)),
  // Its operands have two dtypes: `dtype` is that of what is chosen.
  select: (c, mask, a, b) => v128.bitselect(a!, b!, maskFor(c, c.dtype, mask!)),
  convert,
  fma: (c, x, y, z) => (c.dtype === 'float64' ? fma64 : fma32)(c.f, c.lib, x!, y!, z!),
}

const REAL_ONLY = new Set(['div', 'fma', 'strongMul', 'relu', 'sqrt', 'rsqrt'])
const NUMBERS = new Set(['add', 'sub', 'mul', 'neg', 'clamp', 'sign'])

/** Functions of many instructions. */
const functionOf = (name: string, params: Params): LaneFunction | undefined =>
  LANE_FUNCTIONS[name] ?? PARAMETRIC_LANE_FUNCTIONS[name]?.(params as { readonly n: number })

/** Is the primitive code of the compiler's own for operands of this dtype? */
export const hasLanes = (name: string, dtype: DType, params: Params): boolean => {
  if (name in LANES)
    return !(REAL_ONLY.has(name) && !isReal(dtype)) && !(NUMBERS.has(name) && dtype === 'bool')
  const f = functionOf(name, params)
  return f !== undefined && (isReal(dtype) || (dtype === 'int32' && f.i32x4 !== undefined))
}

/** Is it a few instructions, or a function of many? */
export const isCheap = (name: string): boolean => name in LANES

/** The code of a primitive. */
export const writeLanes = (name: string, c: Lanes, x: readonly V128[]): V128 => {
  const row = LANES[name]
  if (row) return row(c, ...x)
  const f = functionOf(name, c.params)!
  if (c.dtype === 'float64') return f.f64x2(c.f, c.lib, ...x)
  return c.dtype === 'int32' ? f.i32x4!(c.f, c.lib, ...x) : f.f32x4(c.f, c.lib, ...x)
}
