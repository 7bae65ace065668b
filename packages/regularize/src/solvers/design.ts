import { CotangentError, type Tensor } from '@cotangent/core'
import { dataOf } from '@cotangent/core/internal'
import type { Floats } from '../arrays/kernels.js'
import { Workspace } from '../arrays/workspace.js'
import { type Quadratic, quadratic } from './quadratic.js'

/** Data in arrays: the columns of X one after another. */
interface Columns {
  readonly n: number
  readonly p: number
  readonly x: Float64Array
  readonly y: Float64Array
}

/** Data in the memory in which they are worked on. */
export interface Design extends Columns {
  readonly work: Workspace
  readonly x: Floats
  readonly y: Floats
}

/** The numbers of a tensor that is known here, in doubles, to be read only; refuses what is not finite. */
export const numbersOf = (op: string, name: string, t: Tensor): Float64Array => {
  const data = dataOf(t)
  const values = data instanceof Float64Array ? data : new Float64Array(data)
  const bad = firstBad(values)
  if (bad === values.length) return values
  const width = t.rank === 2 ? t.shape[1]! : 1
  const place = t.rank === 2 ? `[${Math.floor(bad / width)}, ${bad % width}]` : `[${bad}]`
  throw new CotangentError('NonFinite', `${op}: ${name}${place} is ${values[bad]}. Drop or impute it.`, {
    op,
    shapes: [t.shape],
  })
}

/** The place of the first number that is not finite, or the length. */
const firstBad = (values: Float64Array): number => {
  // Such a number makes the sum of differences NaN.
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! - values[i]!
  if (sum === 0) return values.length
  let i = 0
  while (i < values.length && Number.isFinite(values[i]!)) i++
  return i
}

/** X and y copied out, X column by column. */
export const designOf = (op: string, X: Tensor, y: Tensor): Design => {
  const [n, p] = [X.shape[0]!, X.shape[1]!]
  const work = new Workspace(n * p)
  const x = work.floats(n * p)
  transposeInto(x, numbersOf(op, 'X', X), n, p)
  return { work, n, p, x, y: work.floatsOf(numbersOf(op, 'y', y)) }
}

const transposeInto = (x: Float64Array, rows: Float64Array, n: number, p: number): void => {
  // Blocks of rows that stay in the cache while their columns are written.
  for (let from = 0; from < n; from += 16)
    for (let j = 0; j < p; j++)
      for (let i = from, at = from * p + j, end = Math.min(from + 16, n); i < end; i++, at += p)
        x[j * n + i] = rows[at]!
}

/** A problem without an intercept, and the intercept that belongs to its solution. */
export interface Centred {
  readonly problem: Quadratic
  readonly bias: (w: Float64Array) => number
}

/** The least squares problem of some data, around the means where there is an intercept. */
export const problemOf = (design: Design, intercept: boolean): Centred =>
  intercept
    ? centred(design.work, design, intercept)
    : { problem: quadratic(design.work, design.x, design.y, design.p), bias: () => 0 }

/**
 * A weighted least squares problem; the weights hᵢ have mean 1 at most. With an intercept, columns and targets are taken
 * from their weighted means, which solves for it exactly.
 */
export const centred = (
  work: Workspace,
  { n, p, x, y }: Columns,
  intercept: boolean,
  weights?: Float64Array,
): Centred => {
  const roots = weights?.map(Math.sqrt)
  const total = weights === undefined ? n : weights.reduce((a, b) => a + b, 0)
  const means = new Float64Array(p)
  const out = work.floats(n * p)
  const copy = (from: Float64Array, at: number, to: Floats): number => {
    let mean = 0
    if (intercept) {
      for (let i = 0; i < n; i++) mean += from[at + i]! * (weights?.[i] ?? 1)
      mean /= total
    }
    for (let i = 0; i < n; i++) to[at + i] = (from[at + i]! - mean) * (roots?.[i] ?? 1)
    return mean
  }
  for (let j = 0; j < p; j++) means[j] = copy(x, j * n, out)
  const target = work.floats(n)
  const mean = copy(y, 0, target)
  const bias = (w: Float64Array): number => {
    let b = mean
    for (let j = 0; j < p; j++) b -= means[j]! * w[j]!
    return intercept ? b : 0
  }
  return { problem: quadratic(work, out, target, p), bias }
}
