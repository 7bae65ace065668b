import type { Library } from '../../library.js'
import { type FunctionBuilder, f32x4, f64x2, i32x4, i64x2, type V128, v128 } from '../../wasm/index.js'

/**
 * The arithmetic of one element type, so that an algorithm is written once for four float32 and for two float64 lanes.
 * A comparison gives a mask, all bits of a lane 1 or all 0. Values are expressions: `let` what is used twice.
 */
export interface Lanes {
  readonly bits: 32 | 64
  readonly f: FunctionBuilder
  readonly lib: Library
  let(x: V128): V128
  const(x: number): V128
  /** An integer constant in all lanes. */
  int(x: number | bigint): V128
  add(a: V128, b: V128): V128
  sub(a: V128, b: V128): V128
  mul(a: V128, b: V128): V128
  div(a: V128, b: V128): V128
  /** a·b + c, rounded once or twice. */
  madd(a: V128, b: V128, c: V128): V128
  sqrt(a: V128): V128
  abs(a: V128): V128
  neg(a: V128): V128
  nearest(a: V128): V128
  trunc(a: V128): V128
  /** a where b is not less, so a where either is NaN. */
  min(a: V128, b: V128): V128
  max(a: V128, b: V128): V128
  eq(a: V128, b: V128): V128
  ne(a: V128, b: V128): V128
  lt(a: V128, b: V128): V128
  le(a: V128, b: V128): V128
  gt(a: V128, b: V128): V128
  ge(a: V128, b: V128): V128
  addInt(a: V128, b: V128): V128
  subInt(a: V128, b: V128): V128
  shl(a: V128, by: number): V128
  shrU(a: V128, by: number): V128
  /** a where the mask is set, otherwise b. */
  select(mask: V128, a: V128, b: V128): V128
  /** Bits that are 1 in the sign and 0 elsewhere. */
  readonly signBit: V128
  /** c[0] + c[1] x + c[2] x² + ... by Horner's rule. */
  polynomial(coefficients: readonly number[], x: V128): V128
}

type Vector = typeof f32x4 | typeof f64x2
type Integer = typeof i32x4 | typeof i64x2

const lanesOf = (
  bits: 32 | 64,
  op: Vector,
  integer: Integer,
  int: (x: number | bigint) => V128,
  f: FunctionBuilder,
  lib: Library,
): Lanes => {
  const madd =
    bits === 32
      ? (a: V128, b: V128, c: V128) => lib.madd32(a, b, c)
      : (a: V128, b: V128, c: V128) => lib.madd64(a, b, c)
  return {
    bits,
    f,
    lib,
    let: (x) => f.let(x),
    const: (x) => f.hoist(op.const(x)),
    int: (x) => f.hoist(int(x)),
    add: op.add,
    sub: op.sub,
    mul: op.mul,
    div: op.div,
    madd,
    sqrt: op.sqrt,
    abs: op.abs,
    neg: op.neg,
    nearest: op.nearest,
    trunc: op.trunc,
    min: op.pmin,
    max: op.pmax,
    eq: op.eq,
    ne: op.ne,
    lt: op.lt,
    le: op.le,
    gt: op.gt,
    ge: op.ge,
    addInt: integer.add,
    subInt: integer.sub,
    shl: integer.shl,
    shrU: integer.shrU,
    select: (mask, a, b) => v128.bitselect(a, b, mask),
    signBit: f.hoist(op.const(-0)),
    polynomial: (coefficients, x) =>
      coefficients
        .slice(0, -1)
        .reduceRight<V128>(
          (sum, c) => madd(sum, x, f.hoist(op.const(c))),
          f.hoist(op.const(coefficients[coefficients.length - 1]!)),
        ),
  }
}

/** Four lanes of float32. */
export const singles = (f: FunctionBuilder, lib: Library): Lanes =>
  lanesOf(32, f32x4, i32x4, (x) => i32x4.const(Number(x)), f, lib)

/** Two lanes of float64. */
export const doubles = (f: FunctionBuilder, lib: Library): Lanes =>
  lanesOf(64, f64x2, i64x2, (x) => i64x2.const(BigInt(x)), f, lib)

export const lanesFor = (bits: 32 | 64, f: FunctionBuilder, lib: Library): Lanes =>
  bits === 32 ? singles(f, lib) : doubles(f, lib)

/** A value with the size of the first and the sign of the second. */
export const copySign = (l: Lanes, size: V128, sign: V128): V128 => v128.or(size, v128.and(sign, l.signBit))
