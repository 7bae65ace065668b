import type { Floats } from './kernels.js'
import type { Workspace } from './workspace.js'

/**
 * The Cholesky factor L of a symmetric positive definite matrix whose rows come and go: A = L·Lᵀ. Appending or removing
 * a row costs O(size²), where a new factorisation costs O(size³).
 */
export class Cholesky {
  size = 0
  private rows: Floats
  private stride: number

  constructor(
    private readonly work: Workspace,
    capacity = 32,
  ) {
    this.stride = capacity
    this.rows = work.floats(capacity * capacity)
  }

  /**
   * Appends a row whose products with the present ones are in `row` and with itself is `diagonal`. Answers false, and
   * leaves the factor as it was, where the row depends on the others.
   */
  append(row: ArrayLike<number>, diagonal: number): boolean {
    if (this.size === this.stride) this.grow()
    const { rows, stride, size } = this
    const { kernels } = this.work
    const at = size * stride
    for (let i = 0; i < size; i++) rows[at + i] = row[i]!
    kernels.forward(rows, stride, size, rows, at)
    const rest = diagonal - kernels.dot(rows, at, rows, at, size)
    if (!(rest > 1e-11 * diagonal)) return false
    rows[at + size] = Math.sqrt(rest)
    this.size++
    return true
  }

  /** Removes row k: the rows below move up, and rotations make them triangular again (Golub & Van Loan, 6.5.4). */
  remove(k: number): void {
    const { rows, stride, size } = this
    for (let i = k + 1; i < size; i++) rows.copyWithin((i - 1) * stride, i * stride, i * stride + i + 1)
    this.size = size - 1
    for (let i = k; i < size - 1; i++) {
      const a = rows[i * stride + i]!
      const b = rows[i * stride + i + 1]!
      const r = Math.hypot(a, b)
      const c = a / r
      const s = b / r
      rows[i * stride + i] = r
      for (let m = i + 1; m < size - 1; m++) {
        const at = m * stride + i
        const u = rows[at]!
        const v = rows[at + 1]!
        rows[at] = c * u + s * v
        rows[at + 1] = c * v - s * u
      }
    }
  }

  clear(): void {
    this.size = 0
  }

  /** b becomes A⁻¹b. */
  solve(b: Floats): void {
    const { rows, stride, size, work } = this
    work.kernels.forward(rows, stride, size, b, 0)
    work.kernels.backward(rows, stride, size, b, 0)
  }

  /** b becomes L⁻¹b. */
  forward(b: Floats): void {
    this.work.kernels.forward(this.rows, this.stride, this.size, b, 0)
  }

  private grow(): void {
    const stride = 2 * this.stride
    const rows = this.work.floats(stride * stride)
    for (let i = 0; i < this.size; i++)
      rows.set(this.rows.subarray(i * this.stride, i * this.stride + i + 1), i * stride)
    this.rows = rows
    this.stride = stride
  }
}
