import { fail } from '../errors.js'
import { reshape } from '../primitives/structural.js'
import { normalAxes } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { Axes, Check, DType, DTypeOf, Fits, Reduce, ShapeOf, ToFloat } from '../types/index.js'
import { type Num, operands } from './coerce.js'

/** Which axes a reduction removes (all of them without `axis`), and whether each stays as an axis of length 1. */
export interface ReduceOptions<A extends Axes = Axes, K extends boolean = boolean> {
  readonly axis?: A
  readonly keepDims?: K
}

/** The dtype of a result: of the operand, of its sums, of its quotients, or fixed. */
export interface ResultDType<D extends DType = DType> {
  readonly same: D
  readonly sum: D extends 'bool' ? 'int32' : D
  readonly float: ToFloat<D>
  readonly bool: 'bool'
  readonly int32: 'int32'
}

/** The type of a reduced operand. */
export type Reduced<
  X,
  A extends Axes,
  K extends boolean,
  Kind extends keyof ResultDType,
  Op extends string = 'reduce',
> = Tensor<Fits<Reduce<ShapeOf<X>, A, K, Op>>, ResultDType<DTypeOf<X>>[Kind]>

/** The options of a reduction of X, with a compile error for an axis that X does not have. */
export type Options<X, A extends Axes, K extends boolean, Op extends string> = ReduceOptions<
  A & Check<Reduce<ShapeOf<X>, A, K, Op>>,
  K
>

/** A function that removes axes. */
export type Reduction<Kind extends keyof ResultDType, Op extends string, Extra = unknown> = <
  X extends Num,
  const A extends Axes = undefined,
  K extends boolean = false,
>(
  x: X,
  options?: Options<X, A, K, Op> & Extra,
) => Reduced<X, A, K, Kind, Op>

/** Refuses `sum(x, 0)`, which would silently reduce everything. */
export const checkOptions = <O extends object>(op: string, options: O): O =>
  typeof options === 'object' && options !== null && !Array.isArray(options)
    ? options
    : fail('Axis', `${op}: options are a record, not ${String(options)}. Write ${op}(x, { axis: ... }).`, {
        op,
      })

/** Number of entries that one result is made of. */
export const countOf = (x: Tensor, axes: readonly number[]): number =>
  axes.reduce((n, a) => n * x.shape[a]!, 1)

/** A reduced tensor with its lost axes as 1. */
export const keepAxes = (y: Tensor, like: Tensor, axes: readonly number[]): Tensor =>
  reshape(
    y,
    like.shape.map((d, i) => (axes.includes(i) ? 1 : d)),
  )

/** Makes a public reduction of one that takes a tensor and its ascending axes. */
export const reduction = <Kind extends keyof ResultDType, Op extends string, Extra = unknown>(
  op: Op,
  to: 'float' | 'number' | 'any',
  f: (x: Tensor, axes: readonly number[], extra: Extra) => Tensor,
): Reduction<Kind, Op, Extra> =>
  ((x: unknown, options: ReduceOptions & Extra = {} as Extra & ReduceOptions) => {
    const v = operands(op, [x], { to })[0]!
    const { axis, keepDims = false } = checkOptions(op, options)
    const axes = normalAxes(op, axis, v.rank)
    const y = f(v, axes, options)
    return keepDims ? keepAxes(y, v, axes) : y
  }) as unknown as Reduction<Kind, Op, Extra>
