import { abs, mul, sign } from '../../primitives/arithmetic.js'
import { log } from '../../primitives/elementary.js'
import { diagonal } from '../../primitives/linalg/matrices.js'
import { convert } from '../../primitives/passing.js'
import { sum } from '../../primitives/structural.js'
import { applyOp, type OpSpec } from '../../transforms/op.js'
import type { Num } from '../coerce.js'
import { determinant } from './cofactors.js'
import { solveMatrices } from './linearSystem.js'
import { inDouble, type PerMatrix, squareOperand } from './operands.js'
import { pivotsOf, product } from './pivots.js'

const slogdetSpec: OpSpec = {
  name: 'slogdet',
  expand: (a) => {
    const { pivots, signs } = pivotsOf(a!)
    return [product(mul(sign(pivots), signs)), sum(log(abs(pivots)), [pivots.rank - 1])]
  },
  // d log|det A| = tr(A⁻¹ dA)
  jvp: ([a], [da]) => [null, sum(diagonal(solveMatrices(a!, da!)), [a!.rank - 2])],
  batch: ([a]) => applyOp(slogdetSpec, [a!]),
}

/**
 * The determinant of [..., n, n], from an LU factorisation, in double. Its gradient is the matrix of cofactors, right
 * for singular matrices too, and so are derivatives of every order: up to 3 by 3 by minors, above by bordering the
 * matrix with its singular vectors, in O(n³). (One limit: with four or more vanishing singular values, derivatives of
 * fourth order and above are given as 0; those below do vanish.)
 *
 * @example
 * linalg.det(tensor([[1, 2], [3, 4]])) // => -2
 * grad((a: Tensor) => linalg.det(a))(tensor([[1, 0], [0, 0]])) // => [[0, 0], [0, 1]]
 */
export const det = <A extends Num>(a: A): PerMatrix<A> =>
  inDouble(squareOperand('det', a), determinant) as PerMatrix<A>

/**
 * The sign of the determinant, and the logarithm of its magnitude, for [..., n, n], without overflow; 0 and -∞ for a
 * singular matrix. d log|det A| = tr(A⁻¹ dA); the sign has derivative 0.
 *
 * @example
 * linalg.slogdet(tensor([[0, 2], [2, 0]])).logabsdet // => 1.386294
 * linalg.slogdet(tensor([[0, 2], [2, 0]])).sign // => -1
 */
export const slogdet = <A extends Num>(
  a: A,
): { readonly sign: PerMatrix<A>; readonly logabsdet: PerMatrix<A> } => {
  const x = squareOperand('slogdet', a)
  const [s, l] = applyOp(slogdetSpec, [convert(x, 'float64')]).map((y) => convert(y, x.dtype))
  return { sign: s as PerMatrix<A>, logabsdet: l as PerMatrix<A> }
}
