/**
 * LU factorisation P A = L U with partial (row) pivoting, of square or rectangular matrices.
 *
 * Algorithm: right-looking Gaussian elimination, updates along rows; Golub & Van Loan, section 3.4. The
 * pivot is the first entry of largest magnitude in its column, as LAPACK's `dgetf2` chooses it.
 *
 * Accuracy: |P A - L U| ≤ min(m, n) u |L||U| entrywise; with partial pivoting |L| ≤ 1 and the growth of U
 * is small in practice (2ⁿ⁻¹ at worst).
 *
 * Failure: a singular matrix is factorised all the same, with zeros on U's diagonal. A NaN or an infinity
 * in the input makes all of `lu` NaN, with the identity permutation and sign 1, so that a determinant or
 * a solution formed from it is NaN.
 */
import { maxAbsFinite } from './householder.js'

export interface LuResult {
  /** m × n: U on and above the diagonal, below it the multipliers of the unit lower triangular L. */
  readonly lu: Float64Array
  /** min(m, n) row swaps: at step i, row i was swapped with row pivots[i] ≥ i. */
  readonly pivots: Int32Array
  /** Row i of P A is row permutation[i] of A; length m. */
  readonly permutation: Int32Array
  /** Determinant of P: 1 or -1. */
  readonly sign: number
}

/** LU factors of the m × n matrix `a`. */
export function lu(a: Float64Array, m: number, n: number): LuResult {
  const k = Math.min(m, n)
  const f = a.slice(0, m * n)
  const pivots = new Int32Array(k)
  const permutation = new Int32Array(m)
  for (let i = 0; i < k; i++) pivots[i] = i
  for (let i = 0; i < m; i++) permutation[i] = i
  let sign = 1
  if (Number.isNaN(maxAbsFinite(f))) return { lu: f.fill(NaN), pivots, permutation, sign }
  for (let s = 0; s < k; s++) {
    let pivot = s
    let max = Math.abs(f[s * n + s]!)
    for (let i = s + 1; i < m; i++) {
      const v = Math.abs(f[i * n + s]!)
      if (v > max) {
        max = v
        pivot = i
      }
    }
    pivots[s] = pivot
    if (max === 0) continue
    const rs = s * n
    if (pivot !== s) {
      sign = -sign
      const rp = pivot * n
      for (let j = 0; j < n; j++) {
        const t = f[rs + j]!
        f[rs + j] = f[rp + j]!
        f[rp + j] = t
      }
      const t = permutation[s]!
      permutation[s] = permutation[pivot]!
      permutation[pivot] = t
    }
    const d = f[rs + s]!
    for (let i = s + 1; i < m; i++) {
      const ri = i * n
      const factor = f[ri + s]! / d
      f[ri + s] = factor
      if (factor === 0) continue
      for (let j = s + 1; j < n; j++) f[ri + j] = f[ri + j]! - factor * f[rs + j]!
    }
  }
  return { lu: f, pivots, permutation, sign }
}
