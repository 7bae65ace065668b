import { checkFacts, type Facts } from '@cotangent/check'
import {
  abs,
  add,
  exp,
  logsumexp,
  mul,
  norm,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  take,
} from '@cotangent/core'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { d } from './helpers.js'

type F = (x: Tensor) => unknown
const x = d([1, -2, 0.5])
const broken = (f: F, facts: Facts): readonly string[] => {
  const found = checkFacts(f, [x], facts, { seed: 1, points: 60 })
  return E.isLeft(found) ? found.left.map((b) => b.fact) : []
}
const reversed = (v: Float64Array): Float64Array => v.toReversed()

const TRUE: readonly (readonly [string, F, Facts])[] = [
  [
    'l1',
    (v) => sum(abs(v)),
    { convex: true, homogeneous: 1, lipschitz: Math.sqrt(3), even: true, separable: true },
  ],
  ['norm', (v) => norm(v), { convex: true, homogeneous: 1, lipschitz: 1, even: true, invariant: reversed }],
  ['squares', (v) => sum(square(v)), { convex: true, homogeneous: 2, even: true, separable: true }],
  ['logsumexp', (v) => logsumexp(v), { convex: true, lipschitz: 1, invariant: reversed }],
]
const FALSE: readonly (readonly [string, F, Facts])[] = [
  ['convex', (v) => sum(sin(v)), { convex: true }],
  ['homogeneous', (v) => sum(exp(v)), { homogeneous: 1 }],
  ['lipschitz', (v) => sum(square(v)), { lipschitz: 1 }],
  ['invariant', (v) => sum(mul(v, d([1, 2, 3]))), { invariant: reversed }],
  ['even', (v) => sum(exp(v)), { even: true }],
  ['separable', (v) => add(sum(square(v)), mul(take(v, 0), take(v, 1))), { separable: true }],
]

describe('declared facts', () => {
  test.each(TRUE)('%s has them', (_, f, facts) => expect(broken(f, facts)).toEqual([]))
  test.each(FALSE)('not %s', (name, f, facts) => expect(broken(f, facts)).toEqual([name]))
  test('a wrong gradient breaks them where the function is right', () => {
    const f = (v: number[]) => v.reduce((s, a) => s + a * a, 0)
    const facts: Facts = { convex: true, homogeneous: 2, even: true, separable: true }
    const all = (gradient: (v: number[]) => number[]) => {
      const found = checkFacts({ f, gradient }, [[1, -2]], facts, { seed: 1 })
      return E.isLeft(found) ? found.left.map((b) => b.fact) : []
    }
    expect(all((v) => v.map((a) => 2 * a))).toEqual([])
    expect(all((v) => v.map((a) => 2.01 * a))).toEqual(['convex', 'homogeneous'])
    expect(all((v) => v.map((a) => 2 * Math.abs(a)))).toEqual(['convex', 'homogeneous', 'even'])
    expect(all((v) => v.map((a, i) => 2 * a + v[1 - i]!))).toEqual(['convex', 'homogeneous', 'separable'])
  })
  test('the report, and what is not scalar', () => {
    const found = checkFacts((v: Tensor) => sum(sub(exp(v), 1)), [d([0, 1])], { homogeneous: 1 }, { seed: 3 })
    expect(E.isLeft(found) && String(found.left[0])).toMatch(
      /^✗ not homogeneous: at \[0, 1\] f\(2x\) is .*, seed 3$/,
    )
    expect(() => checkFacts((v: Tensor) => v, [x], { even: true })).toThrow(/returns 3 numbers, not one/)
  })
})
