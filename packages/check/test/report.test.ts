import '@cotangent/check/vitest'
import { arbitraries, forAllGrad, render } from '@cotangent/check'
import { abs, exp, log, sign, square, sum, type Tensor } from '@cotangent/core'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { d, failuresOf } from './helpers.js'
import { MUTATIONS } from './mutations/index.js'

const wrong = MUTATIONS.find((m) => m.op.definition.name === 'tanh3')!.op as unknown as (x: Tensor) => Tensor

describe('reports', () => {
  test('a wrong rule', () => {
    const [first] = failuresOf((x) => sum(wrong(x!)), [d([0.5, -1])], { seed: 1723 })
    expect(render(first!).replace(/± [^)]*/, '± e')).toMatchInlineSnapshot(`
      "✗ gradient is wrong: directional derivative, reverse mode, seed 1723
        at               x = [1/2, -1]
        wrong entry      d/dx[0]   given 0.78723418   true 0.78644773 (± e)   relative 1.0e-3
        blame            tanh3 (report.test.ts:14): local rule 0.15548, should be 0.15532
        smooth here      yes
        replay           { seed: 1723 }"
    `)
  })
  test('a value that is not finite', () => {
    const [first] = failuresOf((x) => sum(log(x!)), [d([-1, 2])], { seed: 5 })
    expect(render(first!)).toMatchInlineSnapshot(`
      "✗ the value is not finite, seed 5
        at               x = [-1, 2]
        value            NaN
        born in          log (report.test.ts:25), forward pass
        replay           { seed: 5 }"
    `)
  })
  test('a kink', () => {
    const [first] = failuresOf((x) => sum(abs(x!)), [d([0, 1])], { seed: 5, atKinks: 'fail' })
    expect(render(first!).split('\n')[0]).toBe('✗ not differentiable here: kink, seed 5')
    expect(render(first!)).toMatch(/on the edge {6}abs \(report.test.ts:\d+\): kink at 0/)
  })
})

describe('forAllGrad', () => {
  test('shrinks, blames, and replays', { timeout: 30_000 }, async () => {
    const f = (x: Tensor) => sum(exp(wrong(x)))
    const at = arbitraries.tensor({ shape: arbitraries.shape({ minRank: 1, maxRank: 2 }) })
    const found = await forAllGrad(f as never, at, { seed: 3, runs: 20 })()
    if (E.isRight(found)) throw new Error('not caught')
    const { args, failures, seed, path } = found.left
    expect(args.size).toBe(1)
    expect(failures[0]).toMatchObject({ _tag: 'Mismatch', blame: [{ op: 'tanh3' }] })
    expect(render(failures[0])).toContain(`{ seed: ${seed}, path: '${path}' }`)
    const again = await forAllGrad(f as never, at, { seed, path })()
    expect(E.isLeft(again) && again.left.args.toArray()).toEqual(args.toArray())
  })
})

describe('matchers', () => {
  const f = (x: number[]) => x.reduce((s, v) => s + v ** 3, 0)
  test('toHaveCorrectGradient', async () => {
    expect({ f, gradient: (x: number[]) => x.map((v) => 3 * v * v) }).toHaveCorrectGradient({
      at: [0.1, -2, 3],
    })
    expect({ f, gradient: (x: number[]) => x.map((v) => 3 * v) }).not.toHaveCorrectGradient({
      at: [0.1, -2, 3],
    })
    expect((x: Tensor) => sum(exp(x))).toHaveCorrectGradient({ at: [d([1, 2])] })
    await expect((x: Tensor) => sum(square(x))).toHaveCorrectGradient({
      at: arbitraries.tensor({ shape: [3] }),
      runs: 5,
    })
    expect(() => expect((x: Tensor) => sum(wrong(x))).toHaveCorrectGradient({ at: d([1, 2]) })).toThrow(
      /blame +tanh3/,
    )
  })
  test('toBeSubgradientOf and toBeProxOf', () => {
    const l1 = (x: Tensor) => sum(abs(x))
    expect(sign(d([1, 0, -2]))).toBeSubgradientOf(l1, d([1, 0, -2]))
    expect(d([1, 2, -1])).not.toBeSubgradientOf(l1, d([1, 0, -2]))
    const shrink = (step: number) => (v: number) => Math.sign(v) * Math.max(Math.abs(v) - step, 0)
    const value = (x: number[]) => x.reduce((s, v) => s + Math.abs(v), 0)
    expect((x: number[], step: number) => x.map(shrink(step))).toBeProxOf(value, {
      at: [2, -0.25, 0.5],
      lambda: 0.5,
    })
    expect((x: number[]) => x.map(shrink(0.4))).not.toBeProxOf(value, { at: [2, -0.25, 0.5], lambda: 0.5 })
  })
  test('toBeCloseToTensor', () => {
    expect(d([1, 2])).toBeCloseToTensor(d([1 + 2 ** -52, 2]), { ulps: 1 })
    expect(d([1, 2])).not.toBeCloseToTensor(d([1 + 2 ** -50, 2]), { ulps: 1 })
    expect(d([1, 2])).toBeCloseToTensor([1.0009, 2], { rtol: 1e-3 })
    expect(d([1, 2])).not.toBeCloseToTensor(d([[1, 2]]))
  })
})

describe('arbitraries', () => {
  const product = (a: number[][], b: number[][]): number[][] =>
    a.map((r) => b[0]!.map((_, j) => r.reduce((s, v, k) => s + v * b[k]![j]!, 0)))
  test('orthogonal, spd, simplex, broadcastable', () => {
    fc.assert(
      fc.property(
        arbitraries.orthogonal(3),
        arbitraries.spd(3),
        arbitraries.simplex(4),
        arbitraries.broadcastable(),
        (q, a, p, [s, t]) => {
          const m = q.toArray() as number[][]
          const eye = product(
            m,
            m[0]!.map((_, j) => m.map((r) => r[j]!)),
          )
          const b = a.toArray() as number[][]
          const sum = (p.toArray() as number[]).reduce((x, y) => x + y, 0)
          const fits = s.every((n, i) => {
            const k = t[t.length - s.length + i]
            return k === undefined || n === k || n === 1 || k === 1
          })
          return (
            eye.every((r, i) => r.every((v, j) => Math.abs(v - (i === j ? 1 : 0)) < 1e-12)) &&
            b.every((r, i) => r.every((v, j) => v === b[j]![i])) &&
            Math.abs(sum - 1) < 1e-12 &&
            fits
          )
        },
      ),
    )
  })
})
