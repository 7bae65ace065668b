import { sub } from '../../primitives/arithmetic.js'
import { scatter } from '../../primitives/indexing.js'
import { lu as factorize, permuteRows } from '../../primitives/linalg/lu.js'
import { identity, matmul, transposed } from '../../primitives/linalg/matrices.js'
import { triangularSolve } from '../../primitives/linalg/triangularSolve.js'
import { stopGradient } from '../../primitives/passing.js'
import type { Tensor } from '../../tensor.js'
import { applyOp, type OpSpec } from '../../transforms/op.js'

// Inputs: A, the factors of A and their permutation, B. The factors only help to compute, A alone carries the
// derivative; so every order, forward and backward, uses the one factorisation.
const system = (transpose: boolean): OpSpec => {
  const solve = (a: Tensor, lu: Tensor, permutation: Tensor, b: Tensor): Tensor =>
    applyOp(system(transpose), [a, lu, permutation, b])[0]!
  return {
    name: 'solve',
    key: transpose ? 'transposed' : '',
    expand: (_, lu, permutation, b) => {
      const lower = { lower: true, transpose, unitDiagonal: true }
      const upper = { lower: false, transpose, unitDiagonal: false }
      if (!transpose)
        return [triangularSolve(lu!, triangularSolve(lu!, permuteRows(b!, permutation!), lower), upper)]
      const y = triangularSolve(lu!, triangularSolve(lu!, b!, upper), lower)
      const rows = y.rank - 2
      return [scatter(y, permutation!, { axis: rows, batchDims: rows, n: y.shape[rows]! })]
    },
    jvp: ([a, lu, permutation], [da, , , db], [x]) => [
      solve(a!, lu!, permutation!, sub(db!, matmul(transpose ? transposed(da!) : da!, x!))),
    ],
    linear: {
      from: 3,
      adjoint: ([a, lu, permutation], [ct]) => [
        applyOp(system(!transpose), [a!, lu!, permutation!, ct!])[0]!,
      ],
    },
  }
}

/** A⁻¹ B for square A [..., n, n] and B [..., n, k] with equal batch axes. */
export const solveMatrices = (a: Tensor, b: Tensor): Tensor => {
  const [lu, , permutation] = factorize(stopGradient(a))
  return applyOp(system(false), [a, lu!, permutation!, b])[0]!
}

/** A⁻¹. */
export const inverse = (a: Tensor): Tensor => solveMatrices(a, identity(a.shape, a.dtype))
