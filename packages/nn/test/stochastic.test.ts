import { add, div, full, grad, mul, random, reshape, square, sum, type Tensor, tensor } from '@cotangent/core'
import {
  activation,
  alphaDropout,
  compose,
  dense,
  dropBlock,
  dropConnect,
  dropout,
  type Empty,
  gaussianDropout,
  gaussianNoise,
  init,
  type Layer,
  loss,
  sequential,
  spatialDropout,
  stochasticDepth,
} from '@cotangent/nn'
import { describe, expect, test } from 'vitest'

const key = random.key(20)
const train = { train: true, key }

interface Law {
  readonly name: string
  readonly layer: Layer<Empty>
  /** Mean and variance of an output whose input is x. */
  readonly mean: (x: number) => number
  readonly variance: (x: number) => number
  /** Entries of an input [n, places, channels] that share their randomness have the same label. */
  readonly shared: (example: number, place: number, channel: number) => string
}

const dropped = (rate: number) => ({
  mean: (x: number) => x,
  variance: (x: number) => (x * x * rate) / (1 - rate),
})
const alone = (...at: readonly number[]): string => at.join()
const saturated = -1.7580993408473766
const [a, b] = [0.9212845161497115, 0.16197097005757016]
const laws: readonly Law[] = [
  { name: 'dropout', layer: dropout({ rate: 0.3 }), ...dropped(0.3), shared: alone },
  {
    name: 'spatialDropout',
    layer: spatialDropout({ rate: 0.4 }),
    ...dropped(0.4),
    shared: (e, _, c) => alone(e, c),
  },
  { name: 'gaussianDropout', layer: gaussianDropout({ rate: 0.2 }), ...dropped(0.2), shared: alone },
  {
    name: 'gaussianNoise',
    layer: gaussianNoise({ std: 0.5 }),
    mean: (x) => x,
    variance: () => 0.25,
    shared: alone,
  },
  {
    name: 'alphaDropout',
    layer: alphaDropout({ rate: 0.1 }),
    mean: (x) => a * (0.9 * x + 0.1 * saturated) + b,
    variance: (x) => a * a * 0.09 * (x - saturated) ** 2,
    shared: alone,
  },
  {
    name: 'stochasticDepth, row',
    layer: stochasticDepth({ rate: 0.25 }),
    ...dropped(0.25),
    shared: (e) => alone(e),
  },
]

// Every seed is fixed, so a bound of four standard errors is passed for good or never.
const N = 20_000
const average = (xs: readonly number[]): number => xs.reduce((n, x) => n + x, 0) / xs.length

