import { random, type Tensor, tensor } from '@cotangent/core'
import { describe, expect, test } from 'vitest'

// Fixed seeds: the bounds are 4 standard errors and pass or fail for good.

const n = 4000
const key = random.key(7)
const shape = [n] as const
const EULER = 0.5772156649015329

interface Law {
  readonly draw: (k: Tensor) => Tensor
  readonly mean: number
  readonly variance: number
  /** Fourth central moment over the squared variance. */
  readonly kurtosis: number
}

const betaKurtosis = (a: number, b: number) =>
  3 + (6 * ((a - b) ** 2 * (a + b + 1) - a * b * (a + b + 2))) / (a * b * (a + b + 2) * (a + b + 3))

const laws: Readonly<Record<string, Law>> = {
  uniform: { draw: (k) => random.uniform(k, shape), mean: 0.5, variance: 1 / 12, kurtosis: 1.8 },
  normal: { draw: (k) => random.normal(k, shape), mean: 0, variance: 1, kurtosis: 3 },
  exponential: { draw: (k) => random.exponential(k, shape), mean: 1, variance: 1, kurtosis: 9 },
  gumbel: { draw: (k) => random.gumbel(k, shape), mean: EULER, variance: Math.PI ** 2 / 6, kurtosis: 5.4 },
  laplace: { draw: (k) => random.laplace(k, shape), mean: 0, variance: 2, kurtosis: 6 },
  rademacher: { draw: (k) => random.rademacher(k, shape), mean: 0, variance: 1, kurtosis: 1 },
  bernoulli: {
    draw: (k) => random.bernoulli(k, 0.3, shape),
    mean: 0.3,
    variance: 0.21,
    kurtosis: 1 / 0.21 - 3,
  },
  'truncatedNormal above 0': {
    draw: (k) => random.truncatedNormal(k, 0, Number.POSITIVE_INFINITY, shape),
    mean: Math.sqrt(2 / Math.PI),
    variance: 1 - 2 / Math.PI,
    kurtosis: 3.8692,
  },
  'truncatedNormal, unbounded': {
    draw: (k) => random.truncatedNormal(k, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, shape),
    mean: 0,
    variance: 1,
    kurtosis: 3,
  },
  randint: { draw: (k) => random.randint(k, shape, 0, 100), mean: 49.5, variance: 9999 / 12, kurtosis: 1.8 },
  'gamma(0.4)': { draw: (k) => random.gamma(k, 0.4, shape), mean: 0.4, variance: 0.4, kurtosis: 3 + 6 / 0.4 },
  'gamma(3)': { draw: (k) => random.gamma(k, 3, shape), mean: 3, variance: 3, kurtosis: 5 },
  'beta(2, 3)': {
    draw: (k) => random.beta(k, 2, 3, shape),
    mean: 0.4,
    variance: 0.04,
    kurtosis: betaKurtosis(2, 3),
  },
}

test.each(Object.entries(laws))('%s: mean and variance', (_, { draw, mean, variance, kurtosis }) => {
  const x = draw(key).toTypedArray()
  const deviations = Array.from(x, (v) => v - mean)
  const first = deviations.reduce((s, v) => s + v, 0) / n
  const second = deviations.reduce((s, v) => s + v * v, 0) / n
  expect(Math.abs(first)).toBeLessThan(4 * Math.sqrt(variance / n))
  expect(Math.abs(second - variance)).toBeLessThanOrEqual(
    4 * variance * Math.sqrt((kurtosis - 1) / n) + 1e-3 * variance,
  )
})

test('categorical: frequencies are the softmax of the logits', () => {
  const logits = tensor([0, Math.log(2), Math.log(3), Number.NEGATIVE_INFINITY])
  const counts = [0, 0, 0, 0]
  for (const i of random.categorical(key, logits, { shape }).toTypedArray()) counts[i]!++
  ;[1 / 6, 1 / 3, 1 / 2, 0].forEach((p, i) => {
    expect(Math.abs(counts[i]! / n - p)).toBeLessThanOrEqual(4 * Math.sqrt((p * (1 - p)) / n))
  })
})

test('categorical: along another axis', () => {
  const sure = tensor([
    [0, -100],
    [-100, 0],
    [-100, -100],
  ])
  expect(random.categorical(key, sure, { axis: 0, shape: [3, 2] }).toArray()).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
  ])
})

describe('ranges', () => {
  test('truncatedNormal stays inside, also with float32 bounds', () => {
    const x = random.truncatedNormal(key, -0.1, 0.3, shape).toTypedArray()
    expect(Math.min(...x)).toBeGreaterThan(Math.fround(-0.1))
    expect(Math.max(...x)).toBeLessThan(Math.fround(0.3))
  })
  test('open ends give finite samples', () => {
    const x = random.truncatedNormal(key, Number.NEGATIVE_INFINITY, 1, [100000]).toTypedArray()
    expect(x.every(Number.isFinite)).toBe(true)
  })
  test('randint covers its range and no more, also the whole of int32', () => {
    expect(new Set(random.randint(key, [400], 3, 7).toTypedArray())).toEqual(new Set([3, 4, 5, 6]))
    const wide = random.randint(key, [400], -(2 ** 31), 2 ** 31 - 1).toTypedArray()
    expect(Math.min(...wide)).toBeLessThan(-(2 ** 30))
    expect(Math.max(...wide)).toBeGreaterThan(2 ** 30)
    expect(random.randint(key, [3], 5, 5).toArray()).toEqual([5, 5, 5])
  })
  test('permutations of a few entries come equally often', () => {
    const seen = new Map<string, number>()
    for (const k of random.split(key, 1200)) {
      const p = String(random.permutation(k, 3).toArray())
      seen.set(p, (seen.get(p) ?? 0) + 1)
    }
    expect(seen.size).toBe(6)
    for (const count of seen.values()) expect(Math.abs(count - 200)).toBeLessThan(4 * Math.sqrt(200))
  })
})
