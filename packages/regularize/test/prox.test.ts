import { type Tensor, tensor } from '@cotangent/core'
import { article, type Functional, l1, l2, l2Ball, linfBall, norm2 } from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'

const d = (x: readonly number[]): Tensor => tensor([...x], { dtype: 'float64' }) as Tensor
const list = (x: Tensor): number[] => [...x.toTypedArray()]

// Plain numbers: what each functional means, written apart from it.
const sumOf = (x: readonly number[], f: (v: number) => number): number => x.reduce((n, v) => n + f(v), 0)
const meanings: readonly (readonly [Functional, (x: readonly number[]) => number])[] = [
  [l1(0.7), (x) => 0.7 * sumOf(x, Math.abs)],
  [l2(0.7), (x) => 0.35 * sumOf(x, (v) => v * v)],
  [norm2(0.7), (x) => 0.7 * Math.hypot(...x)],
  [article.l1Objective(0.7), (x) => 0.5 * sumOf(x, (v) => v * v) + 0.35 * sumOf(x, Math.abs)],
  [article.l2Objective(0.7), (x) => 0.5 * sumOf(x, (v) => v * v) + 0.35 * Math.hypot(...x)],
]

const points = [
  [3, -1],
  [0.25, -0.125],
  [-0.5, 2],
  [0, 1.5],
  [0, 0],
]
const metrics = [undefined, [1, 0.5], [0.01, 3], [1e-8, 1]]
const steps = [0.25, 1, 3]

describe.each(meanings)('$name', (functional, meaning) => {
  test('has the value it says', () => {
    for (const x of points) expect(functional.value(d(x)).item()).toBeCloseTo(meaning(x), 12)
  })

  test('its prox is the minimum over a dense grid, in every metric', () => {
    for (const x of points)
      for (const metric of metrics)
        for (const t of steps) {
          const objective = (z: readonly number[]) =>
            t * meaning(z) + 0.5 * z.reduce((n, v, i) => n + (metric?.[i] ?? 1) * (v - x[i]!) ** 2, 0)
          const z = list(functional.prox!(d(x), t, metric && d(metric)))
          const best = objective(z)
          expect(z.every(Number.isFinite)).toBe(true)
          // All proxes here lie between 0 and x, coordinate by coordinate.
          for (let i = 0; i <= 24; i++)
            for (let j = 0; j <= 24; j++)
              expect(objective([(x[0]! * i) / 24, (x[1]! * j) / 24])).toBeGreaterThanOrEqual(best - 1e-12)
          // And next to the result it only rises.
          for (const h of [1e-3, 1e-5])
            for (const [a, b] of [
              [h, 0],
              [-h, 0],
              [0, h],
              [0, -h],
              [h, h],
              [-h, h],
            ] as const)
              expect(objective([z[0]! + a, z[1]! + b])).toBeGreaterThanOrEqual(best - 1e-14)
        }
  })
})

test('zeros are exact', () => {
  expect(list(l1(0.7).prox(d([0.5, -0.7, 0.71, 0]), 1)).slice(0, 2)).toEqual([0, 0])
  expect(list(norm2(5).prox(d([3, 4]), 1))).toEqual([0, 0])
  expect(list(norm2(5).prox(d([3, 4]), 1, d([1, 0.5])))).toEqual([0, 0])
})

test('(x - prox(x))/step is a subgradient at prox(x): kkt is 0 there and positive elsewhere', () => {
  const functionals = [l1(0.7), l2(0.7), norm2(0.7)]
  for (const functional of functionals)
    for (const x of points) {
      const z = functional.prox(d(x), 0.5)
      const minusGrad = list(z).map((v, i) => (x[i]! - v) / 0.5)
      const grad = d(minusGrad.map((v) => -v))
      for (const r of list(functional.kkt(z, grad))) expect(r).toBeCloseTo(0, 10)
      const off = d(minusGrad.map((v) => -v + 3))
      expect(Math.max(...list(functional.kkt(z, off)))).toBeGreaterThan(0.5)
    }
})

test('Moreau: prox of R and prox of the conjugate, coded apart, add up to x', () => {
  for (const functional of [l1(0.7), l2(0.7), norm2(0.7)])
    for (const x of points)
      for (const t of steps) {
        const near = list(functional.prox(d(x), t))
        const dual = list(functional.conjugate!.prox!(d(x.map((v) => v / t)), 1 / t))
        near.forEach((v, i) => {
          expect(v + t * dual[i]!).toBeCloseTo(x[i]!, 12)
        })
      }
})

test('balls project, and twice is once', () => {
  expect(list(linfBall(1).prox(d([3, -0.5]), 9))).toEqual([1, -0.5])
  const once = l2Ball(1).prox(d([3, 4]), 9)
  expect(list(l2Ball(1.0000001).prox(once, 1))).toEqual(list(once))
  expect([
    l2Ball(1)
      .value(d([3, 4]))
      .item(),
    l2Ball(6)
      .value(d([3, 4]))
      .item(),
  ]).toEqual([Infinity, 0])
})

test('a block shrinks exactly over metrics of many magnitudes', () => {
  const n = 200
  const x = Array.from({ length: n }, (_, i) => Math.sin(7 * i))
  const metric = Array.from({ length: n }, (_, i) => 10 ** (-8 + (8 * i) / n))
  const z = list(norm2(0.01).prox(d(x), 1, d(metric)))
  const r = Math.hypot(...z)
  expect(r).toBeGreaterThan(0)
  z.forEach((v, i) => {
    expect(metric[i]! * (v - x[i]!) + (0.01 * v) / r).toBeCloseTo(0, 11)
  })
})

test('a negative strength is refused', () => {
  expect(() => l1(-1)).toThrow('l1: λ is -1. Give a number that is not negative.')
})
