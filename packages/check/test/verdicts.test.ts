import { checkGrad, finiteDifference, type GradFailure } from '@cotangent/check'
import {
  abs,
  add,
  cast,
  floor,
  greater,
  less,
  log,
  logicalNot,
  mul,
  relu,
  scan,
  slice,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  where,
  whileLoop,
} from '@cotangent/core'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { d, type Fun, failuresOf } from './helpers.js'

const first = (f: Fun, at: Tensor, options = {}): GradFailure | undefined =>
  failuresOf(f, [at], { seed: 1, ...options })[0]

describe('what is no differentiable function', () => {
  test('impure', () => {
    let n = 0
    expect(first((x) => sum(mul(x!, ++n)), d([1, 2]))).toMatchObject({ _tag: 'Impure', what: 'value' })
  })
  test('an impure gradient', () => {
    let n = 0
    const pair = { f: (x: number) => x * x, gradient: (x: number) => 2 * x + 1e-9 * n++ }
    expect(checkGrad(pair, [1], { seed: 1 })).toMatchObject({ left: [{ _tag: 'Impure', what: 'gradient' }] })
  })
  test('a result whose shape depends on values', () => {
    const f: Fun = (x) => slice(x!, [0], [(x!.toArray() as number[])[0]! > 1 ? 2 : 1])
    expect(first(f, d([1, 2]))).toMatchObject({ _tag: 'ShapeDrift' })
  })
  test('no floats', () => {
    expect(first((x) => cast(x!, 'int32'), d([1, 2]))).toMatchObject({ _tag: 'ShapeDrift' })
  })
  test('a gradient for a function with several results, or of the wrong length', () => {
    const several = { f: (x: number[]) => x, gradient: (x: number[]) => x }
    expect(checkGrad(several, [[1, 2]])).toMatchObject({ left: [{ _tag: 'ShapeDrift' }] })
    const short = { f: (x: number[]) => x[0]! * x[1]!, gradient: (x: number[]) => [x[1]!] }
    expect(checkGrad(short, [[1, 2]])).toMatchObject({ left: [{ _tag: 'ShapeDrift' }] })
  })
  test('a throw', () => {
    const f: Fun = () => {
      throw new Error('out of order')
    }
    expect(first(f, d([1]))).toMatchObject({ _tag: 'Inconclusive', reason: 'it threw: out of order' })
  })
  test('NaN, with the operation where it began', () => {
    expect(first((x) => sum(square(log(x!))), d([-1, 2]))).toMatchObject({
      _tag: 'NonFinite',
      what: 'value',
      born: { op: 'log', pass: 'forward' },
    })
  })
  test('NaN inside of a loop, with the turn', () => {
    const f: Fun = (x) =>
      scan((c: Tensor, v: Tensor) => [log(sub(c, v)) as Tensor, c] as const, sum(x!) as Tensor, x!)[0]
    expect(first(f, d([1, 0.5, 4]))).toMatchObject({
      _tag: 'NonFinite',
      born: {
        op: 'log',
        path: 'scan[2]',
        pass: 'forward',
        site: expect.stringMatching(/^verdicts.test.ts:/),
      },
    })
  })
  test('a loop that NaN keeps from ending', () => {
    const f: Fun = (x) =>
      whileLoop(
        (v: Tensor) => logicalNot(less(abs(v), 1e-3)) as Tensor,
        (v: Tensor) => mul(sqrt(v), 0.5) as Tensor,
        sub(sum(x!), 4) as Tensor,
      )
    expect(first(f, d([1, 2]))).toMatchObject({
      _tag: 'NonFinite',
      what: 'value',
      born: { op: 'sqrt', path: 'whileLoop[0]' },
      reason: expect.stringContaining('would never end'),
    })
  })
  test('no numbers at all', () => {
    expect(first(() => 'text', d([1]))?._tag).toBe('Inconclusive')
    expect(first(() => null, d([1]))?._tag).toBe('Inconclusive')
    expect(first(() => [], d([1]))?._tag).toBe('ShapeDrift')
    expect(checkGrad({ f: (x: number) => x, gradient: () => undefined }, [1])).toMatchObject({
      left: [{ _tag: 'Inconclusive', reason: expect.stringContaining('undefined') }],
    })
  })
  test('a gradient that is not finite inside of a loop', () => {
    const f: Fun = (x) =>
      scan((c: Tensor, v: Tensor) => [add(c, sqrt(v)) as Tensor, c] as const, sum(x!) as Tensor, x!)[0]
    expect(first(f, d([1, 0, 2]))).toMatchObject({
      _tag: 'NonFinite',
      what: 'gradient',
      born: { op: 'sqrt', path: 'scan[1]', pass: 'backward' },
    })
  })
  test('a gradient that is not finite', () => {
    expect(first((x) => sum(where(greater(x!, 0), x!, mul(sqrt(x!), 1))), d([0, 2]))).toMatchObject({
      _tag: 'NonFinite',
      what: 'gradient',
      entry: { path: '0', index: [0] },
      born: { op: 'sqrt', pass: 'backward' },
    })
  })
})

