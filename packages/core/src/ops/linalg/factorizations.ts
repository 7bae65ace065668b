import { cholesky as choleskyOf } from '../../primitives/linalg/cholesky.js'
import { eigh as eighOf } from '../../primitives/linalg/eigh.js'
import { qr as qrOf } from '../../primitives/linalg/qr.js'
import { positiveValues, svd as svdOf } from '../../primitives/linalg/svd.js'
import { convert } from '../../primitives/passing.js'
import { sum } from '../../primitives/structural.js'
import type { Tensor } from '../../tensor.js'
import type { Num } from '../coerce.js'
import { type Like, matrixOperand, type PerColumn, squareOperand } from './operands.js'

/**
 * The lower triangular L with L Lᵀ = (A + Aᵀ)/2 for [..., n, n]: the input is symmetrised first, so the gradient is
 * symmetric. Where that is not positive definite, L is all NaN, as in JAX. dL = L Φ(L⁻¹ dA L⁻ᵀ) with Φ the lower
 * triangle with its diagonal halved (Murray 2016, arXiv:1602.07527).
 *
 * @example
 * linalg.cholesky(tensor([[4, 2], [2, 5]])) // => [[2, 0], [1, 2]]
 */
export const cholesky = <A extends Num>(a: A): Like<A> => choleskyOf(squareOperand('cholesky', a)) as Like<A>

/**
 * The thin factors of [..., m, n]: Q [..., m, k] with orthonormal columns, R [..., k, n] upper triangular,
 * k = min(m, n), Q R = A. Signs are those of LAPACK: the diagonal of R may be negative. Differentiable where the first
 * k columns are independent.
 *
 * @example
 * linalg.qr(tensor([[3, 1], [4, 2]])).r // => [[-5, -2.2], [0, 0.4]]
 */
export const qr = (a: Num): { readonly q: Tensor; readonly r: Tensor } => {
  const [q, r] = qrOf(matrixOperand('qr', a))
  return { q: q!, r: r! }
}

/**
 * Eigenvalues [..., n], ascending, and orthonormal eigenvectors (columns of [..., n, n]) of the symmetric (A + Aᵀ)/2.
 *
 * With M = Vᵀ dA V: dw = diag(M), dV = V (F∘M), F_ij = 1/(w_j - w_i). Between eigenvalues that are equal up to rounding,
 * |w_j - w_i| ≤ n ε max|w|, eigenvectors are free to turn, and F is 0. So nothing is NaN, and first derivatives are
 * right where only whole blocks matter: sums of their eigenvalues, projections onto their spans. What mixes within a
 * block, such as V f(w) Vᵀ or second derivatives of the values, misses the part that F hides.
 *
 * @example
 * linalg.eigh(tensor([[2, 1], [1, 2]])).values // => [1, 3]
 */
export const eigh = <A extends Num>(a: A): { readonly values: PerColumn<A>; readonly vectors: Like<A> } => {
  const [values, vectors] = eighOf(squareOperand('eigh', a))
  return { values: values as PerColumn<A>, vectors: vectors as Like<A> }
}

/**
 * The eigenvalues of (A + Aᵀ)/2, ascending.
 *
 * @example
 * linalg.eigvalsh(tensor([[2, 1], [1, 2]])) // => [1, 3]
 */
export const eigvalsh = <A extends Num>(a: A): PerColumn<A> =>
  eighOf(squareOperand('eigvalsh', a))[0] as PerColumn<A>

/**
 * The thin singular value decomposition of [..., m, n]: U [..., m, k], s [..., k] descending, Vᵀ [..., k, n],
 * k = min(m, n), with U diag(s) Vᵀ = A.
 *
 * ds = diag(UᵀdAV), and 0 at a singular value that is 0 up to rounding, s ≤ max(m, n) ε s₀: the element of least norm of
 * the subdifferential of a sum of singular values. Vectors of equal singular values are free to turn; what is free is
 * taken as 0, so nothing is NaN, and what does not depend on it, such as U Vᵀ, has its derivative.
 *
 * @example
 * linalg.svd(tensor([[0, 2], [1, 0]])).s // => [2, 1]
 */
export const svd = (a: Num): { readonly u: Tensor; readonly s: Tensor; readonly vt: Tensor } => {
  const [u, s, vt] = svdOf(matrixOperand('svd', a))
  return { u: u!, s: s!, vt: vt! }
}

/**
 * The singular values of [..., m, n], descending.
 *
 * @example
 * linalg.svdvals(tensor([[3, 0], [0, -4]])) // => [4, 3]
 */
export const svdvals = (a: Num): Tensor => svdOf(matrixOperand('svdvals', a))[1]!

/**
 * The number of singular values above max(m, n) ε s₀, as int32 for each matrix of [..., m, n].
 *
 * @example
 * linalg.matrixRank(tensor([[1, 2], [2, 4]])) // => 1
 */
export const matrixRank = (a: Num): Tensor => {
  const x = matrixOperand('matrixRank', a)
  const s = svdOf(x)[1]!
  return sum(convert(positiveValues(s, x.shape.at(-2)!, x.shape.at(-1)!), 'int32'), [s.rank - 1])
}
