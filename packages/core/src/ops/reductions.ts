import { fail } from '../errors.js'
import { constantLike, div, mul, square, sub } from '../primitives/arithmetic.js'
import { convert, stopGradient } from '../primitives/passing.js'
import * as p from '../primitives/reductions.js'
import { pad, permute, reshape, sliceAxis, sum as sumAxes } from '../primitives/structural.js'
import { normalAxis, range } from '../shape.js'
import { filled, type Tensor } from '../tensor.js'
import { operands } from './coerce.js'
import { rootSumSquares } from './norm.js'
import { checkOptions, countOf, keepAxes, type ReduceOptions, type Reduction, reduction } from './reduce.js'

// Sums, products, means and extrema over axes. Without `axis` all axes go; `keepDims` leaves each as 1.

/**
 * Σ x. Booleans are counted: their sum is int32. The sum of nothing is 0. Floats are summed pairwise.
 *
 * @example
 * sum(tensor([[1, 2], [3, 4]]), { axis: 0 }) // => [4, 6]
 */
export const sum = reduction<'sum', 'sum'>('sum', 'number', sumAxes)

// A balanced tree of products: the derivative multiplies the other factors and never divides by this one.
const productTree = (x: Tensor, axes: readonly number[]): Tensor => {
  const kept = range(x.rank).filter((i) => !axes.includes(i))
  const outer = kept.map((i) => x.shape[i]!)
  let n = countOf(x, axes)
  if (n === 0) return filled(1, outer, x.dtype)
  let rows = reshape(permute(x, [...kept, ...axes]), [...outer, n])
  for (const last = outer.length; n > 1; ) {
    const half = Math.ceil(n / 2)
    const tail = sliceAxis(rows, last, half, n)
    const none = outer.map(() => 0)
    rows = mul(
      sliceAxis(rows, last, 0, half),
      pad(tail, [...none, 0], [...none, 2 * half - n], [...none, 0], 1),
    )
    n = half
  }
  return reshape(rows, outer)
}

/**
 * Π x. The gradient at x is the product of the other entries, also where entries are 0. The product of nothing is 1.
 *
 * @example
 * prod(tensor([2, 3, 4])) // => 24
 * grad((x: Tensor) => prod(x))(tensor([0, 2, 3])) // => [6, 0, 0]
 */
export const prod = reduction<'sum', 'prod'>('prod', 'number', productTree)

const meanAxes = (x: Tensor, axes: readonly number[]): Tensor => {
  const total = sumAxes(x, axes)
  return div(total, constantLike(countOf(x, axes), total))
}

/**
 * Σ x / n; integers become float32. The mean of nothing is NaN.
 *
 * @example
 * mean(tensor([1, 2, 6])) // => 3
 */
export const mean = reduction<'float', 'mean'>('mean', 'float', meanAxes)

// The mean, taken twice: the second pass removes the rounding error of the first, so that equal entries deviate by
// exactly 0 and not by the rounding of their mean. The first mean is a shift, which no derivative depends on.
const deviations = (x: Tensor, axes: readonly number[]): Tensor => {
  const centred = sub(x, p.unreduce(stopGradient(meanAxes(x, axes)), x, axes))
  return sub(centred, p.unreduce(meanAxes(centred, axes), x, axes))
}

/** What variance and std divide by: n - ddof, and 1 for `ddof` makes the sample estimate of the variance unbiased. */
export interface Ddof {
  readonly ddof?: number
}
const divisor = (op: string, x: Tensor, axes: readonly number[], ddof: number): number =>
  Number.isFinite(ddof)
    ? Math.max(countOf(x, axes) - ddof, 0)
    : fail('Value', `${op}: ddof is ${ddof}, not a number of degrees of freedom. Use 0 or 1.`, { op })

/**
 * Σ (x - mean)² / (n - ddof), in two passes; `ddof` is 0. NaN where n ≤ ddof, as in NumPy.
 *
 * @example
 * variance(tensor([1, 2, 3, 4])) // => 1.25
 * variance(tensor([1, 3]), { ddof: 1 }) // => 2
 */
