import { fail } from '../../errors.js'
import { diagonal, identity, matmul } from '../../primitives/linalg/matrices.js'
import { sliceAxis, sum } from '../../primitives/structural.js'
import type { Tensor } from '../../tensor.js'
import type { Num } from '../coerce.js'
import { inverse } from './linearSystem.js'
import { inDouble, type Like, matrixOperand, type PerMatrix, squareOperand } from './operands.js'

const power = (a: Tensor, n: number): Tensor => {
  if (n === 0) return identity(a.shape, a.dtype)
  if (n < 0) return power(inverse(a), -n)
  if (n === 1) return a
  const half = power(a, n >> 1)
  const even = matmul(half, half)
  return n % 2 === 0 ? even : matmul(even, a)
}

/**
 * Aⁿ for [..., k, k] and a constant integer n, by repeated squaring; negative powers are those of the inverse.
 *
 * @example
 * linalg.matrixPower(tensor([[1, 1], [0, 1]]), 5) // => [[1, 5], [0, 1]]
 */
export const matrixPower = <A extends Num>(a: A, n: number): Like<A> => {
  const x = squareOperand('matrixPower', a)
  if (!Number.isInteger(n) || Math.abs(n) >= 2 ** 31)
    fail(
      'Value',
      `matrixPower: the exponent must be an integer, not ${n}. Use linalg.expm or linalg.eigh for others.`,
      {
        op: 'matrixPower',
        shapes: [x.shape],
      },
    )
  return inDouble(x, (y) => power(y, n)) as Like<A>
}

/**
 * The sum of the diagonal of each matrix of [..., m, n].
 *
 * @example
 * linalg.trace(tensor([[1, 2], [3, 4]])) // => 5
 */
export const trace = <A extends Num>(a: A): PerMatrix<A> => {
  const x = matrixOperand('trace', a)
  const k = Math.min(x.shape.at(-2)!, x.shape.at(-1)!)
  const square = sliceAxis(sliceAxis(x, x.rank - 2, 0, k), x.rank - 1, 0, k)
  return sum(diagonal(square), [x.rank - 2]) as PerMatrix<A>
}
