import { fail } from './errors.js'
import type { DType } from './types/index.js'

/** Storage of a tensor: one typed array a dtype; a bool is a byte of 0 or 1. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array

/** All dtypes, in the order of promotion. */
export const DTYPES: readonly DType[] = ['bool', 'int32', 'float32', 'float64']

/** Bytes of one element. */
export const BYTES: Readonly<Record<DType, number>> = { bool: 1, int32: 4, float32: 4, float64: 8 }

/** Is a derivative defined for values of this dtype? */
export const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64'

/** The wider of two dtypes: bool < int32 < float32 < float64. */
export const promote = (a: DType, b: DType): DType => (DTYPES.indexOf(a) >= DTYPES.indexOf(b) ? a : b)

/** The float dtype that holds `dtype`: integers and bools become float32. */
export const toFloat = (dtype: DType): 'float32' | 'float64' => (dtype === 'float64' ? 'float64' : 'float32')

/** A new zeroed buffer. */
export const allocate = (dtype: DType, size: number): TypedArray => {
  switch (dtype) {
    case 'float32':
      return new Float32Array(size)
    case 'float64':
      return new Float64Array(size)
    case 'int32':
      return new Int32Array(size)
    case 'bool':
      return new Uint8Array(size)
  }
}

/** Checks a dtype that came from outside the type system. */
export const checkDType = (op: string, dtype: DType): DType =>
  DTYPES.includes(dtype)
    ? dtype
    : fail('DType', `${op}: unknown dtype ${String(dtype)}. Use one of ${DTYPES.join(', ')}.`, { op })
