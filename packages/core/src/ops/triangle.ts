import { fail, showShape } from '../errors.js'
import { zerosLike } from '../primitives/define.js'
import { select } from '../primitives/passing.js'
import * as s from '../primitives/structural.js'
import { range } from '../shape.js'
import { fromData, type Tensor } from '../tensor.js'
import type { DTypeOf, Shape } from '../types/index.js'
import { asTensor } from './coerce.js'

/** Which diagonal: 0 is the main one, 1 the one above it, -1 the one below. */
export interface DiagonalOptions {
  readonly k?: number
}

const checkDiagonal = (op: string, k: number): number =>
  Number.isInteger(k) ? k : fail('Value', `${op}: there is no diagonal ${k}. k is an integer.`, { op })

/** The k-th diagonals of the matrices in the last two axes: in the flat matrix, entries one row and one step apart. */
export const diagonals = (x: Tensor, k = 0): Tensor => {
  const lead = x.shape.slice(0, -2)
  const [rows, columns] = [x.shape.at(-2)!, x.shape.at(-1)!]
  const count = Math.max(0, Math.min(rows - Math.max(-k, 0), columns - Math.max(k, 0)))
  const start = count === 0 ? 0 : k >= 0 ? k : -k * columns
  const end = count === 0 ? 0 : start + (count - 1) * (columns + 1) + 1
  const flat = s.reshape(x, [...lead, rows * columns])
  return s.sliceAxis(flat, lead.length, start, end, columns + 1)
}

/** A matrix with the vector on its k-th diagonal: the flat matrix is the vector with zeros between its entries. */
const diagonalMatrix = (x: Tensor, k: number): Tensor => {
  const n = x.shape[0]!
  const m = n + Math.abs(k)
  const start = k >= 0 ? k : -k * m
  const length = n === 0 ? 0 : (n - 1) * (m + 1) + 1
  return s.reshape(s.pad(x, [n === 0 ? 0 : start], [m * m - (n === 0 ? 0 : start) - length], [m]), [m, m])
}

type Diag<S extends Shape> = number extends S['length']
  ? Shape
  : S['length'] extends 1
    ? [number, number]
    : S['length'] extends 2
      ? [number]
      : Shape

/**
 * A vector gives the matrix with it on the k-th diagonal, a matrix gives its k-th diagonal as a vector, as `numpy.diag`.
 *
 * @example
 * diag(tensor([1, 2])) // => [[1, 0], [0, 2]]
 * diag(tensor([[1, 2], [3, 4]]), { k: 1 }) // => [2]
 */
export const diag = <X extends Tensor>(
  x: X,
  { k = 0 }: DiagonalOptions = {},
): Tensor<Diag<X['shape']>, DTypeOf<X>> => {
  const t = asTensor('diag', x)
  checkDiagonal('diag', k)
  if (t.rank !== 1 && t.rank !== 2)
    fail(
      'Shape',
      `diag: needs a vector or a matrix, not ${showShape(t.shape)}. For many matrices use vmap or einsum('...ii->...i', x).`,
      { op: 'diag', shapes: [t.shape] },
    )
  return (t.rank === 1 ? diagonalMatrix(t, k) : diagonals(t, k)) as Tensor<Diag<X['shape']>, DTypeOf<X>>
}

const triangle = (op: string, x: unknown, k: number, keep: (above: number) => boolean): Tensor => {
  const t = asTensor(op, x)
  checkDiagonal(op, k)
  if (t.rank < 2)
    fail('Shape', `${op}: needs at least two axes, not ${showShape(t.shape)}.`, { op, shapes: [t.shape] })
  const [rows, columns] = [t.shape.at(-2)!, t.shape.at(-1)!]
  const mask = Uint8Array.from({ length: rows * columns }, (_, i) =>
    keep((i % columns) - Math.floor(i / columns) - k) ? 1 : 0,
  )
  const inside = s.broadcast(fromData(mask, [rows, columns], 'bool'), t.shape, [t.rank - 2, t.rank - 1])
  // Selected, not multiplied: what is cut off may be infinite or NaN.
  return select(inside, t, zerosLike(t))
}

/**
 * The lower triangle of the matrices in the last two axes: entries above the k-th diagonal become 0.
 *
 * @example
 * tril(tensor([[1, 2], [3, 4]])) // => [[1, 0], [3, 4]]
 */
export const tril = <X extends Tensor>(
  x: X,
  { k = 0 }: DiagonalOptions = {},
): Tensor<X['shape'], X['dtype']> =>
  triangle('tril', x, k, (above) => above <= 0) as Tensor<X['shape'], X['dtype']>

/**
 * The upper triangle of the matrices in the last two axes: entries below the k-th diagonal become 0.
 *
 * @example
 * triu(tensor([[1, 2], [3, 4]]), { k: 1 }) // => [[0, 2], [0, 0]]
 */
export const triu = <X extends Tensor>(
  x: X,
  { k = 0 }: DiagonalOptions = {},
): Tensor<X['shape'], X['dtype']> =>
  triangle('triu', x, k, (above) => above >= 0) as Tensor<X['shape'], X['dtype']>

/** Moves two axes of equal extent to the end and takes the diagonal between them, which becomes the last axis. */
export const diagonalOf = (x: Tensor, i: number, j: number): Tensor =>
  diagonals(s.permute(x, [...range(x.rank).filter((a) => a !== i && a !== j), i, j]))
