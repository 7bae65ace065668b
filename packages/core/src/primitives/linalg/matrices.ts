import { allocate } from '../../dtype.js'
import { fail, showShape } from '../../errors.js'
import type { Aval } from '../../graph/ir.js'
import { range, sizeOf } from '../../shape.js'
import { dataOf, fromData, type Tensor } from '../../tensor.js'
import type { Shape } from '../../types/index.js'
import { add, constantLike, mul, scale } from '../arithmetic.js'
import { dot } from '../contraction.js'
import { needFloat } from '../define.js'
import { select } from '../passing.js'
import { broadcast, permute, sum } from '../structural.js'

// What the rules of linear algebra are written with. A matrix is the last two axes of a tensor [..., m, n]; all axes
// before them are batch axes, and two operands have the same ones.

/** A·B over equal batch axes. */
export const matmul = (a: Tensor, b: Tensor): Tensor => {
  const lead = range(a.rank - 2)
  return dot(a, b, { contract: [[a.rank - 1], [b.rank - 2]], batch: [lead, lead] })
}

/** Aᵀ of each matrix. */
export const transposed = (a: Tensor): Tensor => permute(a, [...range(a.rank - 2), a.rank - 1, a.rank - 2])

/** (A + Aᵀ)/2. */
export const symmetrized = (a: Tensor): Tensor => scale(add(a, transposed(a)), 0.5)

/** The same m by n matrix of constants, computed from its indices, for each matrix of a batch shape. */
export const constantMatrix = (
  shape: Shape,
  dtype: Aval['dtype'],
  entry: (i: number, j: number) => number,
): Tensor => {
  const [m, n] = [shape.at(-2)!, shape.at(-1)!]
  const data = allocate(dtype, m * n)
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) data[i * n + j] = entry(i, j)
  return broadcast(fromData(data, [m, n], dtype), shape, [shape.length - 2, shape.length - 1])
}

/** The identity for each matrix of `shape`. */
export const identity = (shape: Shape, dtype: Aval['dtype']): Tensor =>
  constantMatrix(shape, dtype, (i, j) => (i === j ? 1 : 0))

/** The entries in certain places; elsewhere exactly 0, whatever was there. */
const entriesWhere = (x: Tensor, keep: (i: number, j: number) => boolean): Tensor =>
  select(
    constantMatrix(x.shape, 'bool', (i, j) => Number(keep(i, j))),
    x,
    constantLike(0, x),
  )

/** Entries on one side of the diagonal, the diagonal included or not; zeros elsewhere. */
export const triangle = (x: Tensor, lower: boolean, strict = false): Tensor =>
  entriesWhere(x, (i, j) => (lower ? i - j : j - i) >= (strict ? 1 : 0))

/** The lower triangle with the diagonal halved: Φ(X) + Φ(X)ᵀ = X for symmetric X. */
export const halfTriangle = (x: Tensor): Tensor =>
  mul(
    triangle(x, true),
    constantMatrix(x.shape, x.dtype, (i, j) => (i === j ? 0.5 : 1)),
  )

/** The diagonal as a vector: [..., n, n] -> [..., n]. */
export const diagonal = (x: Tensor): Tensor =>
  sum(
    entriesWhere(x, (i, j) => i === j),
    [x.rank - 1],
  )

/** v[..., j] in every row: [..., n] -> [..., m, n]. */
export const inColumns = (v: Tensor, m: number): Tensor =>
  broadcast(v, [...v.shape.slice(0, -1), m, v.shape.at(-1)!], [...range(v.rank - 1), v.rank])

/** v[..., i] in every column: [..., m] -> [..., m, n]. */
export const inRows = (v: Tensor, n: number): Tensor => broadcast(v, [...v.shape, n], range(v.rank))

/** A scalar of each matrix in all its entries: [...] -> [..., m, n]. */
export const inMatrices = (v: Tensor, shape: Shape): Tensor => broadcast(v, shape, range(v.rank))

/** Spacing of the floats at 1. */
export const epsilon = (dtype: Aval['dtype']): number => (dtype === 'float32' ? 2 ** -23 : 2 ** -52)

/** Refuses what is not a stack of float matrices. */
export const needMatrix = (op: string, a: Aval): Aval => {
  if (a.shape.length < 2)
    fail(
      'Shape',
      `${op}: needs a matrix [..., m, n], not ${showShape(a.shape)}. Use expandDims to make a vector a matrix.`,
      { op, shapes: [a.shape] },
    )
  return needFloat(op, a)
}
/** Refuses what is not a stack of square float matrices. */
export const needSquare = (op: string, a: Aval): Aval => {
  if (a.shape.length < 2 || a.shape.at(-1) !== a.shape.at(-2))
    fail(
      'Shape',
      `${op}: needs a square matrix, not ${showShape(a.shape)}. The last two axes must have the same length.`,
      { op, shapes: [a.shape] },
    )
  return needFloat(op, a)
}

/** Runs a kernel on each matrix, in double, and rounds its results into the outputs. */
export const eachMatrix = (
  inputs: readonly Tensor[],
  outs: readonly Aval[],
  kernel: (...matrices: Float64Array[]) => readonly ArrayLike<number>[],
  coreRanks: readonly number[] = outs.map(() => 2),
): readonly Tensor[] => {
  const count = sizeOf(inputs[0]!.shape.slice(0, -2))
  const data = inputs.map((x) => dataOf(x))
  const steps = inputs.map((x) => sizeOf(x.shape.slice(-2)))
  const results = outs.map((o) => allocate(o.dtype, sizeOf(o.shape)))
  const widths = outs.map((o, k) => sizeOf(o.shape.slice(o.shape.length - coreRanks[k]!)))
  for (let i = 0; i < count; i++) {
    const values = kernel(
      ...data.map((d, k) => Float64Array.from(d.subarray(i * steps[k]!, (i + 1) * steps[k]!))),
    )
    values.forEach((v, k) => {
      results[k]!.set(v, i * widths[k]!)
    })
  }
  return results.map((r, k) => fromData(r, outs[k]!.shape, outs[k]!.dtype))
}

/** (A + Aᵀ)/2 of one matrix. */
export const symmetricInDouble = (a: Float64Array, n: number): Float64Array => {
  const s = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      s[i * n + j] = i === j ? a[i * n + i]! : 0.5 * a[i * n + j]! + 0.5 * a[j * n + i]!
  return s
}

/** Matrices in a shape. */
export const countOf = (a: Aval): number => sizeOf(a.shape.slice(0, -2))
