import { expectOpLaws } from '@cotangent/check'
import {
  add,
  defineOp,
  exp,
  mul,
  reciprocal,
  sin,
  sqrt,
  square,
  strongMul,
  sum,
  type Tensor,
  tanh,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'
import { d, failuresOf } from './helpers.js'
import { MUTATIONS } from './mutations.js'

// Test the tester: each wrong rule is caught, alone and in the middle of a function, and the right operation is blamed.

describe('wrong rules', () => {
  for (const { what, op, at, order = 1 } of MUTATIONS) {
    const run = op as unknown as (...xs: Tensor[]) => Tensor
    test(`${op.definition.name}: ${what}`, () => {
      const loss = (...xs: Tensor[]) => sum(mul(run(...xs), 3))
      const failures = failuresOf(loss, at, { order, seed: 7 })
      const [first] = failures
      expect(first?._tag).toBe('Mismatch')
      const blame = first?._tag === 'Mismatch' ? first.blame.map((b) => b.op) : []
      expect(blame).toEqual([op.definition.name])
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

describe('expectOpLaws', () => {
  for (const { what, op } of MUTATIONS.filter(
    (m) => !['oneOff', 'spreadBack', 'rotated'].includes(m.op.definition.name),
  ))
    test(`refuses ${op.definition.name}: ${what}`, () => {
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
