import { range } from '@cotangent/core/internal'
import { type Arithmetic, ZERO } from './arithmetic.js'
import { type Entry, type Kernel, permuted, rowsAlong } from './kernel.js'
import { at, emptyFloats, type Pair, put } from './tensor.js'

const sumOver =
  ({ add }: Arithmetic): Kernel =>
  ({ inputs, params, outs }) => {
    const { rows, n } = rowsAlong(inputs[0]!, params.axes as readonly number[])
    const y = emptyFloats(outs[0]!)
    for (let i = 0; i < y.hi.length; i++) {
      let s = n > 0 ? at(rows, i * n) : ZERO
      for (let j = 1; j < n; j++) s = add(s, at(rows, i * n + j))
      put(y, i, s)
    }
    return [y]
  }

const cumsumOver =
  ({ add }: Arithmetic): Kernel =>
  ({ inputs, params }) => {
    const { axis, backwards } = params as { readonly axis: number; readonly backwards: boolean }
    const x = inputs[0]!
    const { rows, n } = rowsAlong(x, [axis])
    const y = emptyFloats(rows)
    for (let i = 0; i < y.hi.length; i += n) {
      let s: Pair | undefined
      for (let j = 0; j < n; j++) {
        const k = i + (backwards ? n - 1 - j : j)
        s = s ? add(s, at(rows, k)) : at(rows, k)
        put(y, k, s)
      }
    }
    // The axis goes back from the end to its place.
    const last = x.shape.length - 1
    const back = range(x.shape.length).map((i) => (i < axis ? i : i === axis ? last : i - 1))
    return [permuted(y, back)]
  }

/** Sums, over any arithmetic. */
export const sumsOver = (by: Arithmetic) =>
  ({ sum: sumOver(by), cumsum: cumsumOver(by) }) as const satisfies Readonly<Record<string, Entry>>
