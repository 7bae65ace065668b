import { random, type Tensor, tensor } from '@cotangent/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dataset } from '../src/index.js'

/** Example i is i in x and i % 3 in y. */
const counted = (n: number) =>
  dataset.fromArrays(
    tensor(
      Float32Array.from({ length: n }, (_, i) => i),
      { shape: [n, 1] },
    ) as Tensor,
    Int32Array.from({ length: n }, (_, i) => i % 3),
  )
const ids = (data: { readonly x: Tensor } | undefined) =>
  data === undefined ? [] : [...data.x.toTypedArray()]
const all = (n: number) => Array.from({ length: n }, (_, i) => i)
const sorted = (xs: readonly number[]) => [...xs].sort((a, b) => a - b)

describe('split, kFold, shuffle and batches deal every example once, with its label', () => {
  const sizes = fc.integer({ min: 10, max: 60 })
  const seeds = fc.integer({ min: 0, max: 1000 })
  const labelled = (data: { readonly x: Tensor; readonly y: Tensor }) =>
    expect([...data.y.toTypedArray()]).toEqual(ids(data).map((i) => i % 3))

  test('split', () => {
    fc.assert(
      fc.property(sizes, seeds, fc.boolean(), (n, seed, stratify) => {
        const parts = dataset.split(counted(n), { test: 0.2, validation: 3, key: random.key(seed), stratify })
        const lists = [parts.train, parts.validation, parts.test]
        expect(sorted(lists.flatMap(ids))).toEqual(all(n))
        expect(lists.map((p) => ids(p).length)).toEqual([n - 3 - Math.round(0.2 * n), 3, Math.round(0.2 * n)])
        for (const part of lists) labelled(part!)
      }),
      { numRuns: 30 },
    )
  })

  test('kFold', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 2, max: 9 }), fc.boolean(), (n, folds, stratify) => {
        const parts = dataset.kFold(counted(n), { folds, stratify, key: random.key(n) })
        expect(sorted(parts.flatMap((fold) => ids(fold.validation)))).toEqual(all(n))
        for (const { train, validation } of parts) {
          expect(sorted([...ids(train), ...ids(validation)])).toEqual(all(n))
          labelled(train)
        }
      }),
      { numRuns: 20 },
    )
  })

  test('batches, in each epoch', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 70 }), (n, size) => {
        const source = dataset.batches(counted(n), { size })
        const epochs = [1, 2].map((epoch) => [...source.batches({ epoch, key: random.key(epoch) })])
        for (const batches of epochs) {
          expect(sorted(batches.flatMap(ids))).toEqual(all(n))
          expect(batches).toHaveLength(source.steps)
          for (const batch of batches) labelled(batch)
        }
        if (size < n && n > 12) expect(epochs[0]!.flatMap(ids)).not.toEqual(epochs[1]!.flatMap(ids))
      }),
      { numRuns: 30 },
    )
  })
})

test('kFold without a key has the folds of scikit-learn: stretches, the first ones longer', () => {
  const folds = dataset.kFold(counted(7), { folds: 3 })
  expect(folds.map((fold) => ids(fold.validation))).toEqual([
    [0, 1, 2],
    [3, 4],
    [5, 6],
  ])
})

test('stratified parts have the classes in proportion', () => {
  const y = Int32Array.from({ length: 100 }, (_, i) => (i < 80 ? 0 : 1))
  const data = dataset.fromArrays(tensor(new Float32Array(100), { shape: [100, 1] }) as Tensor, y)
  const ones = (part: { readonly y: Tensor }) => part.y.toTypedArray().filter((v) => v === 1).length
  const { train, test: held } = dataset.split(data, { test: 0.25, stratify: true, key: random.key(1) })
  expect([ones(train), ones(held!)]).toEqual([15, 5])
  for (const fold of dataset.kFold(data, { folds: 5, stratify: true })) expect(ones(fold.validation)).toBe(4)
})

test('batches: a dropped remainder, the order of the data, all at once', () => {
  const at = { epoch: 1, key: random.key(0) }
  const sizes = (options: Parameters<typeof dataset.batches>[1]) =>
    [...dataset.batches(counted(7), options).batches(at)].map((b) => b.x.shape[0])
  expect(sizes({ size: 3, remainder: 'drop' })).toEqual([3, 3])
  expect(sizes({ size: 'all' })).toEqual([7])
  expect(sizes({ size: 100 })).toEqual([7])
  expect([...dataset.batches(counted(4), { size: 2, shuffle: false }).batches(at)].flatMap(ids)).toEqual([
    0, 1, 2, 3,
  ])
})

