import { fail, showShape } from '../../errors.js'
import { triangularSolve as solveTriangle } from '../../primitives/linalg/triangularSolve.js'
import { convert } from '../../primitives/passing.js'
import type { Tensor } from '../../tensor.js'
import type { Num } from '../coerce.js'
import { inverse, solveMatrices } from './linearSystem.js'
import { inDouble, type Like, squareOperand, systemOperands } from './operands.js'

const square = (op: string, a: Tensor, b: Tensor): void => {
  if (a.shape.at(-1) !== a.shape.at(-2))
    fail(
      'Shape',
      `${op}: needs a square matrix, not ${showShape(a.shape)}. Use linalg.lstsq for other systems.`,
      { op, shapes: [a.shape, b.shape] },
    )
}

/**
 * X = A⁻¹ B by LU factorisation with partial pivoting; A is [..., n, n], B a vector [n] or matrices [..., n, k], and
 * batch axes broadcast. A singular A gives infinities and NaN. The derivative, dX = A⁻¹(dB - dA X), uses the factors
 * again. Computed in double.
 *
 * @example
 * linalg.solve(tensor([[2, 0], [1, 4]]), tensor([2, 9])) // => [1, 2]
 */
export const solve = (a: Num, b: Num): Tensor => {
  const s = systemOperands('solve', a, b)
  square('solve', s.a, s.b)
  const x = solveMatrices(convert(s.a, 'float64'), convert(s.b, 'float64'))
  return s.restore(convert(x, s.b.dtype))
}

/** Which system a triangular solve solves. */
export interface TriangularSolveOptions {
  /** Whether A is lower triangular; only that triangle is read, before any transposition. Default true. */
  readonly lower?: boolean
  /** Solve Aᵀ X = B. Default false. */
  readonly transpose?: boolean
  /** Take the diagonal of A as ones, without reading it. Default false. */
  readonly unitDiagonal?: boolean
}

/**
 * X with A X = B, or Aᵀ X = B, for a triangular A [..., n, n]; B is a vector [n] or matrices [..., n, k], batch axes
 * broadcast. A zero on the diagonal gives infinities and NaN. Entries outside the triangle have gradient 0.
 *
 * @example
 * linalg.triangularSolve(tensor([[2, 0], [1, 4]]), tensor([2, 9])) // => [1, 2]
 */
export const triangularSolve = (a: Num, b: Num, options: TriangularSolveOptions = {}): Tensor => {
  const { lower = true, transpose = false, unitDiagonal = false } = options
  const s = systemOperands('triangularSolve', a, b)
  square('triangularSolve', s.a, s.b)
  return s.restore(solveTriangle(s.a, s.b, { lower, transpose, unitDiagonal }))
}

/**
 * A⁻¹ for [..., n, n]. To solve a system, `solve` is faster and more accurate. A singular A gives infinities and NaN.
 *
 * @example
 * linalg.inv(tensor([[2, 0], [1, 4]])) // => [[0.5, 0], [-0.125, 0.25]]
 */
export const inv = <A extends Num>(a: A): Like<A> => inDouble(squareOperand('inv', a), inverse) as Like<A>
