import { CotangentError, type DType, type Tensor, tensor } from '@cotangent/core'
import { OPERATIONS, type ProgramOperation } from './operations.js'

// A program is data: it can be printed, stored as JSON, traced, run by any interpreter, and made smaller.

/** A tensor as data. */
export interface ProgramInput {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly data: readonly number[]
}

/** `%k = op(%args...)`, where the inputs are %0 and so on, and each step is the next number. */
export interface ProgramStep {
  readonly op: string
  readonly args: readonly number[]
  readonly params: Readonly<Record<string, unknown>>
}

/** Operations in order; the last value is the result. */
export interface Program {
  readonly inputs: readonly ProgramInput[]
  readonly steps: readonly ProgramStep[]
}

/** More operations by name, beside those that there are. */
export type MoreOperations = Readonly<Record<string, ProgramOperation>>

/** The inputs of a program as tensors. */
export const programInputs = ({ inputs }: Program): Tensor[] =>
  inputs.map(
    ({ shape, dtype, data }) => tensor(Float64Array.from(data), { shape: [...shape], dtype }) as Tensor,
  )

/** All values of a program, the inputs first. */
export const programValues = (
  { inputs, steps }: Program,
  xs: readonly Tensor[],
  more: MoreOperations = {},
): readonly Tensor[] => {
  const values = xs.slice(0, inputs.length)
  for (const { op, args, params } of steps) {
    const row = more[op] ?? OPERATIONS[op]
    if (!row)
      throw new CotangentError(
        'Value',
        `runProgram: there is no operation '${op}'. Pass it as a further one.`,
        { op: 'runProgram' },
      )
    const operands = args.map((i) => values[i]!)
    values.push(row.apply(operands, params))
  }
  return values
}

/**
 * A program as a function of its inputs: on tensors with values it computes, on symbols it is traced.
 *
 * @example
 * const double: Program = { inputs: [{ shape: [2], dtype: 'float64', data: [1, 3] }], steps: [{ op: 'add', args: [0, 0], params: {} }] }
 * runProgram(double)(...programInputs(double)) // => [2, 6]
 */
export const runProgram =
  (program: Program, more: MoreOperations = {}) =>
  (...xs: readonly Tensor[]): Tensor =>
    programValues(program, xs, more).at(-1)!

const showParams = (params: ProgramStep['params']): string =>
  Object.keys(params).length === 0 ? '' : ` ${JSON.stringify(params)}`

/**
 * One line for each input and step.
 *
 * @example
 * showProgram({ inputs: [{ shape: [], dtype: 'float64', data: [0.5] }], steps: [{ op: 'exp', args: [0], params: {} }] }) // => '%0 = float64[] 0.5\n%1 = exp(%0)'
 */
export const showProgram = ({ inputs, steps }: Program): string =>
  [
    ...inputs.map(({ shape, dtype, data }, i) => `%${i} = ${dtype}[${shape.join(', ')}] ${data.join(', ')}`),
    ...steps.map(
      ({ op, args, params }, i) =>
        `%${inputs.length + i} = ${op}(${args.map((a) => `%${a}`).join(', ')})${showParams(params)}`,
    ),
  ].join('\n')

/** Without the steps and the inputs that the result does not depend on. */
export const prunedProgram = ({ inputs, steps }: Program): Program => {
  const n = inputs.length
  const needed = new Set<number>([n + steps.length - 1])
  for (let k = steps.length - 1; k >= 0; k--)
    if (needed.has(n + k)) for (const a of steps[k]!.args) needed.add(a)
  const kept = [...Array(n + steps.length).keys()].filter((i) => needed.has(i))
  const place = new Map(kept.map((old, i) => [old, i]))
  return {
    inputs: inputs.filter((_, i) => needed.has(i)),
    steps: steps.flatMap((s, k) =>
      needed.has(n + k) ? [{ ...s, args: s.args.map((a) => place.get(a)!) }] : [],
    ),
  }
}
