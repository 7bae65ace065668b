import {
  abs,
  add,
  div,
  greater,
  log1p,
  maximum,
  minimum,
  mul,
  sign,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tensor,
  where,
} from '@cotangent/core'
import * as everything from '@cotangent/regularize'
import { checkPenalty, type Functional, functional, LAWS, l1, l2, mcp, norm2 } from '@cotangent/regularize'
import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { registry } from './registry.js'

const verdict = (...args: Parameters<typeof checkPenalty>): string => {
  const result = checkPenalty(...args)
  return isLeft(result) ? result.left.join('\n') : 'holds'
}

describe('the 16 laws over the registry', () => {
  test.each(registry.map((e) => [e.f.name, e] as const))(
    '%s',
    (_, { f, options }) => {
      expect(verdict(f, options)).toBe('holds')
    },
    60_000,
  )

  test('there are 16, and each holds of something', () => {
    expect(LAWS.map((l) => l.number)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1))
    const held = new Set<number>()
    for (const name of ['norm2(0.75)', 'linfBall(0.7)', 'l1(0.75)'])
      for (const { f } of registry.filter((e) => e.f.name === name)) {
        const result = checkPenalty(f)
        if (!isLeft(result)) for (const { law } of result.right.laws) held.add(law)
      }
    expect([...held].sort((a, b) => a - b)).toEqual(LAWS.map((l) => l.number))
  })

  test('every functional that the package exports is in the registry', () => {
    // What makes no functional of one tensor: algebra, plans, selectors, checks, converters, solvers, function space.
    const tested = new Set(registry.map((e) => e.by))
    const isFunctional = (x: unknown): boolean =>
      typeof x === 'object' && x !== null && 'traits' in x && 'value' in x
    const made = Object.entries(everything).flatMap(([name, make]) => {
      if (typeof make !== 'function' || tested.has(name)) return []
      try {
        const result = (make as (...args: unknown[]) => unknown)(1, 3, 2)
        // What is asynchronous makes no functional; its complaint about these arguments is expected.
        if (result instanceof Promise) result.catch(() => undefined)
        return isFunctional(result) ? [name] : []
      } catch {
        return []
      }
    })
    expect(made).toEqual([])
  })
})

// What is broken on purpose, and the law that must say so.
const soft = (x: Tensor, t: number | Tensor): Tensor => mul(sign(x), maximum(sub(abs(x), t), 0))
const total = (x: Tensor): Tensor => sum(abs(x))
const convex = { convex: true, separable: 'entry' } as const
const broken: readonly (readonly [string, number, Functional])[] = [
  [
    'a prox of another function',
    1,
    functional({ value: total, prox: (x, t) => div(x, add(t, 1)), traits: convex }),
  ],
  ['a prox that forgets the step', 1, functional({ value: total, prox: (x) => soft(x, 1), traits: convex })],
  [
    'a conjugate with the wrong radius',
    2,
    functional({ value: total, prox: soft, traits: convex, conjugate: everything.linfBall(0.5) }),
  ],
  [
    'a claim of convexity',
    3,
    functional({ ...mcp(1, 1.5), traits: { ...mcp(1, 1.5).traits, convex: true } }),
  ],
  ['a kkt of another strength', 4, functional({ ...l1(1), kkt: l1(2).kkt, traits: l1(1).traits })],
  [
    'a value with a stopped derivative',
    5,
    functional({ value: (x) => stopGradient(total(x)), prox: soft, traits: convex }),
  ],
  ['a wrong degree', 6, functional({ ...l2(1), traits: { ...l2(1).traits, homogeneous: 1 } })],
  [
    'a claim of evenness',
    7,
    functional({ value: (x) => sum(maximum(x, 0)), traits: { convex: true, invariant: ['signs'] } }),
  ],
  [
    'a prox that moves at step 0',
    8,
    functional({ value: total, prox: (x, t) => soft(x, add(mul(x, 0), add(0.1, t))), traits: convex }),
  ],
  [
    'a projection that is not idempotent (Keras, tfjs MaxNorm)',
    9,
    functional({
      value: (x) => where(greater(sum(square(x)), 1.0001), Number.POSITIVE_INFINITY, 0),
      prox: (x) => {
        const n = everything.norm2(1).value(x)
        return mul(x, div(minimum(n, 1), add(n, 1e-7)))
      },
      traits: { convex: true, indicator: true },
    }),
  ],
  [
    'a prox that expands',
    10,
    functional({ value: total, prox: (x, t) => sub(mul(x, 1.5), mul(sign(x), t)), traits: convex }),
  ],
  ['a NaN at 0', 11, functional({ value: (x) => sum(div(square(x), abs(x))) })],
  ['a claim of smoothness', 12, functional({ value: total, traits: { smooth: true } })],
  ['another dual norm', 13, functional({ ...norm2(1), dualNorm: total, traits: norm2(1).traits })],
  ['a value of another shape', 14, functional({ value: (x) => abs(x) })],
  [
    'a claim to be a sum over entries',
    15,
    functional({ ...norm2(1), traits: { ...norm2(1).traits, separable: 'entry' } }),
  ],
  [
    'a claim to shrink, which composes with l1',
    16,
    functional({
      ...everything.anchor(1, tensor([2, 2, 2, 2, 2], { dtype: 'float64' })),
      traits: { convex: true, separable: 'entry', shrinks: true },
    }),
  ],
]

describe('a functional that is not what it claims', () => {
  test.each(broken)('%s breaks law %i', (_, law, f) => {
    const result = checkPenalty(f)
    expect(isLeft(result) ? result.left.map((l) => l.law) : []).toContain(law)
  })

  test('reads as text', () => {
    const f = functional({ name: 'wrong', value: total, prox: (x) => soft(x, 1), traits: convex })
    const result = checkPenalty(f, { steps: [0.5] })
    const text = isLeft(result) ? String(result.left[0]) : ''
    expect(text).toMatch(/^✗ wrong breaks law 1, optimality: /)
    expect(text).toMatch(
      /\n {2}step {6}0\.5\n {2}x {9}\[.*\]\n {2}got {7}\[.*\]\n {2}expected {2}\[.*\]\n {2}replay {4}\{ seed: 1 \}$/,
    )
  })

  test('and one that is says which laws say nothing of it', () => {
    const bowl = functional({ name: 'bowl', value: (w) => sum(log1p(square(w))) })
    const result = checkPenalty(bowl)
    expect(isLeft(result) ? result.left.join('\n') : result.right.laws.map((l) => l.law)).toEqual([
      11, 12, 14,
    ])
    expect(String(isLeft(result) ? '' : result.right)).toContain('– 1 optimality: it has no prox')
  })
})
