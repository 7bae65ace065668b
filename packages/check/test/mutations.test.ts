import { expectOpLaws, type GradFailure } from '@cotangent/check'
import {
  add,
  cond,
  defineOp,
  exp,
  foriLoop,
  less,
  mul,
  reciprocal,
  scan,
  sin,
  sqrt,
  square,
  strongMul,
  sum,
  type Tensor,
  tanh,
  whileLoop,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'
import { d, failuresOf } from './helpers.js'
import { MUTATIONS } from './mutations/index.js'

// Test the tester: each wrong rule is caught, alone and in the middle of a function, and the right operation is blamed.

const blamedIn = (failure: GradFailure | undefined): string[] =>
  failure?._tag === 'Mismatch' ? failure.blame.map((b) => b.op) : []

describe('wrong rules', () => {
  test('there are many', () => expect(MUTATIONS.length).toBeGreaterThanOrEqual(80))
  for (const { what, op, at, order, law } of MUTATIONS) {
    const run = op as unknown as (...xs: Tensor[]) => Tensor
    test(`${op.definition.name}: ${what}`, { timeout: 30_000 }, () => {
      const [first] = failuresOf((...xs) => mul(run(...xs), 3), at, { order, seed: 7 })
      expect(first?._tag).toBe('Mismatch')
      expect(first?.law === 'batch').toBe(law === 'batch')
      expect(blamedIn(first)).toEqual([op.definition.name])
    })
  }
})

test('the wrong entry is found among many', () => {
  const one = MUTATIONS.find((m) => m.op.definition.name === 'oneOff')!
  const [first] = failuresOf((x) => sum((one.op as unknown as (x: Tensor) => Tensor)(x!)), one.at, {
    seed: 3,
  })
  expect(first).toMatchObject({ _tag: 'Mismatch', entry: { path: '0', index: [17] } })
  expect(first?._tag === 'Mismatch' && first.relative).toBeCloseTo(0.01, 5)
})

test('an operation without rules is searched inside', () => {
  const wrong = MUTATIONS.find((m) => m.op.definition.name === 'tanh6')!.op as unknown as (
    x: Tensor,
  ) => Tensor
  const outer = defineOp({ name: 'outer', expand: (x: Tensor) => add(sin(x), wrong(x)) as Tensor })
  const [first] = failuresOf((x) => sum(exp(outer(x!))), [d([0.5, 1])], { seed: 5 })
  expect(first?._tag === 'Mismatch' && first.blame.map((b) => [b.op, b.path])).toEqual([['tanh6', 'outer']])
})

describe('inside of branches and loops', () => {
  const wrong = MUTATIONS.find((m) => m.op.definition.name === 'tanh6')!.op as unknown as (
    x: Tensor,
  ) => Tensor
  const loops: Readonly<Record<string, readonly [(x: Tensor) => unknown, string]>> = {
    scan: [
      (x) => scan((c: Tensor, v: Tensor) => [wrong(add(c, v)) as Tensor, c] as const, sum(x) as Tensor, x)[0],
      'scan[0]',
    ],
    foriLoop: [(x) => foriLoop(3, (_: Tensor, c: Tensor) => wrong(c), sum(x) as Tensor), 'scan[0]'],
    whileLoop: [
      (x) =>
        whileLoop(
          (c: Tensor) => less(0.3, c) as Tensor,
          (c: Tensor) => wrong(c),
          sum(x) as Tensor,
        ),
      'whileLoop[0]',
    ],
    cond: [
      (x) =>
        cond(
          less(sum(x), 0) as Tensor,
          (v: Tensor) => sin(v) as Tensor,
          (v: Tensor) => wrong(v),
          sum(x) as Tensor,
        ),
      'cond: false',
    ],
  }
  for (const [name, [f, path]] of Object.entries(loops))
    test(name, { timeout: 20_000 }, () => {
      const [first] = failuresOf((x) => mul(f(x!) as Tensor, 2), [d([0.25, 0.5])], { seed: 5 })
      const blame = first?._tag === 'Mismatch' ? first.blame : []
      expect(blame.map((b) => [b.op, b.path])).toEqual([['tanh6', path]])
      expect(blame[0]?.site).toMatch(/^mutations\.test\.ts:\d+$/)
    })
})

describe('expectOpLaws', () => {
  // Those whose operands are not guessed from shapes, or whose error hides at guessed operands, are tried where they stand.
  const some = ['negCos', 'tanh12', 'absOne', 'sinStop', 'maxTies', 'product2', 'clippedBack']
  for (const { what, op } of MUTATIONS.filter((m) => some.includes(m.op.definition.name)))
    test(`refuses ${op.definition.name}: ${what}`, { timeout: 30_000 }, () => {
      expect(() => expectOpLaws(op as never, { seed: 11 })).toThrow(
        new RegExp(`blame +${op.definition.name}`),
      )
    })
  test('refuses a wrong batch rule', () => {
    const twice = defineOp({
      name: 'twice',
      expand: (x: Tensor) => mul(x, 2) as Tensor,
      batch: ([x]) => mul(x!, 3) as Tensor,
    })
    expect(() => expectOpLaws(twice, { seed: 1 })).toThrow(/vmap is a loop[\s\S]*blame +twice/)
  })
  test('accepts correct rules', () => {
    const norm = defineOp({
      name: 'myNorm',
      expand: (x: Tensor) => sqrt(sum(square(x))) as Tensor,
      jvp: ([x], [t], y) => strongMul(sum(mul(x!, t!)), reciprocal(y)) as Tensor,
    })
    expectOpLaws(norm, { seed: 1 })
    expectOpLaws(defineOp({ name: 'plain', expand: (x: Tensor, y: Tensor) => mul(tanh(x), y) as Tensor }), {
      seed: 1,
    })
    expectOpLaws(
      defineOp({
        name: 'linear',
        expand: (x: Tensor) => mul(x, 2) as Tensor,
        transpose: (ct: Tensor) => [mul(ct, 2) as Tensor],
        batch: ([x]) => mul(x!, 2) as Tensor,
      }),
      { seed: 1 },
    )
  })
})
