import { log, random, type Tensor, tensor } from '@cotangent/core'
import { describe, expect, test } from 'vitest'
import { bits32, bits64, keyOf, reference, wordsOf } from './reference.js'

// The same numbers as jax.random, bit for bit where no transcendental function is involved.

test.each(reference.seeds)('key($seed)', ({ seed, key }) => {
  expect(wordsOf(random.key(seed))).toEqual(key)
})

test('foldIn of a negative number', () => {
  const { key, data, out } = reference.foldInNegative
  expect(wordsOf(random.foldIn(keyOf(key), data))).toEqual(out)
})

describe.each(reference.keys)('key $key', (row) => {
  const key = keyOf(row.key)
  test('split', () => {
    for (const { n, keys } of row.split) expect(wordsOf(random.split(key, n))).toEqual(keys.flat())
    expect([...random.split(key)].map(wordsOf)).toEqual(row.split.find(({ n }) => n === 2)!.keys)
  })
  test('foldIn, of numbers and of tensors', () => {
    for (const { data, key: out } of row.foldIn) {
      expect(wordsOf(random.foldIn(key, data))).toEqual(out)
      expect(wordsOf(random.foldIn(key, tensor(Int32Array.of(data), { shape: [] })))).toEqual(out)
    }
  })
  test('bits', () => {
    for (const { count, bits } of row.bits) expect(wordsOf(random.bits(key, [count]))).toEqual(bits)
    expect(wordsOf(random.bits(key))).toEqual([row.bitsOfScalar])
    expect(wordsOf(random.bits(key, [3, 4]))).toEqual(row.bitsOfShape3x4.flat())
  })
  test('uniform', () => {
    expect(bits32(random.uniform(key, [50]))).toEqual(row.uniform32)
    expect(bits64(random.uniform(key, [50], { dtype: 'float64' }))).toEqual(row.uniform64)
  })
  test.each(row.bounded)('uniform in [$minval, $maxval)', ({ minval, maxval, uniform32, uniform64 }) => {
    expect(bits32(random.uniform(key, [50], { minval, maxval }))).toEqual(uniform32)
    expect(bits64(random.uniform(key, [50], { minval, maxval, dtype: 'float64' }))).toEqual(uniform64)
  })
})

const double = { dtype: 'float64' } as const
const logits = () => log(tensor([0.1, 0.2, 0.3, 0.4]))
const range = (n: number): Tensor => tensor(Int32Array.from({ length: n }, (_, i) => i))

const exact: Readonly<Record<string, (key: Tensor) => unknown>> = {
  'randint32(-5,17,20)': (k) => random.randint(k, [20], -5, 17).toArray(),
  'randint32(0,1000000000,20)': (k) => random.randint(k, [20], 0, 1e9).toArray(),
  'permutation(int32 10)': (k) => random.permutation(k, 10).toArray(),
  'permutation(int32 2000).first20': (k) => [...random.permutation(k, 2000).toTypedArray()].slice(0, 20),
  'permutation(rows of 4x3)': (k) =>
    random
      .permutation(
        k,
        tensor(
          Int32Array.from({ length: 12 }, (_, i) => i),
          { shape: [4, 3] },
        ),
      )
      .toArray(),
  'categorical(log [.1,.2,.3,.4] float32,20)': (k) =>
    random.categorical(k, logits(), { shape: [20] }).toArray(),
  'bernoulli(float32 0.3,20)': (k) =>
    (random.bernoulli(k, 0.3, [20]).toArray() as number[]).map((x) => x === 1),
}

// Relative to 1 + |x|: float32 rounds differently in log and erf⁻¹, float64 only in the last bits.
const close: Readonly<Record<string, readonly [tolerance: number, (key: Tensor) => Tensor]>> = {
  'normal32(20)': [1e-6, (k) => random.normal(k, [20])],
  'normal64(20)': [1e-14, (k) => random.normal(k, [20], double)],
  'truncatedNormal32(-1,2,20)': [1e-6, (k) => random.truncatedNormal(k, -1, 2, [20])],
  'truncatedNormal64(-1,2,20)': [1e-14, (k) => random.truncatedNormal(k, -1, 2, [20], double)],
  'gumbel32(20)': [1e-6, (k) => random.gumbel(k, [20])],
  'exponential32(20)': [1e-6, (k) => random.exponential(k, [20])],
  'gamma64(2.5,10)': [1e-13, (k) => random.gamma(k, 2.5, [10], double)],
  'beta64(2,3,10)': [1e-13, (k) => random.beta(k, 2, 3, [10], double)],
}

describe.each(reference.samples)('samples of key $key', (row) => {
  const key = keyOf(row.key)
  test.each(Object.entries(exact))('%s', (name, draw) => {
    expect(draw(key)).toEqual(row[name])
  })
  test.each(Object.entries(close))('%s', (name, [tolerance, draw]) => {
    const [got, want] = [draw(key).toTypedArray(), row[name] as readonly number[]]
    expect(got.length).toBe(want.length)
    want.forEach((w, i) => {
      expect(Math.abs(got[i]! - w)).toBeLessThan(tolerance * (1 + Math.abs(w)))
    })
  })
  test('every sample of the reference is compared', () => {
    expect([...Object.keys(exact), ...Object.keys(close), 'key'].sort()).toEqual(Object.keys(row).sort())
  })
})

test('a permutation of a tensor is that of its indices', () => {
  expect(random.permutation(random.key(3), range(50)).toArray()).toEqual(
    random.permutation(random.key(3), 50).toArray(),
  )
})
