/**
 * Shared helpers of the dense linear algebra kernels: finiteness checks, norms safe against overflow
 * and underflow, and elementary (Householder) reflectors.
 *
 * Reflectors follow the LAPACK convention (`dlarfg`): H = I - tau v vᵀ with v[0] = 1, H x = beta e₁ and
 * beta = -sign(x[0]) ‖x‖, which avoids cancellation; H = I (tau = 0) when x is already a multiple of e₁.
 * See Golub & Van Loan, "Matrix Computations", 4th ed., section 5.1.
 *
 * Functions here work on slices of caller-owned buffers and allocate nothing.
 */

/** Spacing of doubles at 1 (2⁻⁵²). */
export const EPS = Number.EPSILON

/** Magnitudes in [SMALL, BIG] can be squared and summed without overflow or harmful underflow. */
export const SMALL = 2 ** -400
export const BIG = 2 ** 400

/** Powers of two (so exact) that bring magnitudes outside [SMALL, BIG] to where squares are safe. */
export const SCALE_UP = 2 ** 600
export const SCALE_DOWN = 2 ** -600

/** Largest |x[i]|, or NaN if any entry is NaN or infinite. */
export function maxAbsFinite(x: Float64Array): number {
  let max = 0
  for (let i = 0; i < x.length; i++) {
    const v = Math.abs(x[i]!)
    if (!(v < Infinity)) return NaN
    if (v > max) max = v
  }
  return max
}

/** The power of two by which a matrix with this largest magnitude is to be multiplied; mostly 1. */
export function safeScale(maxAbs: number): number {
  if (maxAbs === 0) return 1
  return maxAbs < SMALL ? SCALE_UP : maxAbs > BIG ? SCALE_DOWN : 1
}

/** A row-major `rows` × `cols` matrix of NaN. */
export function nanMatrix(rows: number, cols: number): Float64Array {
  return new Float64Array(rows * cols).fill(NaN)
}

/** The transpose (cols × rows) of a row-major rows × cols matrix. */
export function transposed(a: Float64Array, rows: number, cols: number): Float64Array {
  const t = new Float64Array(a.length)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) t[j * rows + i] = a[i * cols + j]!
  }
  return t
}

/** Euclidean norm of `length` entries of x from `offset` in steps of `stride`, free of spurious overflow. */
export function norm2(x: Float64Array, offset: number, stride: number, length: number): number {
  let sum = 0
  const end = offset + length * stride
  for (let p = offset; p < end; p += stride) {
    const v = x[p]!
    sum += v * v
  }
  // The plain sum is good if no square that matters under- or overflowed.
  if (sum > SMALL && sum < BIG * BIG) return Math.sqrt(sum)
  let max = 0
  for (let p = offset; p < end; p += stride) {
    const v = Math.abs(x[p]!)
    if (!(v <= max)) max = v
  }
  if (!(max > 0)) return max
  const scale = safeScale(max)
  sum = 0
  for (let p = offset; p < end; p += stride) {
    const v = x[p]! * scale
    sum += v * v
  }
  return Math.sqrt(sum) / scale
}

/** √(x² + y²) without spurious overflow or underflow. */
export function hypot2(x: number, y: number): number {
  const sum = x * x + y * y
  return sum > SMALL && sum < BIG * BIG ? Math.sqrt(sum) : Math.hypot(x, y)
}

/**
 * Makes the reflector that maps x = a[offset + i·stride] (0 ≤ i < length) to beta e₁. Writes v to
 * `v[vOffset ...]` (v[0] = 1) and [tau, beta] to `out`. Needs length ≥ 1; does not touch `a`.
 */
export function makeReflector(
  a: Float64Array,
  offset: number,
  stride: number,
  length: number,
  v: Float64Array,
  vOffset: number,
  out: Float64Array,
): void {
  const alpha = a[offset]!
  v[vOffset] = 1
  const tail = norm2(a, offset + stride, stride, length - 1)
  if (tail === 0) {
    for (let i = 1; i < length; i++) v[vOffset + i] = 0
    out[0] = 0
    out[1] = alpha
    return
  }
  // Scaled by a power of two, so that subnormal columns get an accurate direction as well.
  const scale = safeScale(Math.max(Math.abs(alpha), tail))
  const alphaS = alpha * scale
  let sum = alphaS * alphaS
  for (let i = 1; i < length; i++) {
    const x = a[offset + i * stride]! * scale
    sum += x * x
  }
  const norm = Math.sqrt(sum)
  const beta = alphaS < 0 || Object.is(alphaS, -0) ? norm : -norm
  const denominator = alphaS - beta
  for (let i = 1; i < length; i++) v[vOffset + i] = (a[offset + i * stride]! * scale) / denominator
  out[0] = (beta - alphaS) / beta
  out[1] = beta / scale
}

/**
 * Applies H = I - tau v vᵀ from the left, in place, to the rows row0 ... row0+length-1 and the columns
 * col0 ... cols-1 of a row-major matrix with `cols` columns. `work` holds at least `cols` entries.
 */
export function applyReflector(
  a: Float64Array,
  cols: number,
  row0: number,
  length: number,
  col0: number,
  v: Float64Array,
  vOffset: number,
  tau: number,
  work: Float64Array,
): void {
  if (tau === 0) return
  for (let j = col0; j < cols; j++) work[j] = a[row0 * cols + j]!
  for (let i = 1; i < length; i++) {
    const vi = v[vOffset + i]!
    if (vi === 0) continue
    const base = (row0 + i) * cols
    for (let j = col0; j < cols; j++) work[j] = work[j]! + vi * a[base + j]!
  }
  for (let j = col0; j < cols; j++) work[j] = work[j]! * tau
  for (let i = 0; i < length; i++) {
    const vi = v[vOffset + i]!
    if (vi === 0) continue
    const base = (row0 + i) * cols
    for (let j = col0; j < cols; j++) a[base + j] = a[base + j]! - vi * work[j]!
  }
}

/**
 * The sign (1 or -1) that makes a vector's leading entry positive, where the leading entry is the first
 * whose magnitude is within a factor 1 - 1e-8 of the largest. The slack keeps the choice independent of
 * rounding when entries tie, as in (1, -1)/√2.
 */
export function canonicalSign(x: Float64Array, offset: number, stride: number, length: number): number {
  let max = 0
  for (let i = 0; i < length; i++) max = Math.max(max, Math.abs(x[offset + i * stride]!))
  const bound = max * (1 - 1e-8)
  for (let i = 0; i < length; i++) {
    const v = x[offset + i * stride]!
    if (Math.abs(v) >= bound) return v < 0 ? -1 : 1
  }
  return 1
}
