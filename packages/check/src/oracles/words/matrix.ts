import { isFloat, sizeOf } from '@cotangent/core/internal'
import { type Arithmetic, NAN, ONE, ZERO } from './arithmetic.js'
import type { Call } from './kernel.js'
import { at, emptyFloats, ofIntegers, type Pair, put, type WordTensor } from './tensor.js'

/** A matrix of pairs, row-major, to be written. */
export interface Matrix {
  readonly rows: number
  readonly cols: number
  readonly data: Pair[]
}

export const matrix = (rows: number, cols: number, entry: (i: number, j: number) => Pair): Matrix => {
  const data: Pair[] = []
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) data.push(entry(i, j))
  return { rows, cols, data }
}
export const get = (a: Matrix, i: number, j: number): Pair => a.data[i * a.cols + j]!
export const set = (a: Matrix, i: number, j: number, x: Pair): void => {
  a.data[i * a.cols + j] = x
}
export const identity = (n: number): Matrix => matrix(n, n, (i, j) => (i === j ? ONE : ZERO))
export const transposed = (a: Matrix): Matrix => matrix(a.cols, a.rows, (i, j) => get(a, j, i))
export const nanMatrix = (rows: number, cols: number): Matrix => matrix(rows, cols, () => NAN)
export const isFiniteMatrix = (a: Matrix): boolean => a.data.every(([hi]) => Number.isFinite(hi))
export const largest = (a: Matrix): number => a.data.reduce((m, [hi]) => Math.max(m, Math.abs(hi)), 0)

/** (A + Aᵀ)/2. */
export const symmetrized = ({ add, scale }: Arithmetic, a: Matrix): Matrix =>
  matrix(a.rows, a.cols, (i, j) => (i === j ? get(a, i, i) : scale(add(get(a, i, j), get(a, j, i)), 0.5)))

/** Σ over k < n of f(k)·g(k). */
export const dotted = (
  { add, mul }: Arithmetic,
  n: number,
  f: (k: number) => Pair,
  g: (k: number) => Pair,
): Pair => {
  let s = ZERO
  for (let k = 0; k < n; k++) s = add(s, mul(f(k), g(k)))
  return s
}

/**
 * The row of the entry that makes the sign of a column canonical, as core has it: the first whose size is within
 * 1 - 1e-8 of the largest.
 */
export const leadingRow = (a: Matrix, j: number): number => {
  const sizes = Array.from({ length: a.rows }, (_, i) => Math.abs(get(a, i, j)[0]))
  const bound = Math.max(...sizes) * (1 - 1e-8)
  return sizes.findIndex((s) => s >= bound)
}

/** Runs a factorisation on each matrix of a batch; each result is a matrix, or a list of integers. */
export const eachMatrix = (
  { inputs, outs }: Call,
  factor: (...matrices: Matrix[]) => readonly (Matrix | readonly number[])[],
): WordTensor[] => {
  const results = outs.map((o) =>
    isFloat(o.dtype) ? emptyFloats(o) : ofIntegers(o, new Int32Array(sizeOf(o.shape))),
  )
  const count = sizeOf(inputs[0]!.shape.slice(0, -2))
  for (let b = 0; b < count; b++) {
    const read = inputs.map((x) => {
      const [m, n] = x.shape.slice(-2)
      return matrix(m!, n!, (i, j) => at(x, (b * m! + i) * n! + j))
    })
    factor(...read).forEach((value, k) => {
      const list: readonly Pair[] = 'data' in value ? value.data : value.map((x): Pair => [x, 0])
      list.forEach((x, i) => {
        put(results[k]!, b * list.length + i, x)
      })
    })
  }
  return results
}
