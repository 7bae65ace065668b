/**
 * Solution of triangular systems op(A) X = B with many right-hand sides.
 *
 * Algorithm: forward or backward substitution on whole rows of X, so that every inner loop runs along
 * rows (for op = transpose in the outer-product form); Golub & Van Loan, section 3.1.
 *
 * Accuracy: each column's computed x satisfies (T + E) x = b with |E| ≤ n u |T| entrywise (Higham,
 * theorem 8.5), so it is backward stable row by row whatever the grading of T.
 *
 * Failure: none is signalled. A zero on the diagonal gives infinities and NaN by IEEE arithmetic, and NaN
 * or infinite entries propagate. Only the named triangle of A (without its diagonal, if it is a unit one)
 * is read.
 */

export interface TriangularSolveOptions {
  /** Whether A is lower triangular (else upper). This names the stored triangle, before any transposition. */
  readonly lower: boolean
  /** Solve Aᵀ X = B instead of A X = B. Default false. */
  readonly transpose?: boolean
  /** Take the diagonal of A as ones and do not read it. Default false. */
  readonly unitDiagonal?: boolean
}

/** X (n × k) with op(A) X = B, where A is n × n triangular and B is n × k. */
export function triangularSolve(
  a: Float64Array,
  b: Float64Array,
  n: number,
  k: number,
  options: TriangularSolveOptions,
): Float64Array {
  const { lower, transpose = false, unitDiagonal = false } = options
  const x = b.slice(0, n * k)
  // op(A) is lower triangular, solved from the top, if exactly one of the two flags is set.
  const forward = lower !== transpose
  for (let step = 0; step < n; step++) {
    const i = forward ? step : n - 1 - step
    const ai = i * n
    const xi = i * k
    const from = lower ? 0 : i + 1
    const to = lower ? i : n
    if (!transpose) {
      // In the order in which the rows of X were found, whichever end that began at.
      for (let t = 0; t < to - from; t++) {
        const j = forward ? from + t : to - 1 - t
        const f = a[ai + j]!
        const xj = j * k
        for (let c = 0; c < k; c++) x[xi + c] = x[xi + c]! - f * x[xj + c]!
      }
    }
    if (!unitDiagonal) {
      const d = a[ai + i]!
      for (let c = 0; c < k; c++) x[xi + c] = x[xi + c]! / d
    }
    if (transpose) {
      for (let j = from; j < to; j++) {
        const f = a[ai + j]!
        const xj = j * k
        for (let c = 0; c < k; c++) x[xj + c] = x[xj + c]! - f * x[xi + c]!
      }
    }
  }
  return x
}
