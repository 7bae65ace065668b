import { fail, showShape } from '../errors.js'
import * as p from '../primitives/arithmetic.js'
import { dot as dotPrimitive } from '../primitives/contraction.js'
import { convert } from '../primitives/passing.js'
import { broadcastShapes, normalAxis, range } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { Check, DTypeOf, Fits, MatMul, Promote, Shape, ShapeOf, Size } from '../types/index.js'
import { asTensor, commonDType, type Num, operands } from './coerce.js'
import { contractAll, type Labelled } from './contract.js'
import { flat } from './cut.js'

type Both<A, B> = Promote<DTypeOf<A, B>, DTypeOf<B, A>>

/** Operands in one dtype in which products add up: bools are counted as integers. */
export const factors = (op: string, xs: readonly unknown[]): Tensor[] => {
  const tensors = xs.map((x) => asTensor(op, x))
  const common = commonDType(xs as readonly Num[])
  return tensors.map((t) => convert(t, common === 'bool' ? 'int32' : common))
}

/** Names for leading axes that line up from the last one. */
const leading = (n: number): string[] => range(n).map((i) => `batch ${n - i}`)

const unfit = (op: string, a: Tensor, b: Tensor, why: string): never =>
  fail('Shape', `${op}: ${showShape(a.shape)} and ${showShape(b.shape)} do not fit: ${why}`, {
    op,
    shapes: [a.shape, b.shape],
  })

const lastButOne = (b: Tensor): string => (b.rank === 1 ? 'the only axis' : 'the second to last')

const checkInner = (op: string, a: Tensor, b: Tensor): void => {
  const [k, l] = [a.shape.at(-1)!, b.shape.at(b.rank === 1 ? -1 : -2)!]
  if (k !== l)
    unfit(op, a, b, `the last axis of the first (${k}) must equal ${lastButOne(b)} of the second (${l})`)
}

/**
 * The matrix product, by the rules of `numpy.matmul`: [n, k]·[k, m] gives [n, m]; leading axes broadcast; a vector on the
 * left is a row and on the right a column, and that axis is dropped again. Literal extents that do not fit are a compile
 * error, others a ShapeError.
 *
 * @example
 * matmul(tensor([[1, 2], [3, 4]]), tensor([[5, 6], [7, 8]])) // => [[19, 22], [43, 50]]
 * matmul(tensor([[1, 2], [3, 4]]), tensor([1, 1])) // => [3, 7]
 */
export const matmul = <A extends Tensor, B extends Tensor>(
  a: A,
  b: B & Check<MatMul<ShapeOf<A>, ShapeOf<B>>>,
): Tensor<Fits<MatMul<ShapeOf<A>, ShapeOf<B>>>, Both<A, B>> => {
  const [x, y] = factors('matmul', [a, b]) as [Tensor, Tensor]
  if (x.rank === 0 || y.rank === 0) unfit('matmul', x, y, 'a scalar has no axis to contract. Use mul.')
  checkInner('matmul', x, y)
  const [left, right] = [x.shape.slice(0, -2), y.shape.slice(0, -2)]
  const batch = leading(broadcastShapes('matmul: the batch axes', [left, right]).length)
  const rows = x.rank === 1 ? [] : ['row']
  const columns = y.rank === 1 ? [] : ['column']
  return contractAll(
    [
      { tensor: x, labels: [...leading(left.length), ...rows, 'inner'] },
      { tensor: y, labels: [...leading(right.length), 'inner', ...columns] },
    ],
    [...batch, ...rows, ...columns],
  ) as Tensor as Tensor<Fits<MatMul<ShapeOf<A>, ShapeOf<B>>>, Both<A, B>>
}

// Up to a matrix on the right, dot is matmul; beyond, it keeps the leading axes of both.
type Dot<A extends Shape, B extends Shape> = A['length'] extends 0
  ? B
  : B['length'] extends 0
    ? A
    : B['length'] extends 1 | 2
      ? MatMul<A, B, 'dot'>
      : Shape

/**
 * The product over the last axis of the first and the second to last (or only) axis of the second, as `numpy.dot`: of
 * vectors the inner product, of matrices the matrix product; a scalar multiplies. Leading axes of both are kept side by
 * side; {@link matmul} broadcasts them instead.
 *
 * @example
 * dot(tensor([1, 2]), tensor([3, 4])) // => 11
 */
