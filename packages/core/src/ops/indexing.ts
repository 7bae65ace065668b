import { fail, showShape } from '../errors.js'
import * as p from '../primitives/arithmetic.js'
import { gather, scatter } from '../primitives/indexing.js'
import { convert, select } from '../primitives/passing.js'
import * as s from '../primitives/structural.js'
import { broadcastShapes, normalAxis, range } from '../shape.js'
import { dataOf, fromData, symOf, Tensor } from '../tensor.js'
import type { DType, DTypeOf, Shape, ShapeOf } from '../types/index.js'
import { asTensor, broadcastTensor, commonDType, type Num } from './coerce.js'
import { flat } from './cut.js'
import type { AxisOption } from './join.js'

/** Positions: an int32 tensor, an integer, or a list of them. */
export type Indices = Tensor | number | readonly number[]

const asIndices = (op: string, indices: Indices): Tensor => {
  if (indices instanceof Tensor)
    return indices.dtype === 'int32'
      ? indices
      : fail('DType', `${op}: indices must be int32, not ${indices.dtype}. Use cast(indices, 'int32').`, {
          op,
          shapes: [indices.shape],
        })
  const list = typeof indices === 'number' ? [indices] : indices
  const bad = Array.isArray(list) ? list.find((i) => !Number.isInteger(i)) : indices
  if (bad !== undefined) fail('Index', `${op}: ${JSON.stringify(bad)} is not an index.`, { op })
  return fromData(Int32Array.from(list), typeof indices === 'number' ? [] : [list.length], 'int32')
}

/** Indices counted from the end become indices from the front. Known ones are checked as the caller wrote them. */
const wrap = (op: string, indices: Tensor, n: number): Tensor => {
  const negative = p.less(indices, p.constantLike(0, indices))
  if (symOf(indices) === undefined) {
    const data = dataOf(indices)
    const bad = data.find((i) => i < -n || i >= n)
    if (bad !== undefined)
      fail(
        'Index',
        `${op}: index ${bad} is out of range for an axis of length ${n}. ` +
          (n === 0 ? 'It has no entries.' : `Use 0 to ${n - 1}, or -${n} to -1 from the end.`),
        { op, shapes: [indices.shape] },
      )
    if (data.every((i) => i >= 0)) return indices
  }
  return select(negative, p.shift(indices, n), indices)
}

type TakeShape<I, A> = A extends undefined
  ? I extends number
    ? []
    : I extends readonly number[]
      ? [number]
      : ShapeOf<I>
  : Shape

/**
 * The entries at the given positions along an axis, which the axes of `indices` replace; without an axis, of the
 * flattened tensor, as `numpy.take`. Negative indices count from the end. Its adjoint is {@link scatterAdd}: an entry
 * taken twice collects both cotangents. An index outside the axis is an IndexError.
 *
 * @example
 * take(tensor([[1, 2], [3, 4], [5, 6]]), [2, 0, -1], { axis: 0 }) // => [[5, 6], [1, 2], [5, 6]]
 * take(tensor([[1, 2], [3, 4]]), 1, { axis: 1 }) // => [2, 4]
 */
export const take = <X extends Tensor, I extends Indices, A extends number | undefined = undefined>(
  x: X,
  indices: I,
  { axis }: { readonly axis?: A } = {},
): Tensor<TakeShape<I, A>, DTypeOf<X>> => {
  const t = axis === undefined ? flat('take', x) : asTensor('take', x)
  const at = normalAxis('take', axis ?? 0, t.rank)
  const idx = wrap('take', asIndices('take', indices), t.shape[at]!)
  return gather(t, idx, { axis: at, batchDims: 0 }) as Tensor as Tensor<TakeShape<I, A>, DTypeOf<X>>
}

/**
 * One list of positions for each row: y[.., i, ..] = x[.., indices[.., i, ..], ..] along an axis (default the last), as
 * `numpy.take_along_axis`. The other axes broadcast. Negative indices count from the end.
 *
 * @example
 * takeAlongAxis(tensor([[1, 2], [3, 4]]), tensor([[1], [0]], { dtype: 'int32' }), { axis: 1 }) // => [[2], [3]]
 */
export const takeAlongAxis = <X extends Tensor>(
  x: X,
  indices: Tensor,
  { axis = -1 }: AxisOption = {},
): Tensor<{ -readonly [K in keyof X['shape']]: number } & Shape, DTypeOf<X>> => {
  const op = 'takeAlongAxis'
  const t = asTensor(op, x)
  const idx = asIndices(op, indices)
  const at = normalAxis(op, axis, t.rank)
  if (idx.rank !== t.rank)
    fail(
      'Shape',
      `${op}: ${showShape(t.shape)} and indices ${showShape(idx.shape)} have different ranks. Give one list of indices for each row.`,
      { op, shapes: [t.shape, idx.shape] },
    )
  const last = t.rank - 1
  const [rows, places] = [s.moveAxis(t, at, last), s.moveAxis(wrap(op, idx, t.shape[at]!), at, last)]
  const lead = broadcastShapes(op, [rows.shape.slice(0, -1), places.shape.slice(0, -1)])
  const y = gather(
    broadcastTensor(rows, [...lead, rows.shape[last]!]),
    broadcastTensor(places, [...lead, places.shape[last]!]),
    { axis: last, batchDims: last },
  )
  return s.moveAxis(y, last, at) as Tensor as Tensor<
    { -readonly [K in keyof X['shape']]: number } & Shape,
    DTypeOf<X>
  >
}

