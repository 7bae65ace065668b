import type { TypedArray } from '../dtype.js'
import type { DType } from '../types/index.js'
import type { Buffer } from './buffer.js'
import type { Views } from './heap.js'

// Up to this many elements a loop is faster than a call.
const FEW = 16

const put = (to: TypedArray, at: number, from: TypedArray): void => {
  if (from.length > FEW) to.set(from, at)
  else for (let i = 0; i < from.length; i++) to[at + i] = from[i]!
}

const take = <T extends TypedArray>(
  make: new (from: number | TypedArray) => T,
  from: TypedArray,
  at: number,
  n: number,
): T => {
  // Made from what it shall hold: memory that is not filled with zeros first.
  if (n > FEW) return new make(from.subarray(at, at + n))
  const to = new make(n)
  for (let i = 0; i < n; i++) to[i] = from[at + i]!
  return to
}

/** Writes elements to the memory of programs. */
export const copyIn = (views: Views, address: number, data: TypedArray): void => {
  if (data instanceof Float32Array) put(views.float32, address >>> 2, data)
  else if (data instanceof Float64Array) put(views.float64, address >>> 3, data)
  else if (data instanceof Int32Array) put(views.int32, address >>> 2, data)
  else put(views.bool, address, data)
}

/** Writes one number. */
export const copyNumber = (views: Views, address: number, dtype: DType, x: number): void => {
  if (dtype === 'float32') views.float32[address >>> 2] = x
  else if (dtype === 'float64') views.float64[address >>> 3] = x
  else if (dtype === 'int32') views.int32[address >>> 2] = x
  else views.bool[address] = x
}

/** Reads elements from the memory of programs. */
export const copyOut = (
  views: Views,
  address: number,
  { dtype, size }: Pick<Buffer, 'dtype' | 'size'>,
): TypedArray => {
  switch (dtype) {
    case 'float32':
      return take(Float32Array, views.float32, address >>> 2, size)
    case 'float64':
      return take(Float64Array, views.float64, address >>> 3, size)
    case 'int32':
      return take(Int32Array, views.int32, address >>> 2, size)
    case 'bool':
      return take(Uint8Array, views.bool, address, size)
  }
}
