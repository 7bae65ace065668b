import type { DType } from '@cotangent/core'
import fc, { type Arbitrary } from 'fast-check'
import { decode, elementOf, valuesFit } from '../program/decode.js'
import { FLAT, OPERATIONS, type ProgramOperation } from '../program/operations.js'
import type { MoreOperations, Program, ProgramInput } from '../program/program.js'
import { smallerPrograms } from '../program/smaller.js'
import { sizeOf } from './tensor.js'

export interface ProgramOptions {
  /** Steps at most; default 24. What the result does not depend on is left out, which leaves about a quarter. */
  readonly steps?: number
  /** Inputs at most; default 3. */
  readonly inputs?: number
  /** Of the inputs; default float64. The first input is always a float. */
  readonly dtypes?: readonly DType[]
  /** Axes of inputs: how many at most, and how long; default up to 2 of length 1 to 3. Empty ones where `minSize` is 0. */
  readonly maxRank?: number
  readonly minSize?: number
  readonly maxSize?: number
  /** Elements of any value at most; default 64. */
  readonly largest?: number
  /** Which operations; default all. */
  readonly operations?: readonly string[]
  /** Further operations, beside those. */
  readonly more?: MoreOperations
  /** Whether values stay finite and below 1e4; default true. */
  readonly finite?: boolean
}

const inputOf = (dtype: DType, shape: readonly number[]): Arbitrary<ProgramInput> => {
  const n = sizeOf(shape)
  return fc
    .array(fc.integer({ min: -128, max: 128 }), { minLength: n, maxLength: n })
    .map((k) => ({ shape, dtype, data: k.map((v) => elementOf(dtype, v)) }))
}

/** All of them, those that pass a derivative on three times. */
const usual = (more: MoreOperations): string[] => {
  const all = [...Object.keys(OPERATIONS), ...Object.keys(more)]
  const passing = all.filter((op) => !FLAT.has(op))
  return [...all, ...passing, ...passing]
}

/**
 * Whole programs over the operations there are, as data: inputs of any dtype and shape, and steps. Every operation fits its
 * operands; a value is used by what comes after it, and what the result does not depend on is left out. Shrinks to earlier
 * results, to later beginnings, to fewer steps between, smaller inputs, and simpler numbers. `runProgram` makes a function of one, `showProgram` a text.
 */
export const program = ({
  steps = 24,
  inputs = 3,
  dtypes = ['float64'],
  maxRank = 2,
  minSize = 1,
  maxSize = 3,
  largest = 64,
  more = {},
  operations = usual(more),
  finite = true,
}: ProgramOptions = {}): Arbitrary<Program> => {
  const shape = fc.array(fc.integer({ min: minSize, max: maxSize }), { maxLength: maxRank })
  const floats = dtypes.filter((d) => d.startsWith('float'))
  const input = (from: readonly DType[]): Arbitrary<ProgramInput> =>
    fc.tuple(fc.constantFrom(...from), shape).chain(([dtype, s]) => inputOf(dtype, s))
  const choices = fc
    .record({
      first: input(floats.length > 0 ? floats : ['float64']),
      others: fc.array(input(dtypes), { maxLength: inputs - 1 }),
      steps: fc.array(fc.array(fc.nat(999), { minLength: 1, maxLength: 8 }), {
        minLength: 1,
        maxLength: steps,
        size: 'max',
      }),
    })
    .map(({ first, others, steps: choices }) =>
      decode({ inputs: [first, ...others], steps: choices }, { operations, more, largest, finite }),
    )
    .filter((p) => p.steps.length > 0)
  return new Programs(choices, (p) => smallerPrograms(p, more, valuesFit({ largest, finite })))
}

/** Programs from choices, made smaller as programs: choices do not know what depends on what. */
class Programs extends fc.Arbitrary<Program> {
  constructor(
    private readonly choices: Arbitrary<Program>,
    private readonly smaller: (program: Program) => Generator<Program>,
  ) {
    super()
  }
  generate(random: Random, bias: number | undefined): fc.Value<Program> {
    return new fc.Value(this.choices.generate(random, bias).value, undefined)
  }
  canShrinkWithoutContext(value: unknown): value is Program {
    return typeof value === 'object' && value !== null && 'steps' in value
  }
  shrink(program: Program): fc.Stream<fc.Value<Program>> {
    return fc.stream(this.smaller(program)).map((p) => new fc.Value(p, undefined))
  }
}

type Random = Parameters<Arbitrary<unknown>['generate']>[0]

export type { ProgramOperation }