describe('regularity', () => {
  const opaque = (f: (x: number) => number, x: number, options = {}) =>
    checkGrad({ f, gradient: () => 0 }, [x], { seed: 1, ...options })
  test('a kink', () => {
    expect(first((x) => sum(abs(x!)), d([0, 1]), { atKinks: 'fail' })).toMatchObject({
      _tag: 'NotSmooth',
      verdict: 'kink',
      sites: [{ op: 'abs' }],
    })
    expect(E.isRight(opaque(Math.abs, 0))).toBe(true)
  })
  test('a cusp, a jump, the edge of the domain', () => {
    expect(opaque((x) => Math.sqrt(Math.abs(x)), 0)).toMatchObject({
      left: [{ _tag: 'NotSmooth', verdict: 'cusp' }],
    })
    expect(opaque(Math.cbrt, 0)).toMatchObject({ left: [{ _tag: 'NotSmooth', verdict: 'cusp' }] })
    expect(opaque(Math.floor, 1)).toMatchObject({ left: [{ _tag: 'NotSmooth', verdict: 'jump' }] })
    expect(opaque(Math.sign, 0)).toMatchObject({ left: [{ _tag: 'NotSmooth', verdict: 'jump' }] })
    expect(opaque((x) => Math.sqrt(x) ** 3, 0)).toMatchObject({
      left: [{ _tag: 'NotSmooth', verdict: 'boundary' }],
    })
    expect(first((x) => sum(floor(x!)), d([1, 0.5]))).toMatchObject({ _tag: 'NotSmooth', verdict: 'jump' })
  })
  test('the choices at a kink', () => {
    const pair = {
      f: (x: number[]) => Math.abs(x[0]!) + x[1]!,
      gradient: (x: number[]) => [x[0]! >= 0 ? 1 : -1, 1],
    }
    expect(checkGrad(pair, [[0, 1]], { seed: 1 })).toMatchObject({
      left: [{ _tag: 'Mismatch', entry: { path: '0/0' }, smooth: 'kink' }],
    })
    expect(E.isRight(checkGrad(pair, [[0, 1]], { seed: 1, atKinks: 'subgradient' }))).toBe(true)
    const wrong = { ...pair, gradient: () => [3, 1] }
    expect(E.isLeft(checkGrad(wrong, [[0, 1]], { seed: 1, atKinks: 'subgradient' }))).toBe(true)
    expect(checkGrad(wrong, [[0, 1]], { seed: 1, atKinks: 'skip' })).toMatchObject({
      right: {
        laws: expect.arrayContaining([expect.objectContaining({ law: 'reverse', verdict: 'skipped' })]),
      },
    })
  })
  test('two relus that make a line: the sum of least subgradients is not its gradient', () => {
    expect(first((x) => sum(mul(1, relu(x!))), d([0, 1]))).toBe(undefined)
  })
})

describe('finiteDifference', () => {
  test('numbers, arrays, trees; with an error that is honest', () => {
    const cases: readonly [(x: number) => number, number, number][] = [
      [Math.exp, 1, Math.E],
      [Math.log, 1e-6, 1e6],
      [(x) => Math.sin(1e4 * x), 1, 1e4 * Math.cos(1e4)],
      [(x) => x * x, 1e10, 2e10],
      [(x) => Math.max(x, 0), 1e-7, 1],
      [Math.tanh, 40, 0],
    ]
    for (const [f, x, want] of cases) {
      const { gradient, error } = finiteDifference(f, [x])
      expect(Math.abs(gradient[0] - want)).toBeLessThanOrEqual(error[0] + 1e-15 * Math.abs(want))
      expect(error[0]).toBeLessThanOrEqual(1e-8 * Math.max(Math.abs(want), 1))
    }
    expect(finiteDifference((x: number[]) => x[0]! * x[1]!, [[2, 5]]).gradient[0].map(Math.round)).toEqual([
      5, 2,
    ])
    const tree = finiteDifference(
      ({ a, b }: { a: Tensor; b: number }) => mul(sum(a), b),
      [{ a: d([1, 2]), b: 3 }],
    )
    expect(tree.gradient[0].b).toBeCloseTo(3, 10)
    expect((tree.gradient[0].a.toArray() as number[])[1]).toBeCloseTo(3, 10)
  })
  test('refuses what is not scalar', () => {
    expect(() => finiteDifference((x: number[]) => x, [[1, 2]])).toThrow(/2 numbers, not one/)
  })
})
