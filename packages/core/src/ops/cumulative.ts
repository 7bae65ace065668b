import { add, constantLike, div, equal, greater, less, max, min, mul } from '../primitives/arithmetic.js'
import { select } from '../primitives/passing.js'
import * as p from '../primitives/reductions.js'
import { normalAxis } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { applyOp } from '../transforms/op.js'
import type { DTypeOf, ShapeOf } from '../types/index.js'
import { associativeScan } from './associativeScan.js'
import { type Num, operands } from './coerce.js'
import { checkOptions, type ResultDType } from './reduce.js'

/** Along which axis (the last unless told), and from which end. */
export interface CumulativeOptions {
  readonly axis?: number
  /** From the last entry to the first. */
  readonly reverse?: boolean
}
type Along<X, Kind extends keyof ResultDType> = Tensor<ShapeOf<X>, ResultDType<DTypeOf<X>>[Kind]>

const cumulative =
  <Kind extends 'sum' | 'same'>(
    op: string,
    to: 'number' | 'any',
    f: (x: Tensor, axis: number, backwards: boolean) => Tensor,
  ) =>
  <X extends Num>(x: X, options: CumulativeOptions = {}): Along<X, Kind> => {
    const v = operands(op, [x], { to })[0]!
    const { axis = -1, reverse = false } = checkOptions(op, options)
    return f(v, normalAxis(op, axis, v.rank), reverse) as Tensor as Along<X, Kind>
  }

/**
 * Running sums along the last axis, or along `axis`; with `reverse` from the end. Booleans are counted in int32.
 * (NumPy flattens when it is told no axis; here every axis but one is left alone.)
 *
 * @example
 * cumsum(tensor([1, 2, 3])) // => [1, 3, 6]
 * cumsum(tensor([[1, 2], [3, 4]]), { axis: 0, reverse: true }) // => [[4, 6], [3, 4]]
 */
export const cumsum = cumulative<'sum'>('cumsum', 'number', p.cumsum)

/**
 * Running products along the last axis, or along `axis`. The derivative never divides, so zeros are no trouble.
 *
 * @example
 * cumprod(tensor([1, 2, 3])) // => [1, 2, 6]
 * grad((x: Tensor) => sum(cumprod(x)))(tensor([0, 2, 3])) // => [9, 0, 0]
 */
export const cumprod = cumulative<'sum'>(
  'cumprod',
  'number',
  (x, axis, backwards) => associativeScan(([a], [b]) => [mul(a!, b!)], [x], axis, backwards)[0]!,
)

// Value, sum of the winners' tangents and their number travel together; equal values pool theirs. A chain of binary
// maxima would halve the share of a tie each time it is compared.
const extremum = (op: 'cummax' | 'cummin') => {
  const pick = op === 'cummax' ? max : min
  const wins = op === 'cummax' ? greater : less
  return cumulative<'same'>(op, 'any', (x, axis, backwards) =>
    x.size === 0
      ? x
      : applyOp(
          {
            name: op,
            key: `${axis} ${backwards}`,
            expand: (v) => associativeScan(([a], [b]) => [pick(a!, b!)], [v!], axis, backwards),
            jvp: ([v], [t]) => {
              const [, total, count] = associativeScan(
                ([a, ta, na], [b, tb, nb]) => {
                  const [first, tie] = [wins(a!, b!), equal(a!, b!)]
                  const share = (u: Tensor, w: Tensor) => select(first, u, select(tie, add(u, w), w))
                  return [pick(a!, b!), share(ta!, tb!), share(na!, nb!)]
                },
                [v!, t!, constantLike(1, v!)],
                axis,
                backwards,
              )
              return [div(total!, count!)]
            },
          },
          [x],
        )[0]!,
  )
}

/**
 * Running maxima along the last axis, or along `axis`. Of k equal maxima so far each has 1/k of the gradient.
 *
 * @example
 * cummax(tensor([1, 3, 2, 5])) // => [1, 3, 3, 5]
 * jvp((x: Tensor) => cummax(x), [tensor([3, 1, 3])], [tensor([1, 0, 0])])[1] // => [1, 1, 0.5]
 */
export const cummax = extremum('cummax')

/**
 * Running minima along the last axis, or along `axis`. Of k equal minima so far each has 1/k of the gradient.
 *
 * @example
 * cummin(tensor([3, 1, 2, 0])) // => [3, 1, 1, 0]
 */
export const cummin = extremum('cummin')