export const dot = <A extends Num, B extends Num>(
  a: A,
  b: B & Check<Dot<ShapeOf<A>, ShapeOf<B>>>,
): Tensor<Fits<Dot<ShapeOf<A>, ShapeOf<B>>>, Both<A, B>> => {
  type Result = Tensor<Fits<Dot<ShapeOf<A>, ShapeOf<B>>>, Both<A, B>>
  const [x, y] = factors('dot', [a, b]) as [Tensor, Tensor]
  if (x.rank === 0 || y.rank === 0) {
    const [l, r] = operands('dot', [x, y])
    return p.mul(l!, r!) as Tensor as Result
  }
  checkInner('dot', x, y)
  return dotPrimitive(x, y, {
    contract: [[x.rank - 1], [Math.max(0, y.rank - 2)]],
    batch: [[], []],
  }) as Tensor as Result
}

/**
 * All products of an entry of `a` with one of `b`: out[i, j] = a[i]·b[j]. Operands are flattened, as in `numpy.outer`.
 *
 * @example
 * outer(tensor([1, 2]), tensor([3, 4])) // => [[3, 4], [6, 8]]
 */
export const outer = <A extends Num, B extends Num>(
  a: A,
  b: B,
): Tensor<[Size<ShapeOf<A>>, Size<ShapeOf<B>>], Both<A, B>> => {
  const [x, y] = factors('outer', [a, b]).map((t) => flat('outer', t)) as [Tensor, Tensor]
  return dotPrimitive(x, y, { contract: [[], []], batch: [[], []] }) as Tensor as Tensor<
    [Size<ShapeOf<A>>, Size<ShapeOf<B>>],
    Both<A, B>
  >
}

/** Axes to contract: how many of the last of `a` with the first of `b`, or which of each. */
export type TensordotAxes =
  | number
  | readonly [number, number]
  | readonly [readonly number[], readonly number[]]

const pairs = (
  a: Tensor,
  b: Tensor,
  axes: TensordotAxes,
): readonly [readonly number[], readonly number[]] => {
  if (typeof axes === 'number') {
    if (!Number.isInteger(axes) || axes < 0 || axes > Math.min(a.rank, b.rank))
      unfit('tensordot', a, b, `they do not have ${axes} axes to contract`)
    return [range(axes).map((i) => a.rank - axes + i), range(axes)]
  }
  const [left, right] = axes
  const of = (x: number | readonly number[], rank: number): number[] =>
    (typeof x === 'number' ? [x] : x).map((i) => normalAxis('tensordot', i, rank))
  return [of(left, a.rank), of(right, b.rank)]
}

/**
 * The product summed over pairs of axes, as `numpy.tensordot`: what is left of `a`, then what is left of `b`. `axes` is a
 * number n (the last n of `a` with the first n of `b`; default 2), or the axes of each.
 *
 * @example
 * tensordot(tensor([[1, 2], [3, 4]]), tensor([[1, 0], [0, 1]])) // => 5
 * tensordot(tensor([[1, 2], [3, 4]]), tensor([1, 1]), [[0], [0]]) // => [4, 6]
 */
export const tensordot = <A extends Num, B extends Num>(
  a: A,
  b: B,
  axes: TensordotAxes = 2,
): Tensor<Shape, Both<A, B>> => {
  const [x, y] = factors('tensordot', [a, b]) as [Tensor, Tensor]
  const [left, right] = pairs(x, y, axes)
  if (left.length !== right.length || new Set(left).size < left.length || new Set(right).size < right.length)
    unfit('tensordot', x, y, `axes ${showShape(left)} and ${showShape(right)} do not pair up one to one`)
  left.forEach((l, i) => {
    const [m, n] = [x.shape[l], y.shape[right[i]!]]
    if (m !== n)
      unfit(
        'tensordot',
        x,
        y,
        `axis ${l} of the first (${m}) must equal axis ${right[i]} of the second (${n})`,
      )
  })
  const first: Labelled = { tensor: x, labels: range(x.rank).map((i) => `left ${i}`) }
  const second = range(y.rank).map((i) =>
    right.includes(i) ? `left ${left[right.indexOf(i)]}` : `right ${i}`,
  )
  return contractAll(
    [first, { tensor: y, labels: second }],
    [...first.labels.filter((_, i) => !left.includes(i)), ...second.filter((_, i) => !right.includes(i))],
  ) as Tensor as Tensor<Shape, Both<A, B>>
}
