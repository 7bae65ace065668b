/**
 * Singular value decomposition A = U diag(s) Vᵀ, reduced or full.
 *
 * Algorithm: Householder QR with column and row pivoting, then one-sided Jacobi on the rows of the
 * triangular factor: Z. Drmač & K. Veselić, "New fast and accurate Jacobi SVD algorithm I, II",
 * SIAM J. Matrix Anal. Appl. 29 (2008); rotations and the branch for very different norms as in LAPACK's
 * `dgesvj`. The row pivoting makes the QR step stable row by row (M. Powell & J. Reid 1969; N. Higham, "QR
 * factorization with complete pivoting and accurate computation of the SVD", Linear Algebra Appl. 309,
 * 2000). AᵀA is never formed. A wide matrix is decomposed through its transpose. O(m n²), with a larger constant than bidiagonalisation.
 *
 * Accuracy: every singular value has an absolute error of a small multiple of n u ‖A‖. Small ones have
 * high relative accuracy if A = D₁ B D₂ with diagonal D₁, D₂ and B well conditioned, however
 * ill-conditioned A is. U and V are orthonormal to n u, also for rank-deficient matrices: singular values
 * that are exactly zero get an orthonormal completion. Those below 2⁻¹⁰⁰⁰ (after a scaling by a power of
 * two of matrices whose largest entry is outside 2^±400) are returned as zero.
 *
 * Determinism: singular values descend; each pair of singular vectors is scaled by ±1 so that the leading
 * entry of the column of U is positive, where the leading entry is the first whose magnitude is within a
 * factor 1 - 1e-8 of the largest. The additional columns of U and rows of Vᵀ of the full form follow the
 * same rule.
 *
 * Failure: a NaN or an infinity in the input, or no convergence in 60 sweeps (not observed), makes all of
 * u, s and vt NaN.
 */
import {
  applyReflector,
  canonicalSign,
  EPS,
  makeReflector,
  maxAbsFinite,
  nanMatrix,
  norm2,
  SMALL,
  safeScale,
  transposed,
} from './householder.js'
import { qr } from './qr.js'

export interface SvdResult {
  /** m × k with k = min(m, n), or m × m if full; orthonormal columns. */
  readonly u: Float64Array
  /** k singular values, descending, non-negative. */
  readonly s: Float64Array
  /** k × n, or n × n if full; orthonormal rows. */
  readonly vt: Float64Array
}

const MAX_SWEEPS = 60

/** Singular value decomposition of the m × n matrix `a`; with `full`, U and Vᵀ are square. */
export function svd(a: Float64Array, m: number, n: number, full = false): SvdResult {
  const k = Math.min(m, n)
  const uCols = full ? m : k
  const vRows = full ? n : k
  const max = maxAbsFinite(a)
  const scale = Number.isNaN(max) ? 1 : safeScale(max)
  const wide = m < n
  const t = Number.isNaN(max) ? undefined : tallSvd(a, Math.max(m, n), k, full, scale, wide)
  if (t === undefined) return { u: nanMatrix(m, uCols), s: nanMatrix(1, k), vt: nanMatrix(vRows, n) }

  const s = t.s
  if (scale !== 1) for (let i = 0; i < k; i++) s[i] = s[i]! / scale
  const u = wide ? transposed(t.vt, k, k) : t.u
  const vt = wide ? transposed(t.u, n, vRows) : t.vt
  for (let c = 0; c < uCols; c++) {
    if (canonicalSign(u, c, uCols, m) > 0) continue
    for (let i = 0; i < m; i++) u[i * uCols + c] = -u[i * uCols + c]!
    if (c < k) for (let j = 0; j < n; j++) vt[c * n + j] = -vt[c * n + j]!
  }
  for (let r = k; r < vRows; r++) {
    if (canonicalSign(vt, r * n, 1, n) > 0) continue
    for (let j = 0; j < n; j++) vt[r * n + j] = -vt[r * n + j]!
  }
  return { u, s, vt }
}

/**
 * The decomposition, without the sign convention, of the finite m × n matrix A·scale with m ≥ n. `source`
 * holds A, or Aᵀ if `flipped`.
 */
