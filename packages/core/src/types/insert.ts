import type { AxisUnion, BadAxis, Normalize, OutOfRange } from './axes.js'
import type { Shape, ShapeMismatch, ShapeText, UnknownRank } from './shape.js'

type InsertAt<
  S extends Shape,
  At extends number,
  D extends number,
  Out extends number[] = [],
> = Out['length'] extends At
  ? [...Out, D, ...S]
  : S extends readonly [infer X extends number, ...infer Rest extends Shape]
    ? InsertAt<Rest, At, D, [...Out, X]>
    : Out

type AllUnknown<S extends Shape> = { [K in keyof S]: number }

/** A new axis of extent `D`. The axis is one of the result, so -1 is behind the last. */
export type Insert<S extends Shape, Axis extends number, D extends number, Op extends string> =
  UnknownRank<S> extends true
    ? Shape
    : number extends Axis
      ? AllUnknown<[0, ...S]>
      : [Normalize<[0, ...S], Axis>] extends [never]
        ? ShapeMismatch<BadAxis<[D, ...S], Axis, Op>>
        : InsertAt<S, Normalize<[0, ...S], Axis>, D>

/** A new axis of extent 1. */
export type ExpandDims<S extends Shape, Axis extends number> = Insert<S, Axis, 1, 'expandDims'>

type DropOnes<
  S extends Shape,
  At extends number,
  Seen extends 0[] = [],
  Out extends number[] = [],
> = S extends readonly [infer D extends number, ...infer Rest extends Shape]
  ? Seen['length'] extends At
    ? DropOnes<Rest, At, [...Seen, 0], Out>
    : DropOnes<Rest, At, [...Seen, 0], [...Out, D]>
  : Out

// The axes of extent 1, found by their extent.
type AxesOfOne<S extends Shape, Seen extends 0[] = [], Out extends number = never> = S extends readonly [
  infer D extends number,
  ...infer Rest extends Shape,
]
  ? AxesOfOne<Rest, [...Seen, 0], [D] extends [1] ? Out | Seen['length'] : Out>
  : Out

type NotOne<S extends Shape, A extends number> = A extends number
  ? [1 & S[Normalize<S, A>]] extends [never]
    ? A
    : never
  : never

type SqueezeAxes<S extends Shape, A extends number> = number extends A
  ? Shape
  : [OutOfRange<S, A>] extends [never]
    ? [NotOne<S, A>] extends [never]
      ? DropOnes<S, Normalize<S, A>>
      : ShapeMismatch<`squeeze: axis ${NotOne<S, A>} of ${ShapeText<S>} is not 1`>
    : ShapeMismatch<BadAxis<S, OutOfRange<S, A>, 'squeeze'>>

/** A shape without the named axes, which must be 1; without a name, without every axis that is 1. */
export type Squeeze<S extends Shape, Axis extends number | readonly number[] | undefined = undefined> =
  UnknownRank<S> extends true
    ? Shape
    : [Axis] extends [undefined]
      ? number extends S[number]
        ? Shape
        : DropOnes<S, AxesOfOne<S>>
      : [Axis] extends [number | readonly number[]]
        ? SqueezeAxes<S, AxisUnion<Axis>>
        : Shape
