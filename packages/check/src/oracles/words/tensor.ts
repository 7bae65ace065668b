import type { Tensor } from '@cotangent/core'
import {
  type Aval,
  allocate,
  dataOf,
  fromData,
  isFloat,
  sizeOf,
  type TypedArray,
} from '@cotangent/core/internal'

/** Two words that are one number: high and low part, or real and imaginary part. */
export type Pair = readonly [first: number, second: number]

/**
 * A tensor whose elements are pairs, row-major. float32 and float64 are both held in float64 words, so the dtype is only a
 * label; integers and booleans are exact in `hi`, and their `lo` is empty, as it is where all second words are known to be 0.
 */
export interface WordTensor extends Aval {
  readonly hi: TypedArray
  readonly lo: Float64Array
}

export const NO_WORDS = new Float64Array(0)

/** The values of a tensor, exactly. */
export const fromTensor = (x: Tensor): WordTensor =>
  isFloat(x.dtype)
    ? {
        shape: x.shape,
        dtype: x.dtype,
        hi: Float64Array.from(dataOf(x)),
        lo: new Float64Array(x.size),
      }
    : { shape: x.shape, dtype: x.dtype, hi: dataOf(x), lo: NO_WORDS }

/** Rounded to the dtype that the tensor is labelled with. */
export const toTensor = (x: WordTensor): Tensor => {
  const data = allocate(x.dtype, x.hi.length)
  data.set(x.hi)
  return fromData(data, x.shape, x.dtype)
}

/** An empty float tensor, to be written. */
export const emptyFloats = (
  aval: Aval,
): WordTensor & { readonly hi: Float64Array; readonly lo: Float64Array } => {
  const n = sizeOf(aval.shape)
  return { shape: aval.shape, dtype: aval.dtype, hi: new Float64Array(n), lo: new Float64Array(n) }
}

/** Integers or booleans. */
export const ofIntegers = (aval: Aval, hi: TypedArray): WordTensor => ({
  shape: aval.shape,
  dtype: aval.dtype,
  hi,
  lo: NO_WORDS,
})

/** Element i. */
export const at = (x: WordTensor, i: number): Pair => [x.hi[i]!, x.lo[i] ?? 0]

/** Writes element i. */
export const put = (x: WordTensor, i: number, value: Pair): void => {
  x.hi[i] = value[0]
  if (i < x.lo.length) x.lo[i] = value[1]
}

/** Element by element. */
export const map = (aval: Aval, xs: readonly WordTensor[], f: (...x: Pair[]) => Pair): WordTensor => {
  const y = emptyFloats(aval)
  const [a, b] = xs
  for (let i = 0; i < y.hi.length; i++)
    put(
      y,
      i,
      xs.length === 1
        ? f(at(a!, i))
        : xs.length === 2
          ? f(at(a!, i), at(b!, i))
          : f(...xs.map((x) => at(x, i))),
    )
  return y
}