/**
 * `x` with `updates` added at the given positions of an axis (default 0); positions named twice get both. `updates` has
 * the shape of `take(x, indices, { axis })` or broadcasts to it.
 *
 * @example
 * scatterAdd(tensor([1, 1, 1]), [0, 2, 2], tensor([10, 20, 30])) // => [11, 1, 51]
 */
export const scatterAdd = <X extends Tensor>(
  x: X,
  indices: Indices,
  updates: Num,
  { axis = 0 }: AxisOption = {},
): Tensor<X['shape'], DTypeOf<X>> => {
  const op = 'scatterAdd'
  const dtype = commonDType([x, updates])
  const t = convert(asTensor(op, x), dtype)
  const u = convert(asTensor(op, updates, dtype), dtype)
  const at = normalAxis(op, axis, t.rank)
  const n = t.shape[at]!
  const idx = wrap(op, asIndices(op, indices), n)
  const target = [...t.shape.slice(0, at), ...idx.shape, ...t.shape.slice(at + 1)]
  const offset = target.length - u.rank
  if (offset < 0 || u.shape.some((d, i) => d !== 1 && d !== target[i + offset]))
    fail(
      'Shape',
      `${op}: updates ${showShape(u.shape)} do not fit ${showShape(target)}, what indices ${showShape(idx.shape)} address in ${showShape(t.shape)} along axis ${at}.`,
      { op, shapes: [t.shape, idx.shape, u.shape] },
    )
  const added = scatter(broadcastTensor(u, target), idx, { axis: at, batchDims: 0, n })
  return p.add(t, added) as Tensor as Tensor<X['shape'], DTypeOf<X>>
}

/**
 * Rows of the identity: a new last axis of length n that is 1 at the index and 0 elsewhere; an index outside gives a row
 * of zeros, as `jax.nn.one_hot`.
 *
 * @example
 * oneHot([1, 0, 5], 2) // => [[0, 1], [1, 0], [0, 0]]
 */
export const oneHot = <I extends Indices, const N extends number, D extends DType = 'float32'>(
  indices: I,
  n: N,
  { dtype = 'float32' as D }: { readonly dtype?: D } = {},
): Tensor<[...(I extends readonly number[] ? [number] : ShapeOf<I>), N], D> => {
  if (!Number.isInteger(n) || n < 0)
    fail('Value', `oneHot: ${n} is not a number of classes. It is an integer of at least 0.`, {
      op: 'oneHot',
    })
  const idx = indices instanceof Tensor ? indices : asIndices('oneHot', indices)
  const whole = idx.dtype === 'bool' ? convert(idx, 'int32') : idx
  const shape = [...idx.shape, n]
  const classes = convert(fromData(Int32Array.from(range(n)), [n], 'int32'), whole.dtype)
  const hit = p.equal(s.broadcast(whole, shape, range(idx.rank)), s.broadcast(classes, shape, [idx.rank]))
  return convert(hit, dtype) as Tensor as Tensor<
    [...(I extends readonly number[] ? [number] : ShapeOf<I>), N],
    D
  >
}

/**
 * Each entry n times in a row along an axis, or each as often as its entry in `n` says; without an axis, of the
 * flattened tensor, as `numpy.repeat`.
 *
 * @example
 * repeat(tensor([1, 2]), 2) // => [1, 1, 2, 2]
 * repeat(tensor([[1, 2], [3, 4]]), [2, 1], { axis: 0 }) // => [[1, 2], [1, 2], [3, 4]]
 */
export const repeat = <X extends Tensor>(
  x: X,
  n: number | readonly number[],
  { axis }: AxisOption = {},
): Tensor<Shape, DTypeOf<X>> => {
  const t = axis === undefined ? flat('repeat', x) : asTensor('repeat', x)
  const at = normalAxis('repeat', axis ?? 0, t.rank)
  const extent = t.shape[at]!
  const counts = typeof n === 'number' ? new Array<number>(extent).fill(n) : n
  if (
    !Array.isArray(counts) ||
    counts.length !== extent ||
    [n].flat().some((k) => !Number.isInteger(k) || k < 0)
  )
    fail(
      'Value',
      `repeat: cannot repeat the ${extent} entries along axis ${at} of ${showShape(t.shape)} ${JSON.stringify(n)} times. Give one integer of at least 0, or one for each entry.`,
      { op: 'repeat', shapes: [t.shape] },
    )
  if (typeof n === 'number') {
    const spread = s.broadcast(
      t,
      [...t.shape.slice(0, at + 1), n, ...t.shape.slice(at + 1)],
      range(t.rank).map((i) => (i <= at ? i : i + 1)),
    )
    return s.reshape(
      spread,
      t.shape.map((d, i) => (i === at ? d * n : d)),
    ) as Tensor as Tensor<Shape, DTypeOf<X>>
  }
  const places = counts.flatMap((k, i) => new Array<number>(k).fill(i))
  return gather(t, asIndices('repeat', places), { axis: at, batchDims: 0 }) as Tensor as Tensor<
    Shape,
    DTypeOf<X>
  >
}
