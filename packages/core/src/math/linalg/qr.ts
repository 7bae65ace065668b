/**
 * QR factorisation A = Q R by Householder reflections, reduced or complete.
 *
 * Algorithm: one reflector a column, applied along rows, then Q by backward accumulation; Golub & Van
 * Loan, section 5.2. The reflectors follow LAPACK's sign convention (beta = -sign(alpha) ‖x‖, identity
 * when nothing is to be eliminated), so the signs of Q and R agree with `dgeqrf` and `numpy.linalg.qr`;
 * R's diagonal may be negative.
 *
 * Accuracy: backward stable column by column, ‖a_j - Q r_j‖ ≤ c m n u ‖a_j‖, and ‖QᵀQ - I‖ ≤ c m n u;
 * columns may be of any scale, subnormal ones included.
 *
 * Failure: rank deficiency is none (Q stays orthonormal). A NaN or an infinity in the input makes all of
 * Q and R NaN.
 */
import { applyReflector, makeReflector, maxAbsFinite, nanMatrix } from './householder.js'

export interface QrResult {
  /** m × min(m, n), or m × m if complete; orthonormal columns. */
  readonly q: Float64Array
  /** min(m, n) × n, or m × n if complete; zero below the diagonal. */
  readonly r: Float64Array
}

/** QR factors of the m × n matrix `a`; with `complete`, Q is square. */
export function qr(a: Float64Array, m: number, n: number, complete = false): QrResult {
  const k = Math.min(m, n)
  const qCols = complete ? m : k
  const work0 = a.slice(0, m * n)
  const max = maxAbsFinite(work0)
  if (Number.isNaN(max)) return { q: nanMatrix(m, qCols), r: nanMatrix(qCols, n) }
  // Room for sums next to the overflow threshold.
  const scale = max > 2 ** 960 ? 2 ** -60 : 1
  if (scale !== 1) for (let i = 0; i < work0.length; i++) work0[i] = work0[i]! * scale

  const v = new Float64Array(k * m)
  const tau = new Float64Array(k)
  const work = new Float64Array(Math.max(n, qCols))
  const out = new Float64Array(2)
  for (let s = 0; s < k; s++) {
    makeReflector(work0, s * n + s, n, m - s, v, s * m + s, out)
    tau[s] = out[0]!
    work0[s * n + s] = out[1]!
    applyReflector(work0, n, s, m - s, s + 1, v, s * m + s, out[0]!, work)
  }

  const r = new Float64Array(qCols * n)
  for (let i = 0; i < k; i++) {
    for (let j = i; j < n; j++) r[i * n + j] = work0[i * n + j]! / scale
  }
  const q = new Float64Array(m * qCols)
  for (let i = 0; i < qCols; i++) q[i * qCols + i] = 1
  for (let s = k - 1; s >= 0; s--) applyReflector(q, qCols, s, m - s, s, v, s * m + s, tau[s]!, work)
  return { q, r }
}