export const variance = reduction<'float', 'variance', Ddof>(
  'variance',
  'float',
  (x, axes, { ddof = 0 }: Ddof) => {
    const total = sumAxes(square(deviations(x, axes)), axes)
    return div(total, constantLike(divisor('variance', x, axes, ddof), total))
  },
)

/**
 * √variance, of entries of any magnitude. The gradient where all entries are equal is 0, the least-norm subgradient.
 *
 * @example
 * std(tensor([2, 4, 4, 4, 5, 5, 7, 9])) // => 2
 * grad((x: Tensor) => std(x))(tensor([3, 3])) // => [0, 0]
 */
export const std = reduction<'float', 'std', Ddof>('std', 'float', (x, axes, { ddof = 0 }: Ddof) =>
  rootSumSquares(deviations(x, axes), axes, divisor('std', x, axes, ddof)),
)

/**
 * The largest entry, NaN if there is one. Ties share the gradient: 1/k for each of k winners. Refuses empty axes.
 *
 * @example
 * max(tensor([[1, 5], [7, 2]]), { axis: 1 }) // => [5, 7]
 * grad((x: Tensor) => max(x))(tensor([1, 1, 0])) // => [0.5, 0.5, 0]
 */
export const max = reduction<'same', 'max'>('max', 'any', p.reduceMax)

/**
 * The smallest entry, NaN if there is one. Ties share the gradient: 1/k for each of k winners. Refuses empty axes.
 *
 * @example
 * min(tensor([[1, 5], [7, 2]]), { axis: 0 }) // => [1, 2]
 */
export const min = reduction<'same', 'min'>('min', 'any', p.reduceMin)

/**
 * Is every entry other than 0? True of nothing.
 *
 * @example
 * all(tensor([[1, 1], [1, 0]]), { axis: 1 }) // => [1, 0]
 */
export const all = reduction<'bool', 'all'>('all', 'any', (x, axes) => quantify(x, axes, 1))

/**
 * Is some entry other than 0? False of nothing.
 *
 * @example
 * any(tensor([[0, 0], [1, 0]]), { axis: 1 }) // => [0, 1]
 */
export const any = reduction<'bool', 'any'>('any', 'any', (x, axes) => quantify(x, axes, 0))

const quantify = (x: Tensor, axes: readonly number[], identity: 0 | 1): Tensor => {
  const bools = convert(x, 'bool')
  if (countOf(x, axes) > 0) return (identity === 1 ? p.reduceMin : p.reduceMax)(bools, axes)
  return filled(
    identity,
    x.shape.filter((_, i) => !axes.includes(i)),
    'bool',
  )
}

const position = <Op extends 'argmax' | 'argmin'>(
  op: Op,
  find: (x: Tensor, axis: number) => Tensor,
): Reduction<'int32', Op> =>
  ((x: unknown, options: ReduceOptions<number | undefined> = {}) => {
    const v = operands(op, [x], { to: 'any' })[0]!
    const { axis, keepDims = false } = checkOptions(op, options)
    // Without an axis the entries are numbered in row-major order.
    if (axis === undefined) {
      const y = find(reshape(v, [v.size]), 0)
      return keepDims ? keepAxes(y, v, range(v.rank)) : y
    }
    const at = normalAxis(op, axis, v.rank)
    const y = find(v, at)
    return keepDims ? keepAxes(y, v, [at]) : y
  }) as unknown as Reduction<'int32', Op>

/**
 * The int32 index of the first largest entry along one axis, or in row-major order; the first NaN wins.
 *
 * @example
 * argmax(tensor([[1, 5, 5], [7, 2, 0]]), { axis: 1 }) // => [1, 0]
 * argmax(tensor([[1, 5], [7, 2]])) // => 2
 */
export const argmax = position('argmax', p.argmax)

/**
 * The int32 index of the first smallest entry along one axis, or in row-major order; the first NaN wins.
 *
 * @example
 * argmin(tensor([[1, 5, 5], [7, 2, 0]]), { axis: 1 }) // => [0, 2]
 */
export const argmin = position('argmin', p.argmin)
