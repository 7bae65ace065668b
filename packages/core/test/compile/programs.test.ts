import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { grad, type Tensor, trace } from '../../src/index.js'
import { optimise } from '../../src/optimise/optimise.js'
import { build } from '../../src/trace/build.js'
import { bind } from '../../src/trace/trace.js'
import { inputsOf, type Program, scalarOf } from '../differential/program.js'
import { primitives } from '../laws/primitives.js'
import { samples } from '../laws/samples.js'
import { convert } from '../laws/tensors.js'
import { differences } from './compare.js'

describe('every primitive alone', () => {
  test.each([...primitives.keys()].filter((n) => samples[n] !== undefined))('%s', (name) => {
    const row = primitives.get(name)!
    for (const dtype of ['float64', 'float32'] as const)
      fc.assert(
        fc.property(samples[name]!.cases, ({ draws, params }) => {
          const args = draws[0]!.map((t) => (t.dtype === 'float64' ? convert(t, dtype) : t))
          const p = params(dtype)
          const { graph } = build('jit', args, (...xs) => bind(row, xs, p))
          const bound = dtype === 'float64' ? 1e-13 : 1e-5
          expect(Math.max(0, ...differences(graph, args))).toBeLessThan(bound)
        }),
        { numRuns: 30, seed: 1 },
      )
  })
})

const { programs } = JSON.parse(
  readFileSync(new URL('../reference/programs.json', import.meta.url), 'utf8'),
) as { programs: readonly Program[] }

describe('random programs and their gradients', () => {
  test.each(programs.map((p) => [p.id, p] as const))('program %i', (_, program) => {
    const f = scalarOf(program)
    const xs = inputsOf(program)
    const gradient = grad(f, { argnums: xs.map((_, i) => i) }) as (
      ...args: readonly Tensor[]
    ) => readonly Tensor[]
    const { ir } = trace((...args: readonly Tensor[]) => [f(...args), ...gradient(...args)], ...xs)
    expect(Math.max(...differences(optimise(ir), xs, { floor: 1e-4 }))).toBeLessThan(1e-10)
  })
})
