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
import { add, type DoubleDouble, mulNumber, twoProduct } from './arithmetic.js'

/**
 * A tensor of double-double numbers: the words of all elements, row-major. float32 and float64 are both held to 106 bits,
 * so the dtype is only a label; integers and booleans are exact in `hi`, and their `lo` is empty.
 */
export interface DoubleDoubleTensor extends Aval {
  readonly hi: TypedArray
  readonly lo: Float64Array
}

const NO_WORDS = new Float64Array(0)

/** The values of a tensor, exactly. */
export const fromTensor = (x: Tensor): DoubleDoubleTensor =>
  isFloat(x.dtype)
    ? {
        shape: x.shape,
        dtype: x.dtype,
        hi: Float64Array.from(dataOf(x)),
        lo: new Float64Array(x.size),
      }
    : { shape: x.shape, dtype: x.dtype, hi: dataOf(x), lo: NO_WORDS }

/** Rounded to the dtype that the tensor is labelled with. */
export const toTensor = (x: DoubleDoubleTensor): Tensor => {
  const data = allocate(x.dtype, x.hi.length)
  data.set(x.hi)
  return fromData(data, x.shape, x.dtype)
}

/** An empty float tensor, to be written. */
export const emptyFloats = (
  aval: Aval,
): DoubleDoubleTensor & { readonly hi: Float64Array; readonly lo: Float64Array } => {
  const n = sizeOf(aval.shape)
  return { shape: aval.shape, dtype: aval.dtype, hi: new Float64Array(n), lo: new Float64Array(n) }
}

/** Integers or booleans. */
export const ofIntegers = (aval: Aval, hi: TypedArray): DoubleDoubleTensor => ({
  shape: aval.shape,
  dtype: aval.dtype,
  hi,
  lo: NO_WORDS,
})

/** Element i. */
export const at = (x: DoubleDoubleTensor, i: number): DoubleDouble => [x.hi[i]!, x.lo[i] ?? 0]

/** Writes element i. */
export const put = (x: DoubleDoubleTensor, i: number, value: DoubleDouble): void => {
  x.hi[i] = value[0]
  if (i < x.lo.length) x.lo[i] = value[1]
}

/** Element by element. */
export const map = (
  aval: Aval,
  xs: readonly DoubleDoubleTensor[],
  f: (...x: DoubleDouble[]) => DoubleDouble,
): DoubleDoubleTensor => {
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

/** x + h·d, where x is exact and h·d is a direction scaled by a step; integers stay as they are. */
export const displaced = (x: Tensor, h: number, direction: Tensor | undefined): DoubleDoubleTensor => {
  const from = fromTensor(x)
  if (!direction || !isFloat(x.dtype)) return from
  const d = dataOf(direction)
  const y = emptyFloats(from)
  for (let i = 0; i < y.hi.length; i++) put(y, i, add(at(from, i), twoProduct(h, d[i]!)))
  return y
}

/** (a - b)·c, element by element; what a difference quotient is made of. */
export const scaledDifference = (
  a: DoubleDoubleTensor,
  b: DoubleDoubleTensor,
  c: number,
): DoubleDoubleTensor => map(a, [a, b], (x, y) => mulNumber(add(x, [-y[0], -y[1]]), c))

/** Σ aᵢbᵢ. */
export const innerProduct = (a: DoubleDoubleTensor, b: DoubleDoubleTensor): DoubleDouble => {
  let sum: DoubleDouble = [0, 0]
  for (let i = 0; i < a.hi.length; i++) {
    const [x, y] = [at(a, i), at(b, i)]
    const p = twoProduct(x[0], y[0])
    sum = add(sum, add(p, [x[0] * y[1] + x[1] * y[0], 0]))
  }
  return sum
}
