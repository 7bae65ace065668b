import type { Tensor } from '@cotangent/core'
import {
  type MoreOperations,
  type Program,
  type ProgramInput,
  programInputs,
  programValues,
  prunedProgram,
} from './program.js'

// Ways to make a program smaller, the boldest first (delta debugging, Zeller and Hildebrandt 2002). Each gives programs that run;
// whether what was wrong is still wrong is for the caller to see.

/** The value of an earlier step as the result. */
const prefixes = ({ inputs, steps }: Program): Program[] =>
  steps.slice(1).map((_, k) => ({ inputs, steps: steps.slice(0, k + 1) }))

const asInput = (x: Tensor): ProgramInput => ({
  shape: [...x.shape],
  dtype: x.dtype,
  data: [...x.toTypedArray()],
})

/** The value of a step as an input, so that what led to it is not needed. */
const cuts = ({ inputs, steps }: Program, values: readonly Tensor[]): Program[] => {
  const n = inputs.length
  return steps
    .slice(0, -1)
    .map((_, k) => {
      // The new input comes after the others, and every step is one further on.
      const place = (a: number): number => (a === n + k ? n : a < n ? a : a + 1)
      return {
        inputs: [...inputs, asInput(values[n + k]!)],
        steps: steps.map((s) => ({ ...s, args: s.args.map(place) })),
      }
    })
    .reverse()
}

/** An operand in place of what was made of it. */
const bypasses = ({ inputs, steps }: Program): Program[] =>
  steps.slice(0, -1).flatMap(({ args }, k) =>
    args.map((i) => ({
      inputs,
      steps: steps.map((s) => ({ ...s, args: s.args.map((a) => (a === inputs.length + k ? i : a)) })),
    })),
  )

const withInputs = (program: Program, change: (input: ProgramInput) => readonly ProgramInput[]): Program[] =>
  program.inputs.flatMap((input, i) =>
    change(input).map((other) => ({
      ...program,
      inputs: program.inputs.map((old, k) => (k === i ? other : old)),
    })),
  )

/** One entry in place of many along an axis, then one entry less. */
const narrower = ({ shape, dtype, data }: ProgramInput): ProgramInput[] =>
  shape.flatMap((n, axis) => {
    const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1)
    return [...new Set([1, n - 1])]
      .filter((m) => m >= 1 && m < n)
      .map((m) => ({
        shape: shape.map((d, a) => (a === axis ? m : d)),
        dtype,
        data: data.filter((_, i) => Math.floor(i / inner) % n < m),
      }))
  })

/** All entries ±1, then integers, then multiples of 1/64. */
const simpler = (input: ProgramInput): ProgramInput[] =>
  [(x: number) => (x < 0 ? -1 : 1), Math.round, (x: number) => Math.round(64 * x) / 64]
    .map((f) => ({ ...input, data: input.data.map(f) }))
    .filter((other) => other.data.some((x, i) => x !== input.data[i]))

/** Smaller programs that run, and whose values pass a test; lazily, as each costs a run. */
export function* smallerPrograms(
  program: Program,
  more: MoreOperations,
  fits: (values: readonly Tensor[]) => boolean,
): Generator<Program> {
  const run = (p: Program): readonly Tensor[] | null => {
    try {
      const values = programValues(p, programInputs(p), more)
      return fits(values) ? values : null
    } catch {
      // Parameters of a step may not fit any more.
      return null
    }
  }
  const values = run(program)
  if (!values) return
  const seen = new Set<string>()
  for (const candidate of [
    ...prefixes(program),
    ...cuts(program, values),
    ...bypasses(program),
    ...withInputs(program, narrower),
    ...withInputs(program, simpler),
  ]) {
    const smaller = prunedProgram(candidate)
    const key = JSON.stringify(smaller)
    if (smaller.steps.length === 0 || seen.has(key) || !run(smaller)) continue
    seen.add(key)
    yield smaller
  }
}
