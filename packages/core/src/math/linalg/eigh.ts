/**
 * Eigenvalues and eigenvectors of a real symmetric matrix.
 *
 * Algorithm: Householder reduction to tridiagonal form (Golub & Van Loan, section 8.3.1), then implicit
 * QL with Wilkinson's shift, started from the end with the smaller entries (EISPACK `imtql2`; Dubrulle,
 * Martin & Wilkinson, "The implicit QL algorithm", Numer. Math. 12, 1968). Eigenvectors are kept as rows
 * until the end, so rotations run along rows. The whole is O(n³).
 *
 * Accuracy: backward stable; each eigenvalue has an absolute error of a small multiple of n u ‖A‖, and the
 * vectors are orthonormal to the same level, repeated eigenvalues included. Eigenvalues far smaller than
 * ‖A‖ have no high relative accuracy in general. Diagonal matrices give exact results.
 *
 * Determinism: eigenvalues ascend. Each eigenvector is scaled by ±1 so that its leading entry is positive,
 * where the leading entry is the first whose magnitude is within a factor 1 - 1e-8 of the largest. Within
 * a repeated eigenvalue the basis is arbitrary, but the same for the same input.
 *
 * Failure: a NaN or an infinity in the lower triangle, or no convergence within 50 iterations for an
 * eigenvalue (not observed), makes all values and vectors NaN.
 */
import {
  canonicalSign,
  EPS,
  hypot2,
  makeReflector,
  maxAbsFinite,
  nanMatrix,
  safeScale,
} from './householder.js'

export interface EighResult {
  /** n eigenvalues, ascending. */
  readonly values: Float64Array
  /** n × n; column j is the unit eigenvector of values[j]. */
  readonly vectors: Float64Array
}

const MAX_ITERATIONS = 50
const PATIENCE = 20

/** Eigendecomposition of the symmetric n × n matrix whose lower triangle `a` holds (the upper is not read). */
export function eigh(a: Float64Array, n: number): EighResult {
  const w = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) w[i * n + j] = a[i * n + j]!
  }
  const max = maxAbsFinite(w)
  if (Number.isNaN(max)) return { values: nanMatrix(1, n), vectors: nanMatrix(n, n) }
  const scale = safeScale(max)
  if (scale !== 1) for (let i = 0; i < w.length; i++) w[i] = w[i]! * scale

  const d = new Float64Array(n)
  const e = new Float64Array(n)
  const zt = tridiagonalise(w, n, d, e)
  // QL converges well if the large entries are at the end; the reduction tends to put them first.
  if (n > 0 && Math.abs(d[0]!) > Math.abs(d[n - 1]!)) reverse(zt, n, d, e)
  if (!implicitQl(zt, n, d, e, max * scale)) return { values: nanMatrix(1, n), vectors: nanMatrix(n, n) }

  const order = Array.from(d, (_, i) => i).sort((i, j) => d[i]! - d[j]!)
  const values = new Float64Array(n)
  const vectors = new Float64Array(n * n)
  for (let c = 0; c < n; c++) {
    const from = order[c]!
    values[c] = d[from]! / scale
    const sign = canonicalSign(zt, from * n, 1, n)
    for (let i = 0; i < n; i++) vectors[i * n + c] = sign * zt[from * n + i]!
  }
  return { values, vectors }
}

/**
 * Reduces the lower triangle of w (overwritten) to tridiagonal T = Qᵀ A Q: the diagonal goes to d, the
 * off-diagonal to e[0 ... n-2]. Returns Qᵀ.
 */
