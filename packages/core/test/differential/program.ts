import { add, mul, sum, type Tensor, tensor } from '@cotangent/core'
import { run, type Step } from './operations.js'

/** A program as programs.py stores it, with JAX's results. */
export interface Program {
  readonly id: number
  /** Values k/64, exact in every dtype. */
  readonly inputs: readonly { readonly shape: readonly number[]; readonly k: readonly number[] }[]
  readonly steps: readonly Step[]
  readonly value: number
  readonly gradient: readonly (readonly number[])[]
  readonly hvp: readonly (readonly number[])[]
}

const float64 = (values: readonly number[], shape: readonly number[]): Tensor =>
  tensor(Float64Array.from(values), { shape })

/** The formulas of programs.py. */
const weight = (i: number): number => (((i * 37 + 11) % 64) - 31.5) / 32
const direction = (i: number, j: number): number => (((i * 29 + j * 17 + 5) % 33) - 15.5) / 16

export const inputsOf = ({ inputs }: Program): readonly Tensor[] =>
  inputs.map(({ shape, k }) =>
    float64(
      k.map((x) => x / 64),
      shape,
    ),
  )

export const directionsOf = ({ inputs }: Program): readonly Tensor[] =>
  inputs.map(({ shape, k }, j) =>
    float64(
      k.map((_, i) => direction(i, j)),
      shape,
    ),
  )

/** The scalar function of all inputs: the weighted sum of the last value. */
export const scalarOf =
  ({ steps }: Program) =>
  (...xs: readonly Tensor[]): Tensor => {
    const last = run(xs, steps).at(-1)!
    const w = float64(
      Array.from({ length: last.size }, (_, i) => weight(i)),
      last.shape,
    )
    return sum(mul(last, w))
  }

/** Σ ⟨aᵢ, bᵢ⟩. */
export const inner = (as: readonly Tensor[], bs: readonly Tensor[]): Tensor =>
  as.map((a, i) => sum(mul(a, bs[i]!))).reduce((x, y) => add(x, y))

/** The program in words, for a report. */
export const describeProgram = ({ id, inputs, steps }: Program): string =>
  [
    `program ${id}`,
    ...inputs.map(({ shape }, i) => `  %${i} = input [${shape.join(', ')}]`),
    ...steps.map(
      ({ op, args, params }, i) =>
        `  %${inputs.length + i} = ${op}(${args.map((a) => `%${a}`).join(', ')})${params ? ` ${JSON.stringify(params)}` : ''}`,
    ),
  ].join('\n')
