import type { Aval, GraphIR, Params, Primitive } from '@cotangent/core/internal'
import { fromData, isFloat, PRIMITIVES } from '@cotangent/core/internal'
import { ofIntegers, type WordTensor } from './tensor.js'

/** One application of a primitive. */
export interface Call {
  readonly row: Primitive
  readonly inputs: readonly WordTensor[]
  readonly params: Params
  readonly outs: readonly Aval[]
  /** Records a discrete decision: a sign, an index, a truth value. */
  readonly decide: (what: number) => void
  /** Evaluates a graph inside the node. */
  readonly evaluate: (graph: GraphIR, inputs: readonly WordTensor[]) => WordTensor[]
}

/** The meaning of a primitive over pairs of words. */
export type Kernel = (call: Call) => readonly WordTensor[]

/** A kernel, or that there is none and the caller needs another oracle. */
export type Entry = Kernel | 'unavailable'

const wide = (aval: Aval): Aval => (isFloat(aval.dtype) ? { shape: aval.shape, dtype: 'float64' } : aval)
const word = (x: WordTensor, which: 'hi' | 'lo') =>
  isFloat(x.dtype) ? fromData(x[which], x.shape, 'float64') : fromData(x.hi, x.shape, x.dtype)

/**
 * Runs the float64 kernel on the high words and again on the low words: right for whatever only moves elements.
 * `lowParams` are for the second run, where a constant that is put in must be 0.
 */
export const moveWords = (
  row: Primitive,
  inputs: readonly WordTensor[],
  params: Params,
  outs: readonly Aval[],
  lowParams = params,
): WordTensor[] => {
  const avals = outs.map(wide)
  const run = (which: 'hi' | 'lo', p: Params) =>
    row.kernel(
      inputs.map((x) => word(x, which)),
      p,
      avals,
    )
  const hi = run('hi', params)
  const lo = outs.some((o) => isFloat(o.dtype)) ? run('lo', lowParams) : hi
  return outs.map((o, k) => {
    // Some kernels return a view of their operand; words are never written after they are made, so that is safe.
    const data = hi[k]!.toTypedArray()
    return isFloat(o.dtype)
      ? { shape: o.shape, dtype: o.dtype, hi: data, lo: lo[k]!.toTypedArray() as Float64Array }
      : ofIntegers(o, data)
  })
}

/** The kernel that only moves elements. */
export const moving: Kernel = ({ row, inputs, params, outs }) => moveWords(row, inputs, params, outs)

/** Axes in another order. */
export const permuted = (x: WordTensor, perm: readonly number[]): WordTensor =>
  perm.every((p, i) => p === i)
    ? x
    : moveWords(PRIMITIVES.get('permute')!, [x], { perm }, [
        { shape: perm.map((p) => x.shape[p]!), dtype: x.dtype },
      ])[0]!

/** The same elements with some axes last, and the number of elements along those. */
export const rowsAlong = (
  x: WordTensor,
  axes: readonly number[],
): { readonly rows: WordTensor; readonly n: number } => ({
  rows: permuted(x, [...x.shape.keys()].filter((i) => !axes.includes(i)).concat(axes)),
  n: axes.reduce((n, a) => n * x.shape[a]!, 1),
})
