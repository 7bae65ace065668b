import { defineOp, mul, type Op, type OpDefinition, type Tensor } from '@cotangent/core'
import { d } from '../helpers.js'

export type T = Tensor

/** An operation with a wrong rule, and operands at which it shows. */
export interface Mutation {
  readonly what: string
  readonly op: Op<never, T>
  readonly at: readonly Tensor[]
  readonly order: 1 | 2
  /** Which law sees it: one of derivatives, or that vmap is a loop. */
  readonly law: 'derivative' | 'batch'
}

/** Results of operations, whose precise types do not matter here. */
export const t = (x: unknown): T => x as T

export const mutation = (
  what: string,
  definition: OpDefinition<readonly T[], T>,
  at: readonly (number | readonly number[] | readonly (readonly number[])[])[],
  { order = 1, law = 'derivative' }: { order?: 1 | 2; law?: Mutation['law'] } = {},
): Mutation => ({
  what,
  op: defineOp(definition) as Op<never, T>,
  at: at.map((x) => d(x as number[])),
  order,
  law,
})

/** y = f(x) entry by entry, with a slope that is wrong. */
export type Row = readonly [
  name: string,
  what: string,
  f: (x: T) => unknown,
  slope: (x: T, y: T) => unknown,
  at: number | readonly number[],
]

export const rows = (table: readonly Row[], order: 1 | 2 = 1): Mutation[] =>
  table.map(([name, what, f, slope, at]) =>
    mutation(
      what,
      { name, expand: (x: T) => t(f(x)), jvp: ([x], [dx], y) => t(mul(dx!, t(slope(x!, y)))) },
      [at],
      { order },
    ),
  )
