import type { DType, TypedArray } from '@cotangent/core'
import { refuse } from './error.js'

/** How numbers lie in a file, and what they become. */
export interface Format {
  /** The name in the file. */
  readonly label: string
  readonly dtype: DType
  /** Bytes of one entry. */
  readonly width: number
  /** The entries, from bytes that nobody else uses; `name` is for errors. */
  readonly read: (bytes: Uint8Array<ArrayBuffer>, name: string) => TypedArray
}

/** One half-precision number as the bits of a float32: exact, since float32 has room for all of them. */
const widen = (h: number): number => {
  const sign = (h & 0x8000) << 16
  const exponent = (h >> 10) & 31
  const fraction = h & 1023
  if (exponent === 31) return sign | 0x7f800000 | (fraction === 0 ? 0 : 0x400000 | (fraction << 13))
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13)
  if (fraction === 0) return sign
  // Subnormal: the leading bit moves to where float32 does not write it.
  const shift = Math.clz32(fraction) - 21
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 1023) << 13)
}

const fromBits = (bytes: Uint8Array<ArrayBuffer>, bitsOf: (half: number) => number): Float32Array =>
  new Float32Array(Uint32Array.from(new Uint16Array(bytes.buffer), bitsOf).buffer)

const readLongs = (bytes: Uint8Array<ArrayBuffer>, name: string): Int32Array =>
  Int32Array.from(new BigInt64Array(bytes.buffer), (x, i) => {
    const n = Number(x)
    return n === (n | 0)
      ? n
      : refuse({
          kind: 'OutOfRange',
          name,
          value: x,
          message:
            `tensor ${JSON.stringify(name)}: I64 is read as int32, and entry ${i}, ${x}, is beyond its range of ` +
            '-2147483648 to 2147483647. Save it as F64 or in smaller pieces.',
        })
  })

const readBools = (bytes: Uint8Array<ArrayBuffer>, name: string): Uint8Array =>
  bytes.some((byte) => byte > 1)
    ? refuse({
        kind: 'InvalidBool',
        name,
        message: `tensor ${JSON.stringify(name)}: a BOOL is a byte of 0 or 1.`,
      })
    : bytes

/**
 * What is written, in the order in which safetensors lays it out: widest alignment first. Typed arrays are little-endian
 * on every machine that JavaScript engines run on today.
 */
export const WRITTEN: readonly Format[] = [
  { label: 'F64', dtype: 'float64', width: 8, read: ({ buffer }) => new Float64Array(buffer) },
  { label: 'F32', dtype: 'float32', width: 4, read: ({ buffer }) => new Float32Array(buffer) },
  { label: 'I32', dtype: 'int32', width: 4, read: ({ buffer }) => new Int32Array(buffer) },
  { label: 'BOOL', dtype: 'bool', width: 1, read: readBools },
]

/** What is read: these and, from other programs, numbers that one of our dtypes can hold exactly. */
export const FORMATS: readonly Format[] = [
  ...WRITTEN,
  // A NaN comes out quiet, its payload kept, as from a processor.
  { label: 'F16', dtype: 'float32', width: 2, read: (bytes) => fromBits(bytes, widen) },
  { label: 'BF16', dtype: 'float32', width: 2, read: (bytes) => fromBits(bytes, (h) => h << 16) },
  { label: 'I64', dtype: 'int32', width: 8, read: readLongs },
]