function tallSvd(
  source: Float64Array,
  m: number,
  n: number,
  full: boolean,
  scale: number,
  flipped: boolean,
): { u: Float64Array; s: Float64Array; vt: Float64Array } | undefined {
  const w = flipped ? transposed(source, n, m) : source.slice(0, m * n)
  if (scale !== 1) for (let i = 0; i < w.length; i++) w[i] = w[i]! * scale

  const v = new Float64Array(n * m)
  const tau = new Float64Array(n)
  const rows = new Int32Array(n)
  const columns = pivotedQr(w, m, n, v, tau, rows)
  const r = w.slice(0, n * n)
  for (let i = 1; i < n; i++) r.fill(0, i * n, i * n + i)

  const j = new Float64Array(n * n)
  const norms = new Float64Array(n)
  if (!jacobiRows(r, j, norms, n)) return undefined

  const order = Array.from(norms, (_, i) => i).sort((p, q) => norms[q]! - norms[p]!)
  const s = new Float64Array(n)
  // V: normalised rows of J R, with the column pivoting undone; zero rows are completed below.
  const vt = new Float64Array(n * n)
  let rank = 0
  for (let i = 0; i < n; i++) {
    const from = order[i]!
    const norm = norms[from]!
    if (norm === 0) continue
    rank = i + 1
    s[i] = norm
    for (let c = 0; c < n; c++) vt[i * n + columns[c]!] = r[from * n + c]! / norm
  }
  if (rank < n) {
    const basis = qr(transposed(vt.subarray(0, rank * n), rank, n), n, rank, true).q
    for (let i = rank; i < n; i++) {
      for (let c = 0; c < n; c++) vt[i * n + c] = basis[c * n + i]!
    }
  }

  // U = Q diag(Jᵀ, I), by applying the row swaps and reflectors that Q is made of.
  const uCols = full ? m : n
  const u = new Float64Array(m * uCols)
  for (let c = 0; c < n; c++) {
    const from = order[c]! * n
    for (let i = 0; i < n; i++) u[i * uCols + c] = j[from + i]!
  }
  for (let c = n; c < uCols; c++) u[c * uCols + c] = 1
  const work = new Float64Array(uCols)
  for (let p = n - 1; p >= 0; p--) {
    applyReflector(u, uCols, p, m - p, 0, v, p * m + p, tau[p]!, work)
    swapRows(u, uCols, p, rows[p]!)
  }
  return { u, s, vt }
}

/**
 * Overwrites the upper triangle of w (m × n, m ≥ n) by R of W P = Q R with the remaining column of largest
 * norm first, where Q = S₀ H₀ S₁ H₁ ...: S_p swaps rows p and rows[p], bringing the largest entry of the
 * column to the diagonal, and H_p is the reflector of row p of v and tau[p]. Returns P: column c of R
 * belongs to column columns[c] of W.
 */
function pivotedQr(
  w: Float64Array,
  m: number,
  n: number,
  v: Float64Array,
  tau: Float64Array,
  rows: Int32Array,
): Int32Array {
  const columns = new Int32Array(n)
  const norms = new Float64Array(n)
  const reference = new Float64Array(n)
  for (let c = 0; c < n; c++) {
    columns[c] = c
    norms[c] = norm2(w, c, n, m)
    reference[c] = norms[c]!
  }
  const work = new Float64Array(n)
  const out = new Float64Array(2)
  for (let p = 0; p < n; p++) {
    let pivot = p
    for (let c = p + 1; c < n; c++) if (norms[c]! > norms[pivot]!) pivot = c
    if (pivot !== p) {
      for (let i = 0; i < m; i++) {
        const x = w[i * n + p]!
        w[i * n + p] = w[i * n + pivot]!
        w[i * n + pivot] = x
      }
      const x = columns[p]!
      columns[p] = columns[pivot]!
      columns[pivot] = x
      norms[pivot] = norms[p]!
      reference[pivot] = reference[p]!
    }
    let row = p
    for (let i = p + 1; i < m; i++) if (Math.abs(w[i * n + p]!) > Math.abs(w[row * n + p]!)) row = i
    rows[p] = row
    swapRows(w, n, p, row)
    makeReflector(w, p * n + p, n, m - p, v, p * m + p, out)
    tau[p] = out[0]!
    w[p * n + p] = out[1]!
    applyReflector(w, n, p, m - p, p + 1, v, p * m + p, out[0]!, work)
    // Norms of what remains of the columns: updated, or computed anew once cancellation has eaten them.
    for (let c = p + 1; c < n; c++) {
      const norm = norms[c]!
      if (norm === 0) continue
      const ratio = Math.abs(w[p * n + c]!) / norm
      const left = Math.max(0, (1 - ratio) * (1 + ratio))
      const relative = norm / reference[c]!
      if (left * relative * relative <= 1e-8) {
        norms[c] = norm2(w, (p + 1) * n + c, n, m - p - 1)
        reference[c] = norms[c]!
      } else {
        norms[c] = norm * Math.sqrt(left)
      }
    }
  }
  return columns
}

