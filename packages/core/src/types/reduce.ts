import type { Axes, AxisUnion, BadAxis, Normalize, OutOfRange } from './axes.js'
import type { Shape, ShapeMismatch, UnknownRank } from './shape.js'

type Ones<S extends Shape> = { -readonly [K in keyof S]: 1 }

type Drop<
  S extends Shape,
  At extends number,
  Keep extends boolean,
  Seen extends 0[] = [],
  Out extends number[] = [],
> = S extends readonly [infer D extends number, ...infer Rest extends Shape]
  ? Seen['length'] extends At
    ? Drop<Rest, At, Keep, [...Seen, 0], Keep extends true ? [...Out, 1] : Out>
    : Drop<Rest, At, Keep, [...Seen, 0], [...Out, D]>
  : Out

type ReduceAxes<S extends Shape, A extends number, Keep extends boolean, Op extends string> = number extends A
  ? Shape
  : [OutOfRange<S, A>] extends [never]
    ? Drop<S, Normalize<S, A>, Keep>
    : ShapeMismatch<BadAxis<S, OutOfRange<S, A>, Op>>

/**
 * The shape of a reduction. No axis reduces all of them to `[]`; `KeepDims` leaves each reduced axis as 1.
 * What is not literal (the rank, an axis, the flag) gives a {@link Shape} that is checked at run time.
 */
export type Reduce<
  S extends Shape,
  Axis extends Axes = undefined,
  KeepDims extends boolean = false,
  Op extends string = 'reduce',
> = boolean extends KeepDims
  ? Shape
  : [Axis] extends [undefined]
    ? KeepDims extends true
      ? UnknownRank<S> extends true
        ? Shape
        : Ones<S>
      : []
    : UnknownRank<S> extends true
      ? Shape
      : [Axis] extends [number | readonly number[]]
        ? ReduceAxes<S, AxisUnion<Axis>, KeepDims, Op>
        : Shape
