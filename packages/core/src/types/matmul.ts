import type { Broadcast } from './broadcast.js'
import type { Shape, ShapeMismatch, ShapeText, UnknownRank } from './shape.js'

type Unfit<
  A extends Shape,
  B extends Shape,
  Op extends string,
  Why extends string,
> = `${Op}: ${ShapeText<A>} and ${ShapeText<B>} do not fit: ${Why}`

// Extents that must be equal, and can be, as soon as one is a `number`: then X & Y is the other one.
type Contract<
  A extends Shape,
  B extends Shape,
  Op extends string,
  K extends number,
  L extends number,
  Result,
> = [K & L] extends [never] ? ShapeMismatch<Unfit<A, B, Op, `${K} against ${L}`>> : Result

type Batched<
  A extends Shape,
  B extends Shape,
  Op extends string,
  Batch,
  N extends number,
  M extends number,
> = Batch extends Shape
  ? [...Batch, N, M]
  : ShapeMismatch<Unfit<A, B, Op, 'their batch axes do not broadcast'>>

type Rule<A extends Shape, B extends Shape, Op extends string> = A extends readonly [infer K extends number]
  ? B extends readonly [infer L extends number]
    ? Contract<A, B, Op, K, L, []>
    : B extends readonly [...infer Batch extends Shape, infer L extends number, infer M extends number]
      ? Contract<A, B, Op, K, L, [...Batch, M]>
      : ShapeMismatch<Unfit<A, B, Op, 'a scalar has no axis to contract'>>
  : A extends readonly [...infer BatchA extends Shape, infer N extends number, infer K extends number]
    ? B extends readonly [infer L extends number]
      ? Contract<A, B, Op, K, L, [...BatchA, N]>
      : B extends readonly [...infer BatchB extends Shape, infer L extends number, infer M extends number]
        ? Contract<A, B, Op, K, L, Batched<A, B, Op, Broadcast<BatchA, BatchB>, N, M>>
        : ShapeMismatch<Unfit<A, B, Op, 'a scalar has no axis to contract'>>
    : ShapeMismatch<Unfit<A, B, Op, 'a scalar has no axis to contract'>>

/**
 * The shape of a matrix product, by the rules of `numpy.matmul`: `[n, k] [k, m] -> [n, m]`, leading axes
 * broadcast, a vector gets an axis that is dropped again.
 */
export type MatMul<A extends Shape, B extends Shape, Op extends string = 'matmul'> =
  UnknownRank<A> extends true ? Shape : UnknownRank<B> extends true ? Shape : Rule<A, B, Op>
