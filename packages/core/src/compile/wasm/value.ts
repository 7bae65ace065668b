import type { Bytes } from './bytes.js'

/** Types of values in WebAssembly. */
export type ValType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128'

/** The byte that stands for a type. */
export const TYPE_CODE: Readonly<Record<ValType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
}

/**
 * An expression: code that leaves one value. It is written where it is used, each time it is used; to compute it once
 * bind it to a local with `FunctionBuilder.let`.
 */
export interface Value<T extends ValType = ValType> {
  readonly type: T
  readonly write: (to: Bytes) => void
}

/** A variable of a function. */
export interface Local<T extends ValType = ValType> extends Value<T> {
  readonly index: number
}

export type I32 = Value<'i32'>
export type I64 = Value<'i64'>
export type F32 = Value<'f32'>
export type F64 = Value<'f64'>
export type V128 = Value<'v128'>

/** An expression made of operands and an instruction behind them. */
export const value = <T extends ValType>(
  type: T,
  operands: readonly Value[],
  instruction: (to: Bytes) => void,
): Value<T> => ({
  type,
  write: (to) => {
    for (const x of operands) x.write(to)
    instruction(to)
  },
})

/** A number where a value is expected is a constant. */
export type Num<T extends ValType> = Value<T> | number
