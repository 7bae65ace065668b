import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  cond,
  grad,
  greater,
  less,
  mul,
  scan,
  sum,
  type Tensor,
  tensor,
  trace,
  whileLoop,
} from '../../src/index.js'
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

describe('what is computed inside of a loop and goes to a row of its result', () => {
  // Rows of 6 numbers have no padding: a vector that ran over the end would be in the next row.
  const rows = tensor(
    Array.from({ length: 7 }, (_, k) => Array.from({ length: 6 }, (_, i) => 10 * k + i)),
  ) as Tensor
  const inside: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    cond: (x) =>
      cond(
        greater(sum(x), 100) as Tensor,
        (a: Tensor) => mul(a, 2) as Tensor,
        (a: Tensor) => add(a, 1) as Tensor,
        x,
      ),
    scan: (x) => scan((c: Tensor, r: Tensor) => [add(mul(c, 0.5), r), r] as [Tensor, Tensor], x, x)[0],
    while: (x) =>
      whileLoop(
        (c: Tensor) => less(sum(c), 1000) as Tensor,
        (c: Tensor) => add(mul(c, 2), 1) as Tensor,
        x,
      ),
  }
  for (const reverse of [false, true])
    test.each(Object.entries(inside))(`%s, reverse: ${reverse}`, (_, f) => {
      const both = (x: Tensor) =>
        scan((c: Tensor, r: Tensor) => [c, [f(r), mul(r, 3)]] as [Tensor, Tensor[]], tensor(0) as Tensor, x, {
          reverse,
        })[1]
      const { ir } = trace(both, rows)
      expect(Math.max(...differences(ir, [rows]))).toBe(0)
    })
})
