import type { Add } from './arithmetic.js'
import type { BadAxis, Normalize } from './axes.js'
import type { Insert } from './insert.js'
import type { Shape, ShapeMismatch, ShapeText, UnknownRank } from './shape.js'

// Two shapes side by side along At: there the extents add up, elsewhere they agree. A `number` that must
// agree with a literal is that literal.
type Along<
  A extends Shape,
  B extends Shape,
  At extends number,
  Out extends number[] = [],
> = A extends readonly [infer X extends number, ...infer A1 extends Shape]
  ? B extends readonly [infer Y extends number, ...infer B1 extends Shape]
    ? Out['length'] extends At
      ? Along<A1, B1, At, [...Out, Add<X, Y>]>
      : [X & Y] extends [never]
        ? never
        : Along<A1, B1, At, [...Out, X & Y]>
    : never
  : B extends readonly []
    ? Out
    : never

type Clash<
  A extends Shape,
  B extends Shape,
  Axis extends number,
  Op extends string,
> = `${Op}: ${ShapeText<A>} and ${ShapeText<B>} do not join along axis ${Axis}`

type Fold<A extends Shape, Rest extends readonly Shape[], Axis extends number> = Rest extends readonly [
  infer B extends Shape,
  ...infer More extends readonly Shape[],
]
  ? UnknownRank<B> extends true
    ? Shape
    : [Along<A, B, Normalize<A, Axis>>] extends [infer Joined extends Shape]
      ? [Joined] extends [never]
        ? ShapeMismatch<Clash<A, B, Axis, 'concat'>>
        : Fold<Joined, More, Axis>
      : Shape
  : [...A]

/** Tensors one behind the other along an axis. For an array whose length is not known, a {@link Shape}. */
export type Concat<Shapes extends readonly Shape[], Axis extends number = 0> = number extends Axis
  ? Shape
  : Shapes extends readonly [infer A extends Shape, ...infer Rest extends readonly Shape[]]
    ? UnknownRank<A> extends true
      ? Shape
      : [Normalize<A, Axis>] extends [never]
        ? ShapeMismatch<BadAxis<A, Axis, 'concat'>>
        : Fold<A, Rest, Axis>
    : Shape

// The one shape that all have, refined where one knows more than another; never where two differ.
type Agree<A extends Shape, B extends Shape> = Along<A, B, never>

type Common<A extends Shape, Rest extends readonly Shape[]> = Rest extends readonly [
  infer B extends Shape,
  ...infer More extends readonly Shape[],
]
  ? UnknownRank<B> extends true
    ? Shape
    : [Agree<A, B>] extends [never]
      ? ShapeMismatch<`stack: ${ShapeText<A>} and ${ShapeText<B>} are not the same shape`>
      : Common<Agree<A, B>, More>
  : A

type StackCommon<S, Count extends number, Axis extends number> = S extends Shape
  ? Insert<S, Axis, Count, 'stack'>
  : S

/** Tensors of one shape along a new axis. An array whose length is not known gives that axis a `number`. */
export type Stack<Shapes extends readonly Shape[], Axis extends number = 0> = Shapes extends readonly [
  infer A extends Shape,
  ...infer Rest extends readonly Shape[],
]
  ? UnknownRank<A> extends true
    ? Shape
    : StackCommon<Common<A, Rest>, Shapes['length'], Axis>
  : number extends Shapes['length']
    ? Insert<Shapes[number], Axis, number, 'stack'>
    : Shape
