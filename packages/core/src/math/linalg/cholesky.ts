/**
 * Cholesky factorisation A = L Lᵀ of a symmetric positive definite matrix.
 *
 * Algorithm: row by row (Cholesky–Banachiewicz), each entry a dot product of two rows of L; Golub & Van
 * Loan, "Matrix Computations", section 4.2; N. Higham, "Accuracy and Stability of Numerical Algorithms",
 * algorithm 10.2.
 *
 * Accuracy: backward stable without pivoting, |A - L Lᵀ| ≤ (n+1) u |L||Lᵀ| entrywise (Higham, theorem 10.3).
 *
 * Failure: a matrix that is not numerically positive definite, or with a NaN or an infinity in its lower
 * triangle, gives a matrix of NaN (the strict upper triangle too). Nothing is thrown.
 */
import { nanMatrix } from './householder.js'

/** Lower Cholesky factor L (n × n, zero above the diagonal). Reads only the lower triangle of `a`. */
export function cholesky(a: Float64Array, n: number): Float64Array {
  const l = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const ri = i * n
    let diagonal = a[ri + i]!
    for (let j = 0; j < i; j++) {
      const rj = j * n
      let sum = a[ri + j]!
      for (let p = 0; p < j; p++) sum -= l[ri + p]! * l[rj + p]!
      sum /= l[rj + j]!
      l[ri + j] = sum
      diagonal -= sum * sum
    }
    // Written so that NaN fails as well; a bad entry left of the diagonal has reached `diagonal`.
    if (!(diagonal > 0 && diagonal < Infinity)) return nanMatrix(n, n)
    l[ri + i] = Math.sqrt(diagonal)
  }
  return l
}
