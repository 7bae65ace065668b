import { readFileSync } from 'node:fs'
import { grad, jvp, type Tensor, valueAndGrad } from '@cotangent/core'
import { describe, expect, test } from 'vitest'
import { operations, type Step } from './operations.js'
import { describeProgram, directionsOf, inner, inputsOf, type Program, scalarOf } from './program.js'

interface Reference {
  readonly meta: { readonly least: number; readonly ops: Readonly<Record<string, number>> }
  readonly programs: readonly Program[]
}

const { meta, programs }: Reference = JSON.parse(
  readFileSync(new URL('../reference/programs.json', import.meta.url), 'utf8'),
)

const TOLERANCE = 1e-10

const length = (xs: readonly number[]): number => Math.hypot(...xs)

/** The worst array by ‖a - b‖ / max(‖b‖, floor), in words, or undefined when all are close. */
const disagreement = (
  what: string,
  got: readonly (readonly number[])[],
  want: readonly (readonly number[])[],
  floor: number,
): string | undefined => {
  const found = want.map((b, i) => {
    const a = got[i]!
    const errors = b.map((x, j) => (Number.isFinite(a[j]) ? Math.abs(a[j]! - x) : Number.POSITIVE_INFINITY))
    const worst = errors.indexOf(Math.max(...errors))
    const relative = length(errors) / Math.max(length(b), floor)
    return {
      relative: a.length === b.length ? relative : Number.POSITIVE_INFINITY,
      text: `${what} of input ${i}: relative error ${relative.toExponential(2)}, worst entry ${worst}: ${a[worst]}, JAX has ${b[worst]}`,
    }
  })
  const worst = found.reduce((x, y) => (y.relative > x.relative ? y : x))
  return worst.relative <= TOLERANCE ? undefined : worst.text
}

const flat = (xs: readonly Tensor[]): readonly (readonly number[])[] => xs.map((x) => [...x.toTypedArray()])

const failuresOf = (program: Program): readonly string[] => {
  const f = scalarOf(program)
  const xs = inputsOf(program)
  const vs = directionsOf(program)
  const argnums = xs.map((_, i) => i)
  const gradient = grad(f, { argnums }) as (...args: readonly Tensor[]) => readonly Tensor[]
  const [value, slopes] = valueAndGrad(f, { argnums })(...xs) as unknown as [Tensor, readonly Tensor[]]
  const [, forward] = jvp(gradient, xs as never, vs as never) as unknown as [unknown, readonly Tensor[]]
  const reverse = grad((...ys: readonly Tensor[]) => inner(gradient(...ys), vs), {
    argnums,
  })(...xs) as unknown as readonly Tensor[]
  const size = length(program.gradient.flat())
  // An array far smaller than the others may hold nothing but what their rounding leaves there.
  const [g, h] = [1e-4 * size, 1e-4 * Math.max(size, length(program.hvp.flat()))]
  return [
    disagreement('value', [[value.item()]], [[program.value]], 0),
    disagreement('gradient', flat(slopes), program.gradient, g),
    disagreement('Hessian-vector product (forward over reverse)', flat(forward), program.hvp, h),
    disagreement('Hessian-vector product (reverse over reverse)', flat(reverse), program.hvp, h),
  ].filter((x) => x !== undefined)
}

describe('random programs agree with JAX in float64', () => {
  test.each(programs.map((p) => [p.id, p] as const))('program %i', (_, program) => {
    const failures = failuresOf(program)
    expect(failures, [...failures, describeProgram(program)].join('\n')).toEqual([])
  })
})

test('every operation appears in enough programs', () => {
  const counts = new Map<string, number>()
  for (const { steps } of programs)
    for (const op of new Set(steps.map((s: Step) => s.op))) counts.set(op, (counts.get(op) ?? 0) + 1)
  expect(programs.length).toBeGreaterThanOrEqual(320)
  expect(Math.max(...programs.map((p) => p.steps.length))).toBe(12)
  expect(Object.fromEntries(counts)).toEqual(meta.ops)
  const rare = Object.keys(operations).filter((op) => (counts.get(op) ?? 0) < meta.least)
  expect(meta.least).toBe(5)
  expect(rare).toEqual([])
})
