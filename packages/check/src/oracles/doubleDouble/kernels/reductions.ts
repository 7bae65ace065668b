import { isFloat, range, sizeOf } from '@cotangent/core/internal'
import { type Entry, type Kernel, rowsAlong } from '../../words/kernel.js'
import { compare } from '../arithmetic.js'
import { at, type DoubleDoubleTensor, emptyFloats, ofIntegers, put } from '../tensor.js'

interface Axes {
  readonly axes: readonly number[]
}

const isNaNAt = (x: DoubleDoubleTensor, i: number): boolean => Number.isNaN(x.hi[i]!)

/** Where in each row of n the extremum is first found; the first NaN wins. */
const winner = (rows: DoubleDoubleTensor, from: number, n: number, sign: 1 | -1): number => {
  let best = 0
  for (let j = 1; j < n && !isNaNAt(rows, from + best); j++)
    if (isNaNAt(rows, from + j) || sign * compare(at(rows, from + j), at(rows, from + best)) > 0) best = j
  return best
}

/** The decision is the whole set of winners: at a tie it differs from that on either side. */
const extremum =
  (sign: 1 | -1): Kernel =>
  ({ inputs, params, outs, decide }) => {
    const { rows, n } = rowsAlong(inputs[0]!, (params as unknown as Axes).axes)
    const y = emptyFloats(outs[0]!)
    for (let i = 0; i < y.hi.length; i++) {
      const best = at(rows, i * n + winner(rows, i * n, n, sign))
      for (let j = 0; j < n; j++) if (compare(at(rows, i * n + j), best) === 0) decide(j)
      put(y, i, best)
    }
    return [y]
  }

const argExtremum =
  (sign: 1 | -1): Kernel =>
  ({ inputs, params, outs, decide }) => {
    const { rows, n } = rowsAlong(inputs[0]!, [(params as { readonly axis: number }).axis])
    const y = new Int32Array(sizeOf(outs[0]!.shape))
    for (let i = 0; i < y.length; i++) {
      y[i] = winner(rows, i * n, n, sign)
      decide(y[i]!)
    }
    return [ofIntegers(outs[0]!, y)]
  }

const sort: Kernel = ({ inputs, outs, decide }) => {
  const keys = inputs[0]!
  const n = keys.shape.at(-1)!
  const results = outs.map((o) =>
    isFloat(o.dtype) ? emptyFloats(o) : ofIntegers(o, inputs[outs.indexOf(o)]!.hi.slice()),
  )
  for (let from = 0; from < keys.hi.length; from += n) {
    const order = range(n).sort((p, q) => {
      const c = compare(at(keys, from + p), at(keys, from + q))
      const nanLast = Number(isNaNAt(keys, from + p)) - Number(isNaNAt(keys, from + q))
      return nanLast || c || p - q
    })
    order.forEach((p, j) => {
      decide(p)
      // A tie is a decision too.
      if (j > 0 && compare(at(keys, from + p), at(keys, from + order[j - 1]!)) === 0) decide(-1)
      results.forEach((y, k) => {
        put(y, from + j, at(inputs[k]!, from + p))
      })
    })
  }
  return results
}

export const reductions = {
  reduceMax: extremum(1),
  reduceMin: extremum(-1),
  argmax: argExtremum(1),
  argmin: argExtremum(-1),
  sort,
} as const satisfies Readonly<Record<string, Entry>>
