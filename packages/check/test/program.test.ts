import {
  arbitraries,
  checkGrad,
  type GradFailure,
  type MoreOperations,
  type Program,
  programInputs,
  runProgram,
  showProgram,
} from '@cotangent/check'
import { defineOp, mul, square, sub, type Tensor, tanh } from '@cotangent/core'
import { type GraphIR, nestedGraphs, PRIMITIVES, traceAt } from '@cotangent/core/internal'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { check } from '../src/checkGrad.js'
import { OPERATIONS } from '../src/program/operations.js'

const seed = Number(process.env.PROGRAM_SEED ?? 20261127)
const everything = { dtypes: ['float64', 'float32', 'int32', 'bool'], minSize: 0, maxSize: 5 } as const

const primitivesIn = (graph: GraphIR): string[] =>
  graph.nodes.flatMap((n) => [n.op.name, ...nestedGraphs(n).flatMap((g) => primitivesIn(g.graph))])

const failuresAt = (program: Program, more = {}): readonly GradFailure[] => {
  const f = runProgram(program, more)
  const found = checkGrad(f as (...xs: Tensor[]) => unknown, programInputs(program), {
    seed: 3,
    atKinks: 'skip',
  })
  return E.isLeft(found) ? found.left : []
}

/** Without blame, which takes time and is asked for once, in the end. */
const caught = (program: Program, more: MoreOperations): boolean => {
  const f = runProgram(program, more) as (...xs: Tensor[]) => unknown
  const found = check(f, programInputs(program), { seed: 3, atKinks: 'skip' }, false)
  return E.isLeft(found) && found.left.some((failure) => failure._tag === 'Mismatch')
}

describe('programs', () => {
  test('reach every operation, and the registry of primitives', { timeout: 60_000 }, () => {
    const seen = new Set<string>()
    const used = new Set<string>()
    for (const op of Object.keys(OPERATIONS))
      for (const program of fc.sample(
        arbitraries.program({ ...everything, maxSize: 2, steps: 4, operations: [op, 'cast', 'outer', op] }),
        { seed, numRuns: 30 },
      )) {
        for (const step of program.steps) used.add(step.op)
        const f = runProgram(program) as (...a: never[]) => unknown
        const { graph } = traceAt('test', f, programInputs(program), false)
        for (const name of primitivesIn(graph)) seen.add(name)
      }
    expect(Object.keys(OPERATIONS).filter((op) => !used.has(op))).toEqual([])
    expect([...PRIMITIVES.keys()].filter((name) => !seen.has(name))).toEqual([])
  })
  test('are data: through JSON they compute the same bits', () => {
    fc.assert(
      fc.property(arbitraries.program(everything), (program) => {
        const copy = JSON.parse(JSON.stringify(program)) as Program
        const [xs, f] = [programInputs(copy), runProgram(copy)]
        const [a, b] = [runProgram(program)(...programInputs(program)), f(...xs)]
        expect([...b.toTypedArray()]).toEqual([...a.toTypedArray()])
        expect([b.shape, b.dtype]).toEqual([a.shape, a.dtype])
        expect(showProgram(program).split('\n').length).toBe(program.inputs.length + program.steps.length)
      }),
      { seed, numRuns: 60 },
    )
  })
  test('pass the check, as all operations are right', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(arbitraries.program({ steps: 4, operations: SMOOTH }), (program) => {
        const wrong = failuresAt(program).filter((f) => f._tag === 'Mismatch')
        expect(wrong, showProgram(program)).toEqual([])
      }),
      { seed, numRuns: 40 },
    )
  })
})

describe('a planted bug is found within 200 programs, blamed, and shrunk', () => {
  const tanhWrong = defineOp({
    name: 'tanhWrong',
    expand: (x: Tensor) => tanh(x) as Tensor,
    jvp: (_, [t], y) => mul(mul(t!, sub(1, square(y))), 1 + 1e-6) as Tensor,
  })
  const more = { tanhWrong: { arity: 1, apply: ([x]: readonly Tensor[]) => tanhWrong(x!) } }
  // Of 60 seeds tried, the slowest took 149 programs.
  test.each([seed, seed + 1, seed + 2])('a relative error of 1e-6 in one rule of 100, seed %d', (seed) => {
    const details = fc.check(
      fc.property(arbitraries.program({ more }), (program) => {
        // Where the operation is absent nothing can be found: no time is spent there.
        if (!program.steps.some((s) => s.op === 'tanhWrong')) return
        if (caught(program, more)) throw new Error('caught')
      }),
      { seed, numRuns: 200 },
    )
    expect(details.failed).toBe(true)
    expect(details.numRuns).toBeLessThanOrEqual(200)
    const [program] = details.counterexample!
    expect(program.steps.map((s) => s.op)).toEqual(['tanhWrong'])
    expect(programInputs(program)[0]!.size).toBeLessThanOrEqual(3)
    const [first] = failuresAt(program, more)
    expect(first).toMatchObject({ _tag: 'Mismatch', blame: [{ op: 'tanhWrong' }] })
  })
})

// Differences see through it, as they should.
const SMOOTH = Object.keys(OPERATIONS).filter((op) => op !== 'stopGradient')
