import { cast, jvp, linearize, random, type Tensor, tensor, vmap } from '@cotangent/core'
import { describe, expect, test } from 'vitest'
import { samplers } from './reference.js'

const keys = random.split(random.key(11), 4)

describe.each(Object.entries(samplers))('%s', (_, draw) => {
  test('vmap over keys is a loop over keys', () => {
    expect(vmap(draw)(keys).toArray()).toEqual([...keys].map((k) => draw(k).toArray()))
  })
  test('nested maps', () => {
    const grid = vmap((k: Tensor) => random.split(k, 2))(keys)
    const mapped = vmap((row: Tensor) => vmap(draw)(row))(grid)
    expect(mapped.toArray()).toEqual([...grid].map((row) => [...row].map((k) => draw(k).toArray())))
  })
  test('a traced key gives the same numbers', () => {
    const keyAt = (x: Tensor) => random.foldIn(random.key(5), cast(x, 'int32'))
    const [traced] = linearize((x: Tensor) => draw(keyAt(x)), tensor(1))
    expect(traced.toArray()).toEqual(draw(random.foldIn(random.key(5), 1)).toArray())
  })
  test('the same key gives the same numbers, another key others', () => {
    const many = (k: Tensor) => vmap(draw)(random.split(k, 20)).toArray()
    expect(many(random.key(1))).toEqual(many(random.key(1)))
    expect(many(random.key(1))).not.toEqual(many(random.key(2)))
  })
})

test('keys destructure, as values and as symbols', () => {
  const left = (k: Tensor) => {
    const [first, second] = random.split(k)
    return random.uniform(second!, [random.normal(first!).rank + 2])
  }
  expect(vmap(left)(keys).toArray()).toEqual([...keys].map((k) => left(k).toArray()))
})

test('tensors iterate over their leading axis', () => {
  expect(
    [
      ...tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    ].map((row) => row.toArray()),
  ).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ])
  expect([...tensor([1, 2])].map((x) => x.item())).toEqual([1, 2])
  expect([...tensor([] as number[])]).toEqual([])
  expect(() => [...tensor(1)]).toThrow(/a scalar has no rows/)
  const rows = (x: Tensor) => {
    const [a, b] = x
    return [b!, a!] as const
  }
  expect(jvp(rows, [tensor([1, 2])], [tensor([3, 4])])[1].map((t) => t.item())).toEqual([4, 3])
})

test('foldIn takes traced numbers', () => {
  const steps = tensor(Int32Array.of(0, 5, -3))
  const key = random.key(9)
  expect(vmap((i: Tensor) => random.foldIn(key, i))(steps).toArray()).toEqual(
    [0, 5, -3].map((i) => random.foldIn(key, i).toArray()),
  )
})

test('all keys of a split and of its children differ', () => {
  const level = [...random.split(random.key(0), 200)]
  const all = [...level, ...level.flatMap((k) => [...random.split(k, 5)])]
  expect(new Set(all.map((k) => String(k.toArray()))).size).toBe(1200)
})

test('children of a split are uncorrelated', () => {
  const n = 20000
  const [a, b] = [...random.split(random.key(4))].map((k) => random.normal(k, [n]).toTypedArray())
  let dot = 0
  for (let i = 0; i < n; i++) dot += a![i]! * b![i]!
  expect(Math.abs(dot / n)).toBeLessThan(3 / Math.sqrt(n))
})