function swapRows(a: Float64Array, cols: number, p: number, q: number): void {
  if (p === q) return
  for (let j = 0; j < cols; j++) {
    const x = a[p * cols + j]!
    a[p * cols + j] = a[q * cols + j]!
    a[q * cols + j] = x
  }
}

/**
 * One-sided Jacobi: rotates pairs of rows of r (n × n) until all are orthogonal to each other relative to
 * their norms; `j` becomes the product J of the rotations (final r = J · initial r), `norms` the norms of
 * the final rows. False: no convergence.
 */
function jacobiRows(r: Float64Array, j: Float64Array, norms: Float64Array, n: number): boolean {
  const tolerance = EPS * Math.sqrt(n)
  for (let i = 0; i < n; i++) {
    j[i * n + i] = 1
    flushedNorm(r, norms, i, n)
  }
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let rotated = false
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const np = norms[p]!
        const nq = norms[q]!
        if (np === 0 || nq === 0) continue
        const cosine = rowCosine(r, p * n, q * n, n, np, nq)
        if (Math.abs(cosine) <= tolerance) continue
        rotated = true
        rotateRows(r, j, norms, p, q, n, cosine)
      }
    }
    if (!rotated) return true
    for (let i = 0; i < n; i++) flushedNorm(r, norms, i, n)
  }
  return false
}

/** Sets norms[i]; a row so close to underflow that its direction is lost is made zero. */
function flushedNorm(r: Float64Array, norms: Float64Array, i: number, n: number): void {
  norms[i] = norm2(r, i * n, 1, n)
  if (norms[i]! >= 2 ** -1000) return
  norms[i] = 0
  r.fill(0, i * n, i * n + n)
}

function rowCosine(r: Float64Array, p: number, q: number, n: number, np: number, nq: number): number {
  let dot = 0
  if (np * nq > SMALL) {
    for (let k = 0; k < n; k++) dot += r[p + k]! * r[q + k]!
    return dot / np / nq
  }
  for (let k = 0; k < n; k++) dot += (r[p + k]! / np) * (r[q + k]! / nq)
  return dot
}

function rotateRows(
  r: Float64Array,
  j: Float64Array,
  norms: Float64Array,
  p: number,
  q: number,
  n: number,
  cosine: number,
): void {
  // x is the longer row.
  const first = norms[p]! >= norms[q]! ? p : q
  const second = first === p ? q : p
  const nx = norms[first]!
  const ny = norms[second]!
  const x = first * n
  const y = second * n
  const ratio = ny / nx
  // Rotation by θ: x ← x + s (y - τ x), y ← y - s (x + τ y) with s = sin θ, τ = tan(θ/2). In this form
  // the rounding of s and τ hardly changes lengths if θ is small, as it mostly is.
  let s = cosine * ratio
  let tau = 0
  if (ratio < 2 ** -60) {
    // x does not change to working precision; Gram–Schmidt on y, in an order that cannot underflow.
    const amount = cosine * ny
    for (let k = 0; k < n; k++) r[y + k] = r[y + k]! - (r[x + k]! / nx) * amount
  } else {
    // t = tan θ is the smaller root of t² + 2 ζ t - 1 = 0.
    const zeta = (nx / ny - ratio) / (2 * cosine)
    const large = Math.abs(zeta) > 1e9
    const t = large ? 0.5 / zeta : (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta))
    const secant = Math.sqrt(1 + t * t)
    s = t / secant
    tau = t / (1 + secant)
    for (let k = 0; k < n; k++) {
      const rx = r[x + k]!
      const ry = r[y + k]!
      r[x + k] = rx + s * (ry - tau * rx)
      r[y + k] = ry - s * (rx + tau * ry)
    }
    norms[first] = norm2(r, x, 1, n)
  }
  norms[second] = norm2(r, y, 1, n)
  for (let k = 0; k < n; k++) {
    const jx = j[x + k]!
    const jy = j[y + k]!
    j[x + k] = jx + s * (jy - tau * jx)
    j[y + k] = jy - s * (jx + tau * jy)
  }
}
