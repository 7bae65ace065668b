import { jit, matmul, type Tensor, transpose } from '@cotangent/core'
import { dataOf, fromData } from '@cotangent/core/internal'
import { dots } from './kernels.js'

/** From so many columns on, one product of matrices by compiled code is faster than columns one by one. */
const MANY = 64

const products = jit((a: Tensor, b: Tensor) => matmul(a, transpose(b)) as Tensor)

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

  /** Slots for all columns that have none. */
  addAll(): void {
    const { x, n, p } = this
    const before = this.size
    if (p - before < MANY) {
      for (let j = 0; j < p; j++) this.add(j)
      return
    }
    while (this.stride < p) this.grow()
    for (let j = 0; j < p; j++)
      if (this.slots[j]! < 0) {
        this.columns[this.size] = j
        this.slots[j] = this.size++
      }
    const { columns, values, stride } = this
    const ordered = new Float64Array(p * n)
    for (let s = 0; s < p; s++) ordered.set(x.subarray(columns[s]! * n, columns[s]! * n + n), s * n)
    const fresh = fromData(ordered.slice(before * n), [p - before, n], 'float64')
    const block = dataOf(products(fresh, fromData(ordered, [p, n], 'float64')))
    for (let s = before; s < p; s++)
      for (let i = 0; i < p; i++) {
        const v = block[(s - before) * p + i]! / n
        values[s * stride + i] = v
        values[i * stride + s] = v
      }
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
