import type { DType, Tensor } from '@cotangent/core'
import { OPERATIONS, type ProgramOperation } from './operations.js'
import {
  type MoreOperations,
  type Program,
  type ProgramInput,
  type ProgramStep,
  programInputs,
  prunedProgram,
} from './program.js'

/** Choices, in place of a program: every list of numbers means some program, so that shrinking needs to know nothing. */
export interface Choices {
  readonly inputs: readonly ProgramInput[]
  /** For each step: the operation, then operands, then parameters. */
  readonly steps: readonly (readonly number[])[]
}

export interface DecodeOptions {
  readonly operations: readonly string[]
  readonly more: MoreOperations
  /** Elements of a value at most. */
  readonly largest: number
  /** Whether values stay finite and of moderate size. */
  readonly finite: boolean
}

const HUGE = 1e4

const moderate = (x: Tensor): boolean => {
  for (const v of x.toTypedArray()) if (!(Math.abs(v) <= HUGE)) return false
  return true
}

/** Whether values are small, and moderate if asked. */
export const valuesFit =
  ({ largest, finite }: Pick<DecodeOptions, 'largest' | 'finite'>) =>
  (values: readonly Tensor[]): boolean =>
    values.every((x) => x.size <= largest && (!finite || moderate(x)))

/** The list of choices from a position on, as a source of numbers; 0 when it is at its end. */
const drawFrom = (choices: readonly number[], from: number): ((n: number) => number) => {
  let at = from
  return (n) => (choices[at++] ?? 0) % Math.max(n, 1)
}

/**
 * How far back an operand is. The first one is most often the newest value: what the result does not depend on is left out,
 * and chains are what is left.
 */
const backwards = (choice: number, n: number, operand: number): number =>
  operand === 0 ? Math.floor(((choice % 1000) / 1000) ** 3 * n) : choice

/** A step that can be taken with these choices: operands in turn, until some fit; nothing where none do. */
const stepOf = (
  values: readonly Tensor[],
  choices: readonly number[],
  { operations, more, largest, finite }: DecodeOptions,
): { readonly step: ProgramStep; readonly value: Tensor } | null => {
  const op = operations[(choices[0] ?? 0) % operations.length]!
  const row = (more[op] ?? OPERATIONS[op]) as ProgramOperation
  const n = values.length
  for (let turn = 0; turn < (row.arity === 1 ? n : n * n); turn++) {
    // Counted from the newest value: what came last is used first. The second operand turns first, then the first one.
    const turned = [Math.floor(turn / n), turn % n, 0]
    const args = Array.from({ length: row.arity }, (_, i) => {
      const shift = row.arity === 1 ? turn : turned[i]!
      return n - 1 - ((backwards(choices[1 + i] ?? 0, n, i) + shift) % n)
    })
    const xs = args.map((i) => values[i]!)
    const params = row.params ? row.params(xs, drawFrom(choices, 1 + row.arity)) : {}
    if (!params) continue
    try {
      const value = row.apply(xs, params)
      if (value.size <= largest && (!finite || moderate(value))) return { step: { op, args, params }, value }
    } catch {
      // Operands that do not fit are not an error here: the next ones may.
    }
  }
  return null
}

/** The program that choices stand for. */
export const decode = ({ inputs, steps }: Choices, options: DecodeOptions): Program => {
  const values = programInputs({ inputs, steps: [] })
  const taken: ProgramStep[] = []
  for (const choices of steps) {
    const next = stepOf(values, choices, options)
    if (!next) continue
    values.push(next.value)
    taken.push(next.step)
  }
  return prunedProgram({ inputs, steps: taken })
}

/** What the numbers of an input are, by dtype: k/64, integers from -3, truth values. */
export const elementOf = (dtype: DType, k: number): number =>
  dtype === 'bool' ? Math.abs(k) % 2 : dtype === 'int32' ? k % 4 : k / 64
