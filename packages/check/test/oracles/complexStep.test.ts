import {
  abs,
  add,
  cond,
  div,
  exp,
  floor,
  foriLoop,
  greater,
  linalg,
  log,
  logsumexp,
  maximum,
  mul,
  neg,
  pow,
  reshape,
  scan,
  sin,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  where,
  whileLoop,
} from '@cotangent/core'
import { traceAt } from '@cotangent/core/internal'
import { describe, expect, test } from 'vitest'
import { complexStepAlong } from '../../src/oracles/complexStep/index.js'
import { type Answer, isEstimate } from '../../src/oracles/oracle.js'

type Fun = (x: Tensor) => unknown
const d = (x: number | readonly number[]): Tensor => tensor(x as number[], { dtype: 'float64' }) as Tensor
const along = (f: Fun, x: Tensor, direction: Tensor, weight: Tensor = d(1)): Answer => {
  const { graph, args } = traceAt('check', f as (...a: never[]) => unknown, [x], false)
  return complexStepAlong(graph, args, [direction], [weight])
}
const valueOf = (answer: Answer): number => (isEstimate(answer) ? answer.value : Number.NaN)

describe('functions that are holomorphic', () => {
  const rows: readonly (readonly [string, Fun, number | readonly number[], number])[] = [
    ['exp at 700', (x) => exp(x), 700, Math.exp(700)],
    ['log at 1e-80', (x) => log(x), 1e-80, 1e80],
    ['a slope of 1e-150, on the way to one of 1', (x) => mul(mul(x, 1e-150), 1e150), 0.5, 1],
    ['tanh at 100, where it is flat', (x) => tanh(x), 100, 4 * Math.exp(-200)],
    ['a cancellation of 12 digits', (x) => sub(square(add(x, 1e6)), square(1e6)), 1e-6, 2 * (1e6 + 1e-6)],
    ['(1 - cos x)/x² would cancel in differences; x³ does not', (x) => pow(x, 3), 1e-5, 3e-10],
    [
      'a scan',
      (x) => scan((c: Tensor, v: Tensor) => [mul(c, v) as Tensor, c] as const, x, d([2, 3]))[0],
      5,
      6,
    ],
    ['a loop', (x) => foriLoop(3, (_: Tensor, c: Tensor) => square(c) as Tensor, x), 2, 8 * 2 ** 7],
    ['a quotient', (x) => div(1, x), 4, -1 / 16],
  ]
  test.each(rows)('%s', (_, f, x, slope) => {
    const answer = along(f, d(x), d(1))
    expect(Math.abs(valueOf(answer) - slope)).toBeLessThanOrEqual(4e-15 * Math.abs(slope))
    expect(isEstimate(answer) && answer.error).toBeLessThanOrEqual(1e-9 * Math.abs(slope))
  })
  test('operations with rules of their own are read by their meaning', () => {
    const [x, e] = [d([1, 2]), d([1, 0])]
    const s = Math.exp(1) / (Math.exp(1) + Math.exp(2))
    // Both subtract a maximum, which moves with the input: that is a comparison, and it is refused.
    for (const f of [softmax, logsumexp] as unknown as Fun[])
      expect(along((v) => sum(f(v) as Tensor), x, e)).toMatchObject({ op: expect.stringMatching(/max/i) })
    expect(valueOf(along((v) => div(exp(v), sum(exp(v))), x, e, d([1, 0])))).toBeCloseTo(s * (1 - s), 14)
  })
  test('a solve, through its factorisation', () => {
    const f: Fun = (v) => sum(linalg.solve(reshape(v, [2, 2]), d([1, 2])))
    expect(isEstimate(along(f, d([2, 1, 0.5, 3]), d([1, 0.5, -1, 2])))).toBe(true)
  })
})

describe('never a wrong number', () => {
  const named: readonly (readonly [string, Fun, number, string])[] = [
    ['abs', (x) => abs(x), 1, 'abs'],
    ['a maximum', (x) => maximum(x, 0), 1, 'max'],
    ['a floor', (x) => floor(neg(square(x))), 0, 'floor'],
    ['a comparison', (x) => where(greater(x, 0), x, 0), 1, 'greater'],
    ['abs of what is 0 by chance', (x) => abs(mul(x, 0)), 1, 'abs'],
    [
      'abs inside of a branch',
      (x) =>
        cond(
          true,
          (v: Tensor) => abs(v),
          (v: Tensor) => v,
          x,
        ),
      1,
      'abs',
    ],
    [
      'a loop whose end depends on the input',
      (x) =>
        whileLoop(
          (v: Tensor) => greater(3, v) as Tensor,
          (v: Tensor) => mul(v, 2) as Tensor,
          x,
        ),
      1,
      'greater',
    ],
  ]
  test.each(named)('%s is unavailable, by name', (_, f, x, op) => {
    expect(along(f, d(x), d(1))).toMatchObject({
      op,
      unavailable: `${op} is not holomorphic, and its operand depends on the input`,
    })
  })
  const edges: readonly (readonly [string, Fun, number])[] = [
    ['√ at 0', (x) => sqrt(x), 0],
    ['log below 0', (x) => log(x), -1],
    ['log at 0', (x) => log(x), 0],
    ['a root of a square at 0', (x) => sqrt(square(x)), 0],
    ['a power of a negative number', (x) => pow(x, 0.5), -1],
    ['1/x at 0', (x) => div(1, x), 0],
  ]
  test.each(edges)('%s is unavailable', (_, f, x) => {
    expect(along(f, d(x), d(1))).toHaveProperty('unavailable')
  })
  test('a slope that vanishes on the way is seen by the larger step', () => {
    const f: Fun = (x) => mul(mul(x, 1e-300), 1e300)
    expect(along(f, d(0.5), d(1))).toEqual({ unavailable: 'steps of two sizes disagree, first in mul' })
  })
  test('what does not depend on the input may do as it likes', () => {
    const f: Fun = (x) => mul(x, sum(abs(maximum(d([-1, 2]), 0))))
    expect(valueOf(along(f, d(3), d(1)))).toBe(2)
  })
  test('sin of something, where the direction is 0, is 0', () => {
    expect(valueOf(along((x) => sum(sin(x)), d([1, 2]), d([0, 0])))).toBe(0)
  })
})