function tridiagonalise(w: Float64Array, n: number, d: Float64Array, e: Float64Array): Float64Array {
  const v = new Float64Array(n * n)
  const tau = new Float64Array(n)
  const p = new Float64Array(n)
  const out = new Float64Array(2)
  for (let k = 0; k + 1 < n; k++) {
    const vk = k * n
    makeReflector(w, (k + 1) * n + k, n, n - k - 1, v, vk + k + 1, out)
    const t = out[0]!
    tau[k] = t
    e[k] = out[1]!
    if (t === 0) continue
    // p = tau A v, from the lower triangle alone.
    for (let i = k + 1; i < n; i++) {
      const vi = v[vk + i]!
      const row = i * n
      let sum = w[row + i]! * vi
      for (let j = k + 1; j < i; j++) {
        const aij = w[row + j]!
        sum += aij * v[vk + j]!
        p[j] = p[j]! + aij * vi
      }
      p[i] = sum
    }
    let dot = 0
    for (let i = k + 1; i < n; i++) {
      p[i] = p[i]! * t
      dot += p[i]! * v[vk + i]!
    }
    const half = 0.5 * t * dot
    for (let i = k + 1; i < n; i++) p[i] = p[i]! - half * v[vk + i]!
    for (let i = k + 1; i < n; i++) {
      const vi = v[vk + i]!
      const pi = p[i]!
      const row = i * n
      for (let j = k + 1; j <= i; j++) w[row + j] = w[row + j]! - (vi * p[j]! + pi * v[vk + j]!)
    }
  }
  for (let i = 0; i < n; i++) d[i] = w[i * n + i]!

  // Qᵀ = (H₀ H₁ ...)ᵀ, accumulated backwards from the right, so that only the trailing block is touched.
  const qt = new Float64Array(n * n)
  for (let i = 0; i < n; i++) qt[i * n + i] = 1
  for (let k = n - 2; k >= 0; k--) {
    const t = tau[k]!
    if (t === 0) continue
    const vk = k * n
    for (let i = k + 1; i < n; i++) {
      const row = i * n
      let sum = 0
      for (let j = k + 1; j < n; j++) sum += qt[row + j]! * v[vk + j]!
      sum *= t
      for (let j = k + 1; j < n; j++) qt[row + j] = qt[row + j]! - sum * v[vk + j]!
    }
  }
  return qt
}

/** Reverses the order of the rows and columns of the tridiagonal (d, e), and of the rows of zt. */
function reverse(zt: Float64Array, n: number, d: Float64Array, e: Float64Array): void {
  d.reverse()
  e.subarray(0, n - 1).reverse()
  const flipped = zt.slice()
  for (let i = 0; i < n; i++) zt.set(flipped.subarray(i * n, i * n + n), (n - 1 - i) * n)
}

/** Diagonalises the tridiagonal (d, e) in place, rotating the rows of zt along. False: no convergence. */
function implicitQl(zt: Float64Array, n: number, d: Float64Array, e: Float64Array, norm: number): boolean {
  for (let l = 0; l < n; l++) {
    for (let iteration = 0; ; iteration++) {
      // What is neglected regardless of its neighbours. First a threshold far below any backward error;
      // if that does not converge (blocks of noise in matrices of low rank), one of the size of it.
      const floor = iteration < PATIENCE ? norm * 2 ** -200 : 0.5 * EPS * norm
      let m = l
      for (; m < n - 1; m++) {
        const off = Math.abs(e[m]!)
        if (off <= floor || off <= 0.5 * EPS * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) break
      }
      if (m === l) break
      if (iteration === MAX_ITERATIONS) return false
      let g = (d[l + 1]! - d[l]!) / (2 * e[l]!)
      let r = hypot2(g, 1)
      g = d[m]! - d[l]! + e[l]! / (g + (g < 0 ? -r : r))
      let s = 1
      let c = 1
      let p = 0
      let i = m - 1
      for (; i >= l; i--) {
        const f = s * e[i]!
        const b = c * e[i]!
        r = hypot2(f, g)
        e[i + 1] = r
        if (r === 0) {
          d[i + 1] = d[i + 1]! - p
          e[m] = 0
          break
        }
        s = f / r
        c = g / r
        g = d[i + 1]! - p
        r = (d[i]! - g) * s + 2 * c * b
        p = s * r
        d[i + 1] = g + p
        g = c * r - b
        const lo = i * n
        const hi = lo + n
        for (let k = 0; k < n; k++) {
          const x = zt[lo + k]!
          const y = zt[hi + k]!
          zt[hi + k] = s * x + c * y
          zt[lo + k] = c * x - s * y
        }
      }
      if (i >= l) continue
      d[l] = d[l]! - p
      e[l] = g
      e[m] = 0
    }
  }
  return true
}
