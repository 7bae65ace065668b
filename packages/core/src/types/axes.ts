import type { ReverseTuple, Shape, ShapeText } from './shape.js'

/** One axis, several, or (`undefined`) all of them. Negative axes count from the end. */
export type Axes = number | readonly number[] | undefined

/** The axes of a shape: `[0, 1, 2]` for a shape of rank 3. */
export type Indices<S extends Shape, Out extends number[] = []> = S extends readonly [
  number,
  ...infer Rest extends Shape,
]
  ? Indices<Rest, [...Out, Out['length']]>
  : Out

// -1 is at 1 here, -2 at 2, and what is out of range is undefined.
type FromEnd<S extends Shape> = [never, ...ReverseTuple<Indices<S>>]

/** Axes counted from the front; never for an axis that is out of range. Distributes over a union of axes. */
export type Normalize<S extends Shape, Axis extends number> = Axis extends number
  ? `${Axis}` extends `-${infer N extends number}`
    ? Extract<FromEnd<S>[N & keyof FromEnd<S>], number>
    : Extract<Indices<S>[number], Axis>
  : never

/** Those axes, as the caller wrote them, that the shape does not have. */
export type OutOfRange<S extends Shape, A extends number> = A extends number
  ? [Normalize<S, A>] extends [never]
    ? A
    : never
  : never

/** The message about an axis that the shape does not have. */
export type BadAxis<
  S extends Shape,
  A extends number,
  Op extends string,
> = `${Op}: axis ${A} is out of range for ${ShapeText<S>}`

/** The axes of an axis argument as a union, as the caller wrote them. */
export type AxisUnion<A extends number | readonly number[]> = A extends readonly number[]
  ? A[number]
  : Extract<A, number>
