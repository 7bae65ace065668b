import { checkOptimizer, type OptimizerCheckOptions, type OptimizerLawName } from '@cotangent/check'
import { add, cast, div, mul, type Num, neg, sqrt, square, type Tensor, tensor, tree } from '@cotangent/core'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'

// Optimisers written by hand, right and with one fault each.

type P = { readonly w: Tensor; readonly b: Tensor }
type Make = Parameters<typeof checkOptimizer<never>>[0]
const map = (f: (...xs: Tensor[]) => unknown, ...ts: readonly unknown[]): P =>
  tree.map(f as never, ...(ts as [never])) as unknown as P

const momentum = (rate: Num) => ({
  init: (params: P) => ({ mu: map((p) => mul(p, 0), params) }),
  update: (g: P, { mu }: { mu: P }) => {
    const next = map((m, x) => add(mul(m!, 0.9), x!), mu, g)
    return { updates: map((m) => neg(mul(m!, rate)), next), state: { mu: next } }
  },
})
const rms =
  (eps: number) =>
  (rate: Num): Make extends (rate: Num) => infer R ? R : never => ({
    init: (params: P) => map((p) => mul(p, 0), params) as never,
    update: (g: P, nu: P) => {
      const next = map((n, x) => add(mul(n!, 0.9), mul(square(x!), 0.1)), nu, g)
      const updates = map((x, n) => neg(mul(rate, div(x!, add(sqrt(n!), eps)))), g, next)
      return { updates, state: next as never }
    },
  })
let calls = 0
const WRONG: Readonly<Record<string, readonly [Make, readonly OptimizerLawName[], OptimizerCheckOptions?]>> =
  {
    'a count that becomes a float': [
      () => ({
        init: () => ({ count: tensor(0, { dtype: 'int32' }) }) as never,
        update: (g: P, { count }: { count: Tensor }) => ({
          updates: map((x) => mul(x!, -0.01), g),
          state: { count: add(cast(count, 'float32'), 1) } as never,
        }),
      }),
      ['structure'],
    ],
    'updates in single precision': [
      (rate) => ({
        init: () => [] as never,
        update: (g: P, state: never) => ({
          updates: map((x) => cast(neg(mul(x!, rate)), 'float32'), g),
          state,
        }),
      }),
      ['structure'],
    ],
    'a memory outside of its state': [
      () => ({
        init: () => [] as never,
        update: (g: P, state: never) => ({ updates: map((x) => mul(x!, -0.01 / ++calls), g), state }),
      }),
      ['purity', 'differentiable'],
    ],
    '0/0 at a gradient of 0': [rms(0) as Make, ['zeroGradient']],
    'decay, not announced': [
      (rate) => ({
        init: () => [] as never,
        update: (g: P, state: never, { params }: { params: P }) => ({
          updates: map((x, p) => neg(mul(rate, add(x!, p!))), g, params),
          state,
        }),
      }),
      ['zeroGradient'],
    ],
    'a rate that is read as a number': [
      (rate) => ({
        init: () => [] as never,
        update: (g: P, state: never) => ({
          updates: map((x) => mul(x!, -(typeof rate === 'number' ? rate : rate.item())), g),
          state,
        }),
      }),
      ['differentiable'],
    ],
  }

describe('optimisers', () => {
  test.each([
    ['momentum', momentum],
    ['rms', rms(1e-8)],
  ])('%s keeps all laws', (_, make) => {
    const found = checkOptimizer(make as Make, { seed: 1 })
    expect(E.isLeft(found) ? found.left.map(String) : found.right.laws.map((l) => l.law)).toEqual([
      'structure',
      'purity',
      'zeroGradient',
      'differentiable',
    ])
  })
  test.each(Object.entries(WRONG))('%s', (_, [make, laws, options]) => {
    const found = checkOptimizer(make, { seed: 1, ...options })
    expect(E.isLeft(found) ? found.left.map((f) => f.law) : []).toEqual(laws)
  })
  test('what is restless may move', () => {
    const [decay] = WRONG['decay, not announced']!
    expect(checkOptimizer(decay, { seed: 1, restless: true })._tag).toBe('Right')
  })
  test('the report', () => {
    const found = checkOptimizer(WRONG['a count that becomes a float']![0], { seed: 1 })
    expect(E.isLeft(found) && String(found.left[0])).toMatchInlineSnapshot(
      `"✗ structure: after 1 updates the state has count: float32[] in place of count: int32[], seed 1"`,
    )
  })
})
