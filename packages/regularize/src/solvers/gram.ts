import type { Floats, Ints } from '../arrays/kernels.js'
import type { Workspace } from '../arrays/workspace.js'

/**
 * Inner products xᵢᵀxⱼ/n among the columns that a solver works on, kept from one strength to the next: each pair is
 * computed once on a whole path. Columns have slots in the order in which they came.
 */
export class Gram {
  /** The column in each slot. */
  columns: Ints
  /** The slot of each column, or -1. */
  readonly slots: Int32Array
  /** Entry of slots i and j at i·stride + j. */
  values: Floats
  stride: number
  size = 0

  constructor(
    private readonly work: Workspace,
    private readonly x: Floats,
    private readonly n: number,
    readonly p: number,
  ) {
    this.stride = Math.min(p, 64)
    this.columns = work.ints(this.stride)
    this.slots = new Int32Array(p).fill(-1)
    this.values = work.floats(this.stride * this.stride)
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
    this.work.kernels.dots(x, n, this.columns, s + 1, x, j * n, 1 / n, values, s * stride)
    for (let i = 0; i < s; i++) values[i * stride + s] = values[s * stride + i]!
    return s
  }

  /** Slots for all columns that have none. */
  addAll(): void {
    const { x, n, p } = this
    const before = this.size
    while (this.stride < p) this.grow()
    for (let j = 0; j < p; j++)
      if (this.slots[j]! < 0) {
        this.columns[this.size] = j
        this.slots[j] = this.size++
      }
    const { columns, values, stride } = this
    this.work.kernels.products(x, n, columns, before, p, values, stride)
    for (let s = before; s < p; s++)
      for (let i = 0; i <= s; i++) {
        const v = values[s * stride + i]! / n
        values[s * stride + i] = v
        values[i * stride + s] = v
      }
  }

  private grow(): void {
    const stride = Math.min(this.p, 2 * this.stride)
    const values = this.work.floats(stride * stride)
    for (let i = 0; i < this.size; i++)
      values.set(this.values.subarray(i * this.stride, i * this.stride + this.size), i * stride)
    const columns = this.work.ints(stride)
    columns.set(this.columns)
    this.values = values
    this.columns = columns
    this.stride = stride
  }
}
