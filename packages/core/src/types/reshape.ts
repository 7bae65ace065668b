import type { Multiply } from './arithmetic.js'
import type { Dims, Shape, ShapeMismatch, ShapeText, UnknownRank } from './shape.js'

type Product<S extends Shape, Out extends number = 1> = S extends readonly [
  infer D extends number,
  ...infer Rest extends Shape,
]
  ? Product<Rest, Multiply<Out, D>>
  : Out

/** The number of elements, where every extent is a literal. */
export type Size<S extends Shape> = UnknownRank<S> extends true ? number : Product<S>

// S without the first axis of extent D; never where it has none. A `number` cannot be told from another one.
type Without<S extends Shape, D extends number, Before extends number[] = []> = S extends readonly [
  infer X extends number,
  ...infer Rest extends Shape,
]
  ? [X, D] extends [D, X]
    ? [...Before, ...Rest]
    : Without<Rest, D, [...Before, X]>
  : never

// The extent that -1 stands for: the extents of T are struck out of S, and what remains is multiplied. Where
// one is not found as such ([6, 4] to [8, -1]) it takes a division, which we leave to the run time.
type Infer<S extends Shape, T extends Shape> = T extends readonly [
  infer D extends number,
  ...infer Rest extends Shape,
]
  ? [D] extends [-1 | 1]
    ? Infer<S, Rest>
    : number extends D
      ? number
      : [Without<S, D>] extends [never]
        ? number
        : Infer<Without<S, D>, Rest>
  : Product<S>

type Fill<T extends Shape, D extends number> = { -readonly [K in keyof T]: T[K] extends -1 ? D : T[K] }

type SameSize<S extends Shape, T extends Shape, M extends number, N extends number> = [M & N] extends [never]
  ? ShapeMismatch<`reshape: ${ShapeText<S>} has ${M} elements and ${ShapeText<T>} has ${N}`>
  : Dims<T>

/** The target shape, with -1 replaced by what it stands for, or by `number` where that is not known. */
export type Reshape<S extends Shape, T extends Shape> =
  UnknownRank<T> extends true
    ? Shape
    : -1 extends T[number]
      ? number extends T[number]
        ? Fill<T, number>
        : Fill<T, UnknownRank<S> extends true ? number : Infer<S, T>>
      : SameSize<S, T, Size<S>, Size<T>>
