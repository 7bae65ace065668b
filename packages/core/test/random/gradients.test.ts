import { grad, jvp, random, type Tensor, tensor, vmap } from '@cotangent/core'
import { describe, expect, test } from 'vitest'
import { logGammaSlope } from '../../src/random/gammaSlope.js'

const key = random.key(2)
const d = (x: number | number[]): Tensor => tensor(x as number[], { dtype: 'float64' })
const average = (x: Tensor): number => Array.from(x.toTypedArray()).reduce((s, v) => s + v, 0) / x.size
const tangent = (f: (x: Tensor) => Tensor, x: number): Tensor => jvp(f, [d(x)], [d(1)])[1]
const quotient = (f: (x: Tensor) => Tensor, x: number, h: number): Tensor[] =>
  [x + h, x - h].map((at) => f(d(at)))

// dx/da of a gamma sample x: the integral over the upper tail, by adaptive quadrature with 30 digits (mpmath).
const slopes = [
  [0.000001, 0.00001, 109.35830802608442],
  [0.01, 0.00001, 0.010952158246714486],
  [0.1, 0.2, 3.2289614547690415],
  [0.1, 3, 9.4436171440946],
  [0.5, 0.3, 1.0098019459488545],
  [1, 2, 1.6316914623497007],
  [2.5, 0.01, 0.022901968802790315],
  [2.5, 1.8, 0.9020974175274601],
  [2.5, 12, 2.110481520182],
  [30, 25, 0.9166815997356572],
  [30, 30, 1.0055737170827104],
  [1000, 1100, 1.048586678561617],
] as const

test.each(slopes)('slope of gamma: a = %d, x = %d', (a, x, want) => {
  expect(Math.abs((x * logGammaSlope(d(a), d(x)).item()) / want - 1)).toBeLessThan(1e-12)
})

// The path of a sample through its parameter is smooth and keeps its level, so E[dx/da] is the slope of the mean.
describe.each([0.3, 1, 4.5])('gamma(%d)', (a) => {
  const n = 1000
  const draw = (x: Tensor) => random.gamma(key, x, [n], { dtype: 'float64' })
  test('the mean slope is that of the mean, 1', () => {
    expect(Math.abs(average(tangent(draw, a)) - 1)).toBeLessThan(0.1)
  })
  test('second derivatives are those of the first', () => {
    // With the samples held at their level, x(a) solves dx/da = slope(a, x): one step of it against the derivative.
    const at = d([0.2 * a, a, 2 * a])
    const slope = (x: Tensor, s: Tensor) => logGammaSlope(x, s)
    const h = 1e-5 * a
    const spread = (x: number) => d([x, x, x])
    const [, da] = jvp((x: Tensor) => slope(x, at), [spread(a)], [d([1, 1, 1])])
    const [up, down] = [a + h, a - h].map((x) => slope(spread(x), at).toTypedArray())
    da.toTypedArray().forEach((v, i) => {
      expect(Math.abs(v - (up![i]! - down![i]!) / (2 * h))).toBeLessThan(1e-6 * (1 + Math.abs(v)))
    })
  })
})

test('grad, jvp and vmap of a gamma sample agree', () => {
  const draw = (a: Tensor) => random.gamma(key, a)
  const as = d([0.5, 2, 7])
  const one = [...as].map((a) => grad(draw)(a).item())
  expect(vmap(grad(draw))(as).toArray()).toEqual(one)
  expect([0.5, 2, 7].map((a) => tangent(draw, a).item())).toEqual(one)
  expect(Number.isFinite(grad((a: Tensor) => grad(draw)(a))(d(2)).item())).toBe(true)
})

test('tiny parameters give finite slopes', () => {
  const draw = (a: Tensor) => random.gamma(key, a, [50], { dtype: 'float64' })
  for (const x of tangent(draw, 1e-3).toTypedArray()) expect(Number.isFinite(x)).toBe(true)
})

// E[beta(a, b)] = a/(a + b).
test('beta moves with its parameters as its mean does', () => {
  const draw = (a: Tensor, b: Tensor) => random.beta(key, a, b, [800], { dtype: 'float64' })
  const [a, b] = [1.5, 2.5]
  const [, da] = jvp(draw, [d(a), d(b)], [d(1), d(0)])
  const [, db] = jvp(draw, [d(a), d(b)], [d(0), d(1)])
  expect(Math.abs(average(da) - b / (a + b) ** 2)).toBeLessThan(0.02)
  expect(Math.abs(average(db) + a / (a + b) ** 2)).toBeLessThan(0.02)
})

const smooth: Readonly<Record<string, readonly [(x: Tensor) => Tensor, number]>> = {
  'uniform in minval': [(x) => random.uniform(key, [6], { minval: x, maxval: 3, dtype: 'float64' }), -0.5],
  'uniform in maxval': [(x) => random.uniform(key, [6], { minval: -1, maxval: x, dtype: 'float64' }), 2],
  'truncatedNormal in lower': [(x) => random.truncatedNormal(key, x, 2, [6]), -0.5],
  'truncatedNormal in upper': [(x) => random.truncatedNormal(key, -1, x, [6]), 0.75],
}
test.each(Object.entries(smooth))('%s: the tangent is the limit of quotients', (_, [f, x]) => {
  const h = 1e-6
  const [up, down] = quotient(f, x, h).map((t) => t.toTypedArray())
  tangent(f, x)
    .toTypedArray()
    .forEach((t, i) => {
      expect(Math.abs(t - (up![i]! - down![i]!) / (2 * h))).toBeLessThan(1e-7)
    })
})

test('equal bounds: the slopes of the interval, not of a tie', () => {
  const f = (hi: Tensor) => random.uniform(key, [], { minval: 2, maxval: hi, dtype: 'float64' })
  expect(tangent(f, 2).item()).toBe(random.uniform(key, [], { dtype: 'float64' }).item())
})

test('a permutation passes gradients to the places they came from', () => {
  const order = random.permutation(key, 4).toArray() as number[]
  const [, t] = jvp((x: Tensor) => random.permutation(key, x), [d([1, 2, 3, 4])], [d([10, 20, 30, 40])])
  expect(t.toArray()).toEqual(order.map((i) => 10 * (i + 1)))
})