describe('standardize', () => {
  const column = fc.array(
    fc.integer({ min: -640, max: 640 }).map((k) => k / 64),
    { minLength: 3, maxLength: 20 },
  )
  test('the training part has mean 0 and deviation 1, and invert leads back', () => {
    fc.assert(
      fc.property(column, column, (a, b) => {
        const [train, other] = [a, b].map((c) =>
          dataset.fromArrays(
            c.map((v) => [v, 5]),
            c.map(() => 0),
          ),
        )
        const { data, invert, std } = dataset.standardize(train!, other!)
        const values = ids(data[0]).filter((_, i) => i % 2 === 0)
        const mean = values.reduce((s, v) => s + v, 0) / values.length
        expect(mean).toBeCloseTo(0, 4)
        const spread = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length)
        if (new Set(a).size > 1) expect(spread).toBeCloseTo(1, 4)
        expect(std[1]).toBe(1)
        for (const [i, v] of invert(data[1]!).x.toTypedArray().entries())
          expect(v).toBeCloseTo(other!.x.toTypedArray()[i]!, 3)
      }),
      { numRuns: 40 },
    )
  })

  test('nothing of the other parts leaks into it', () => {
    const train = dataset.fromArrays([[1], [3]], [0, 0])
    const one = dataset.standardize(train, dataset.fromArrays([[100]], [0]))
    const two = dataset.standardize(train, dataset.fromArrays([[-5]], [0]))
    expect([one.mean, one.std]).toEqual([two.mean, two.std])
    expect(one.data[0]!.x.toArray()).toEqual([[-1], [1]])
  })

  test('far from 0 it does not lose its digits', () => {
    const { std } = dataset.standardize(
      dataset.fromArrays(tensor(Float64Array.from([1e9, 1e9 + 2]), { shape: [2, 1] }), [0, 0]),
    )
    expect(std).toEqual([1])
  })

  test('missing values stay missing and count for nothing', () => {
    const { data, mean } = dataset.standardize(dataset.fromArrays([[1], [Number.NaN], [3]], [0, 0, 0]))
    expect([mean, data[0]!.x.toArray()]).toEqual([[2], [[-1], [Number.NaN], [1]]])
  })
})

describe('impute', () => {
  const gaps = dataset.fromArrays(
    [
      [1, 5],
      [Number.NaN, 5],
      [2, Number.NaN],
      [9, 5],
    ],
    [0, 0, 0, 0],
  )
  test.each([
    ['mean', [4, 5]],
    ['median', [2, 5]],
    [7, [7, 7]],
  ] as const)('with the %s of the training part', (how, fill) => {
    const other = dataset.fromArrays([[Number.NaN, Number.NaN]], [0])
    const { data, fill: found } = dataset.impute(gaps, [other], { with: how })
    expect(found).toEqual(fill)
    expect(data[1]!.x.toArray()).toEqual([fill])
  })
  test('a column without a value is refused by name', () => {
    const named = { ...dataset.fromArrays([[Number.NaN]], [0]), names: { features: ['age'], target: ['y'] } }
    expect(() => dataset.impute(named)).toThrow(/column age has no value at all/)
  })
  test('indicators are named', () => {
    const named = { ...gaps, names: { features: ['a', 'b'], target: ['y'] } }
    const { data } = dataset.impute(named, [], { indicators: true })
    expect(data[0]!.names?.features).toEqual(['a', 'b', 'a missing', 'b missing'])
    expect(data[0]!.x.toArray()).toEqual([
      [1, 5, 0, 0],
      [4, 5, 1, 0],
      [2, 5, 0, 1],
      [9, 5, 0, 0],
    ])
  })
})

test.each([
  ['lengths that differ', () => dataset.fromArrays([[1]], [1, 2]), /x has 1 examples and y has 2/],
  [
    'no examples',
    () => dataset.fromArrays(tensor(new Float32Array(0), { shape: [0, 2] }), new Float32Array(0)),
    /there are no examples/,
  ],
  ['no axis of examples', () => dataset.fromArrays(1, 2), /need an axis of examples/],
  [
    'a share of everything',
    () => dataset.split(counted(10), { test: 0.5, validation: 0.5 }),
    /do not divide/,
  ],
  ['a share that is no number of examples', () => dataset.split(counted(10), { test: 1.5 }), /test is 1.5/],
  ['more folds than examples', () => dataset.kFold(counted(3), { folds: 4 }), /4 folds of 3 examples/],
  [
    'to stratify values',
    () => dataset.split(dataset.fromArrays([[1], [2]], [[1], [2]]), { test: 0.5, stratify: true }),
    /stratify needs class numbers/,
  ],
  [
    'other columns',
    () => dataset.standardize(counted(3)).apply(dataset.fromArrays([[1, 2]], [0])),
    /fitted on 1 features, applied to 2/,
  ],
  ['half a batch', () => dataset.batches(counted(3), { size: 0.5 }), /batch size is 0.5/],
])('refuses %s', (_, make, message) => {
  expect(make).toThrow(message)
})
