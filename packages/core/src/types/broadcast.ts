import type { Dims, Shape, ShapeMismatch, ShapeText, UnknownRank } from './shape.js'

// The extent of one axis, and never where the two clash. An extent of `number` is taken to be what makes the
// other fit (1 or the same), because at run time anything else throws; a literal 1 says nothing about it.
// A union that contains 1 can stretch or not, so that its result is only a `number`.
type BroadcastDim<X extends number, Y extends number> = [X] extends [1]
  ? Y
  : [Y] extends [1]
    ? X
    : number extends X
      ? Y
      : number extends Y
        ? X
        : 1 extends X | Y
          ? number
          : X & Y

// The length of the longer of two tuples.
type LongerLength<A extends Shape, B extends Shape> = A extends readonly [
  ...{ [K in keyof B]: number },
  ...Shape,
]
  ? A['length']
  : B['length']

type Clash<
  A extends Shape,
  B extends Shape,
  Axis extends number,
  X extends number,
  Y extends number,
  Op extends string,
> = `${Op}: ${ShapeText<A>} and ${ShapeText<B>} do not broadcast: axis ${Axis} is ${X} against ${Y}`

// A0 and B0 are what is left of A and B, which the message needs whole. Axes align from the last.
type Align<
  A0 extends Shape,
  B0 extends Shape,
  A extends Shape,
  B extends Shape,
  Op extends string,
  Out extends number[],
> = A0 extends readonly [...infer A1 extends Shape, infer X extends number]
  ? B0 extends readonly [...infer B1 extends Shape, infer Y extends number]
    ? [BroadcastDim<X, Y>] extends [never]
      ? ShapeMismatch<Clash<A, B, LongerLength<A1, B1>, X, Y, Op>>
      : Align<A1, B1, A, B, Op, [BroadcastDim<X, Y>, ...Out]>
    : [...A0, ...Out]
  : [...B0, ...Out]

/**
 * The shape of an element-wise operation, by NumPy's rule: axes align from the last, an extent of 1 stretches.
 * Literal extents that clash give a {@link ShapeMismatch}; `Op` names the operation in its message.
 */
export type Broadcast<A extends Shape, B extends Shape, Op extends string = 'broadcast'> =
  UnknownRank<A> extends true ? Shape : UnknownRank<B> extends true ? Shape : Align<A, B, A, B, Op, []>

// Like Align, but only S may stretch.
type AlignTo<S0 extends Shape, T0 extends Shape, S extends Shape, T extends Shape> = S0 extends readonly [
  ...infer S1 extends Shape,
  infer X extends number,
]
  ? T0 extends readonly [...infer T1 extends Shape, infer Y extends number]
    ? [X] extends [1]
      ? AlignTo<S1, T1, S, T>
      : 1 extends X
        ? AlignTo<S1, T1, S, T>
        : [X & Y] extends [never]
          ? ShapeMismatch<`broadcastTo: ${ShapeText<S>} does not stretch to ${ShapeText<T>}: axis ${T1['length']} is ${X} against ${Y}`>
          : AlignTo<S1, T1, S, T>
    : ShapeMismatch<`broadcastTo: ${ShapeText<S>} does not stretch to ${ShapeText<T>}: it has more axes`>
  : Dims<T>

/** The target shape, if a shape stretches to it. */
export type BroadcastTo<S extends Shape, T extends Shape> =
  UnknownRank<S> extends true ? Dims<T> : UnknownRank<T> extends true ? Shape : AlignTo<S, T, S, T>
