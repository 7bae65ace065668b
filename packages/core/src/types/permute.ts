import type { Indices, Normalize } from './axes.js'
import type { Reverse, Shape, ShapeMismatch, ShapeText, UnknownRank } from './shape.js'

type Gather<S extends Shape, Perm extends Shape> = {
  -readonly [K in keyof Perm]: S[Normalize<S, Perm[K]>]
}

// A permutation has as many entries as there are axes, and every axis is among them.
type PermuteKnown<S extends Shape, Perm extends Shape, Op extends string> = number extends Perm[number]
  ? { -readonly [K in keyof S]: number }
  : [Perm['length'], Indices<S>[number]] extends [S['length'], Normalize<S, Perm[number]>]
    ? Gather<S, Perm>
    : ShapeMismatch<`${Op}: ${ShapeText<Perm>} is not a permutation of the axes of ${ShapeText<S>}`>

/** The axes in the order that `Perm` names them; without it, in the opposite order. */
export type Permute<
  S extends Shape,
  Perm extends Shape | undefined = undefined,
  Op extends string = 'transpose',
> = [Perm] extends [undefined]
  ? Reverse<S>
  : UnknownRank<S> extends true
    ? Shape
    : [Perm] extends [Shape]
      ? PermuteKnown<S, Perm, Op>
      : Shape
