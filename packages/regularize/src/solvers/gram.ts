import { dots } from './kernels.js'

/**
 * Inner products xᵢᵀxⱼ/n among the columns that a solver works on, kept from one strength to the next: each pair is
 * computed once on a whole path. Columns have slots in the order in which they came.
 */
export class Gram {
  /** The column in each slot. */
  columns: Int32Array
  /** The slot of each column, or -1. */
  readonly slots: Int32Array
  /** Entry of slots i and j at i·stride + j. */
  values: Float64Array
  stride: number
  size = 0

  constructor(
    private readonly x: Float64Array,
    private readonly n: number,
    readonly p: number,
  ) {
    this.stride = Math.min(p, 64)
    this.columns = new Int32Array(this.stride)
    this.slots = new Int32Array(p).fill(-1)
    this.values = new Float64Array(this.stride * this.stride)
  }

  /** The slot of column j, made where it has none. */
  add(j: number): number {
    const old = this.slots[j]!
    if (old >= 0) return old
    if (this.size === this.stride) this.grow()
    const { x, n, values, stride } = this
    const s = this.size++
    this.columns[s] = j
    this.slots[j] = s
    dots(x, n, this.columns, s + 1, x, j * n, 1 / n, values, s * stride)
    for (let i = 0; i < s; i++) values[i * stride + s] = values[s * stride + i]!
    return s
  }

  private grow(): void {
    const stride = Math.min(this.p, 2 * this.stride)
    const values = new Float64Array(stride * stride)
    for (let i = 0; i < this.size; i++)
      values.set(this.values.subarray(i * this.stride, i * this.stride + this.size), i * stride)
    const columns = new Int32Array(stride)
    columns.set(this.columns)
    this.values = values
    this.columns = columns
    this.stride = stride
  }
}
