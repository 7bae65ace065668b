import { toFloat } from '../../dtype.js'
import { fail, showShape } from '../../errors.js'
import { needMatrix, needSquare } from '../../primitives/linalg/matrices.js'
import { convert } from '../../primitives/passing.js'
import { reshape } from '../../primitives/structural.js'
import { broadcastShapes } from '../../shape.js'
import type { Tensor } from '../../tensor.js'
import type { DTypeOf, Shape, ShapeOf, ToFloat } from '../../types/index.js'
import { asTensor, broadcastTensor, commonDType, floatOperand } from '../coerce.js'

/** A float tensor of the operand's shape. */
export type Like<A> = Tensor<ShapeOf<A>, ToFloat<DTypeOf<A>>>
type LeadOf<S extends Shape> = S extends readonly [...infer Lead extends Shape, number, number] ? Lead : Shape
/** One number for each matrix. */
export type PerMatrix<A> = Tensor<LeadOf<ShapeOf<A>>, ToFloat<DTypeOf<A>>>
/** One vector, of the length of the last axis, for each matrix. */
export type PerColumn<A> =
  ShapeOf<A> extends readonly [...infer Lead extends Shape, number, infer N extends number]
    ? Tensor<[...Lead, N], ToFloat<DTypeOf<A>>>
    : Tensor<Shape, ToFloat<DTypeOf<A>>>

export const matrixOperand = (op: string, a: unknown): Tensor => {
  const x = floatOperand(op, a)
  needMatrix(op, x)
  return x
}
export const squareOperand = (op: string, a: unknown): Tensor => {
  const x = floatOperand(op, a)
  needSquare(op, x)
  return x
}

/** Computes in double and rounds once, at the end. */
export const inDouble = (x: Tensor, f: (x: Tensor) => Tensor): Tensor =>
  convert(f(convert(x, 'float64')), x.dtype)

/** A system A X = B: both as matrices of one dtype with equal batch axes, and what brings X back to B's form. */
export const systemOperands = (
  op: string,
  a: unknown,
  b: unknown,
): { readonly a: Tensor; readonly b: Tensor; readonly restore: (x: Tensor) => Tensor } => {
  const [A, B] = [asTensor(op, a), asTensor(op, b)]
  const dtype = toFloat(commonDType([A, B]))
  needMatrix(op, { shape: A.shape, dtype })
  const vector = B.rank === 1
  const rows = vector ? B.shape[0] : B.shape.at(-2)
  if (rows !== A.shape.at(-2))
    fail(
      'Shape',
      `${op}: ${showShape(A.shape)} and ${showShape(B.shape)} do not fit: the right-hand side needs ${A.shape.at(-2)} rows. ` +
        'It is a vector [n], or matrices [..., n, k]; use expandDims(b, -1) for a batch of vectors.',
      { op, shapes: [A.shape, B.shape] },
    )
  const columns = vector ? reshape(B, [B.shape[0]!, 1]) : B
  const lead = broadcastShapes(op, [A.shape.slice(0, -2), columns.shape.slice(0, -2)])
  const whole = (x: Tensor): Tensor => convert(broadcastTensor(x, [...lead, ...x.shape.slice(-2)]), dtype)
  return {
    a: whole(A),
    b: whole(columns),
    restore: (x) => (vector ? reshape(x, x.shape.slice(0, -1)) : x),
  }
}
