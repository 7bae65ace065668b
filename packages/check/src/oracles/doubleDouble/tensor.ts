import type { Tensor } from '@cotangent/core'
import { dataOf, isFloat } from '@cotangent/core/internal'
import { at, emptyFloats, fromTensor, map, put, type WordTensor } from '../words/tensor.js'
import { add, type DoubleDouble, mulNumber, twoProduct } from './arithmetic.js'

/** A tensor of double-double numbers: high and low words. */
export type DoubleDoubleTensor = WordTensor

export { at, emptyFloats, fromTensor, map, ofIntegers, put, toTensor } from '../words/tensor.js'

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