describe.each(laws.map((law) => [law.name, law] as const))('%s', (_, law) => {
  const value = 1.5
  const y = [...law.layer.apply({}, {}, full([N, 2, 2], value), train).y.toTypedArray()]
  const column = (place: number, channel: number): number[] =>
    y.filter((__, i) => i % 4 === place * 2 + channel)
  const mean = law.mean(value)
  const variance = law.variance(value)

  test('has its mean and its variance', () => {
    const xs = column(0, 0)
    expect(Math.abs(average(xs) - mean)).toBeLessThan(4 * Math.sqrt(variance / N))
    const squares = xs.map((x) => (x - mean) ** 2)
    const spread = Math.sqrt(average(squares.map((s) => (s - variance) ** 2)) / N)
    expect(Math.abs(average(squares) - variance)).toBeLessThan(4 * spread + 1e-12)
  })
  test('is correlated where entries share their mask, and nowhere else', () => {
    for (const [place, channel] of [
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const) {
      const [left, right] = [column(0, 0), column(place, channel)]
      const correlation = average(left.map((x, i) => (x - mean) * (right[i]! - mean))) / variance
      const expected = law.shared(0, 0, 0) === law.shared(0, place, channel) ? 1 : 0
      expect(Math.abs(correlation - expected)).toBeLessThan(expected === 1 ? 0.06 : 4 / Math.sqrt(N))
    }
  })
  test('is independent from one example to the next', () => {
    const xs = column(0, 0)
    const pairs = xs.slice(1).map((x, i) => (x - mean) * (xs[i]! - mean))
    expect(Math.abs(average(pairs) / variance)).toBeLessThan(4 / Math.sqrt(N))
  })
  test('is the identity outside of training, and repeats under its key', () => {
    const x = tensor([[[1, -2]]])
    expect(law.layer.apply({}, {}, x, { train: false }).y).toBe(x)
    expect(law.layer.apply({}, {}, x, train).y.toArray()).toEqual(
      law.layer.apply({}, {}, x, train).y.toArray(),
    )
    expect(() => law.layer.apply({}, {}, x, { train: true })).toThrow(/training needs a key/)
  })
})

test('stochastic depth drops a batch together when told', () => {
  const layer = stochasticDepth({ rate: 0.5, mode: 'batch' })
  const kept = Array.from({ length: 40 }, (_, i) => {
    const y = layer.apply({}, {}, full([3, 2], 1), { train: true, key: random.key(i) }).y.toTypedArray()
    expect(new Set(y).size).toBe(1)
    return y[0]!
  })
  expect(new Set(kept)).toEqual(new Set([0, 2]))
})

describe('dropConnect', () => {
  const layer = dropConnect(dense(50), { rate: 0.4 })
  const { params, state } = layer.init(key, [1, 200])
  const given = { kernel: init.ones(key, [200, 50]), bias: full([50], 3) }
  test('masks the kernel and leaves the bias', () => {
    const y = [...layer.apply(given, state, full([1, 200], 1), train).y.toTypedArray()]
    // Each output is 3 + a sum of 200 entries of mean 1 and variance 2/3.
    expect(Math.abs(average(y) - 203)).toBeLessThan(4 * Math.sqrt((200 * (0.4 / 0.6)) / 50))
    expect(new Set(y).size).toBeGreaterThan(10)
    const zero = layer.apply(given, state, full([1, 200], 0), train).y.toTypedArray()
    expect([...new Set(zero)]).toEqual([3])
  })
  test('is the layer outside of training', () => {
    const x = random.normal(key, [2, 200])
    expect(layer.apply(params, state, x, { train: false }).y.toArray()).toEqual(
      dense(50).apply(params, state, x, { train: false }).y.toArray(),
    )
  })
})

test('the mean over all masks of dropout on a linear regression is ridge weighted by the data', () => {
  // E‖y - (X∘M)w/(1 - p)‖² = ‖y - Xw‖² + p/(1 - p)·Σⱼ wⱼ² Σᵢ xᵢⱼ², value and gradient, all 2⁶ masks.
  const p = 0.3
  const f64 = { dtype: 'float64' } as const
  const x = tensor([1, 2, -1, 0.5, 0.25, 3], { ...f64, shape: [2, 3] })
  const y = tensor([1, -2], f64)
  const w = tensor([0.5, -1.5, 2], f64)
  const fit = (rows: Tensor, v: Tensor): Tensor => {
    const prediction = sum(mul(rows, v), { axis: 1 })
    return mul(loss.mse(prediction, y), 2)
  }
  const masked = (v: Tensor): Tensor =>
    Array.from({ length: 64 }, (_, bits) => Array.from({ length: 6 }, (__, i) => (bits >> i) & 1))
      .map((mask) => {
        const kept = mask.reduce((n: number, m) => n + m, 0)
        const rows = div(mul(x, tensor(mask, { ...f64, shape: [2, 3] })), 1 - p)
        return mul(fit(rows, v), (1 - p) ** kept * p ** (6 - kept))
      })
      .reduce((total: Tensor, each: Tensor) => add(total, each))
  const ridge = (v: Tensor): Tensor =>
    add(fit(x, v), mul(sum(mul(square(v), sum(square(x), { axis: 0 }))), p / (1 - p)))
  expect(masked(w).item()).toBeCloseTo(ridge(w).item(), 11)
  const [one, two] = [grad(masked)(w).toTypedArray(), grad(ridge)(w).toTypedArray()]
  one.forEach((g, i) => {
    expect(g).toBeCloseTo(two[i]!, 11)
  })
  // What the layer makes of x is one of the masked inputs.
  const seen = dropout({ rate: p }).apply({}, {}, x, train).y
  expect(
    reshape(seen, [6])
      .toTypedArray()
      .every((v, i) => v === 0 || Math.abs(v * (1 - p) - x.toTypedArray()[i]!) < 1e-12),
  ).toBe(true)
})

test('a new layer leaves the keys of others as they were', () => {
  const drop = { drop: dropout({ rate: 0.5 }) }
  const more = { first: activation((x: Tensor) => x), noise: gaussianNoise({ std: 0 }), ...drop }
  const x = full([4, 8], 1)
  const [small, large] = [sequential(drop), sequential(more)]
  const [s, l] = [small.init(key, [4, 8]), large.init(key, [4, 8])]
  const kept = small.apply(s.params, s.state, x, train).y.toArray()
  expect(large.apply(l.params, l.state, x, train).y.toArray()).toEqual(kept)
  const twice = compose(dropout({ rate: 0.5 }), dropout({ rate: 0.5 }))
  const t = twice.init(key, [4, 8])
  const y = twice.apply(t.params, t.state, x, train).y.toTypedArray()
  // Two masks that were the same would leave half of the entries; independent ones leave a quarter.
  expect(y.filter((v) => v !== 0).length).toBeLessThan(14)
})

describe('dropBlock', () => {
  // B13 of the defects of others: even sizes, and height other than width.
  const SIZES: readonly (readonly [readonly number[], number | readonly number[], readonly number[]])[] = [
    [[5, 14, 14, 3], 7, [7, 7]],
    [[4, 9, 9, 2], 2, [2, 2]],
    [[4, 6, 13, 2], 4, [4, 4]],
    [
      [3, 11, 5, 2],
      [3, 2],
      [3, 2],
    ],
    [[3, 5, 40, 2], 8, [5, 8]],
    [[6, 30, 2], 6, [6]],
    [
      [2, 5, 6, 7, 2],
      [2, 3, 4],
      [2, 3, 4],
    ],
  ]
  const indices = (shape: readonly number[]): number[][] =>
    shape.reduce<number[][]>(
      (all, n) => all.flatMap((at) => Array.from({ length: n }, (_, i) => [...at, i])),
      [[]],
    )
  const flat = (at: readonly number[], shape: readonly number[]): number =>
    at.reduce((sum, i, d) => sum * shape[d]! + i, 0)

  test.each(SIZES)(
    '%j by %j: what is dropped is whole blocks, the rest has one factor',
    (shape, size, block) => {
      const layer = dropBlock({ rate: 0.2, size })
      for (let seed = 0; seed < 4; seed++) {
        const x = full(shape, 3) as Tensor
        const y = layer.apply({}, {}, x, { train: true, key: random.key(seed) }).y.toTypedArray()
        const rest = y.filter((v) => v !== 0)
        expect(new Set(rest).size).toBe(1)
        expect(rest[0]).toBeCloseTo((3 * y.length) / rest.length, 4)
        const spatial = shape.slice(1, -1)
        const starts = indices(spatial.map((n, i) => n - block[i]! + 1))
        const covered = new Set<number>()
        for (const [e, c] of indices([shape[0]!, shape.at(-1)!]) as [number, number][])
          for (const from of starts) {
            const inside = indices(block).map((o) => flat([e, ...o.map((k, i) => from[i]! + k), c], shape))
            if (inside.every((i) => y[i] === 0)) for (const i of inside) covered.add(i)
          }
        expect(covered.size).toBe(y.length - rest.length)
        expect(covered.size).toBeGreaterThan(0)
      }
    },
  )

  test('blocks begin with the probability of the paper: .00625 for rate .1, 7 by 7 in 14 by 14', () => {
    const n = 1000
    const x = full([n, 14, 14, 1], 1) as Tensor
    const y = dropBlock({ rate: 0.1, size: 7 }).apply({}, {}, x, train).y.toTypedArray()
    const share = (place: number): number =>
      average(Array.from({ length: n }, (_, e) => (y[e * 196 + place] === 0 ? 1 : 0)))
    const expected = (places: number): number => 1 - (1 - 0.00625) ** places
    // A corner can be covered by one block only, the middle by 49 of them.
    for (const [place, places] of [
      [0, 1],
      [6 * 14 + 6, 49],
    ] as const) {
      const p = expected(places)
      expect(Math.abs(share(place) - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / n))
    }
  })

  test('the identity outside of training, and clear errors', () => {
    const x = random.normal(key, [2, 5, 5, 1]) as Tensor
    expect(dropBlock({ rate: 0.5 }).apply({}, {}, x, { train: false }).y).toBe(x)
    expect(() => dropBlock({ rate: 0.1, size: 1.5 })).toThrow(
      'dropBlock: size is 1.5. Give positive integers.',
    )
    const apply = (size: number[], ...shape: number[]) =>
      dropBlock({ rate: 0.1, size }).apply({}, {}, full(shape, 1) as Tensor, train)
    expect(() => apply([2], 2, 5, 5, 1)).toThrow(
      /size has 1 entries and the input \[2, 5, 5, 1\] has 2 spatial axes/,
    )
    expect(() => apply([2], 2, 5)).toThrow(/Give \[batch, \.\.\.spatial, channels\]/)
  })
})
