import {
  cast,
  einsum,
  grad,
  mul,
  oneHot,
  repeat,
  scatterAdd,
  stack,
  sum,
  type Tensor,
  take,
  takeAlongAxis,
  tensor,
  vjp,
  vmap,
  zeros,
} from '@cotangent/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, distance, f64, fromIndices, gradientErrors, made, numbers } from './support.js'

const int = (data: readonly number[], shape: readonly number[] = [data.length]): Tensor =>
  tensor(Int32Array.from(data), { shape }) as Tensor
const inner = (a: Tensor, b: Tensor): number => numbers(mul(a, b) as Tensor).reduce((s, v) => s + v, 0)

describe('take', () => {
  const x = made([2, 3, 4])
  test.each([0, 1, 2, -1])('axis %i, with negative and repeated indices', (axis) => {
    const places = [1, -1, 0, 1, -2]
    const a = axis < 0 ? axis + 3 : axis
    const n = x.shape[a]!
    const shape = x.shape.map((d, i) => (i === a ? places.length : d))
    const expected = fromIndices(shape, (index) =>
      at(
        x,
        index.map((v, i) => (i === a ? (places[v]! + n) % n : v)),
      ),
    )
    expect(distance(take(x, int(places), { axis }), expected)).toBe(0)
    expect(distance(take(x, places, { axis }), expected)).toBe(0)
  })
  test('the axes of the indices replace the axis; without one the tensor is flat', () => {
    expect(take(x, int([0, 1, 2, 0], [2, 2]), { axis: 1 }).shape).toEqual([2, 2, 2, 4])
    expect(take(x, 1, { axis: 1 }).shape).toEqual([2, 4])
    expect(numbers(take(x, [5, -1]))).toEqual([numbers(x)[5], numbers(x)[23]])
  })
  test('an index outside is an IndexError that quotes it', () => {
    expect(() => take(x, [0, 3], { axis: 1 })).toThrowError(
      'take: index 3 is out of range for an axis of length 3. Use 0 to 2, or -3 to -1 from the end.',
    )
    expect(() => take(x, [-4], { axis: 1 })).toThrowError('take: index -4 is out of range')
    expect(() => take(x, tensor([0, 1]))).toThrowError(
      "indices must be int32, not float32. Use cast(indices, 'int32')",
    )
    expect(() => take(x, [0.5])).toThrowError('0.5 is not an index')
    try {
      take(x, 9, { axis: 0 })
    } catch (e) {
      expect((e as Error).name).toBe('IndexError')
    }
  })
})

describe('take and scatterAdd are adjoint', () => {
  test('⟨take(x, i), u⟩ = ⟨x, scatterAdd(0, i, u)⟩, repeated and negative indices included', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 }),
        fc.array(fc.integer({ min: -2, max: 1 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 20 }),
        (axis, places, seed) => {
          const x = made([2, 3, 4], 7, seed)
          const taken = take(x, places, { axis }) as Tensor
          const u = made(taken.shape, 5, seed + 1)
          const back = scatterAdd(zeros(x.shape, 'float64'), places, u, { axis })
          expect(inner(taken, u)).toBe(inner(x, back))
          const [, pullback] = vjp((v: Tensor) => take(v, places, { axis }) as Tensor, x)
          expect(distance(pullback(u)[0] as Tensor, back)).toBe(0)
          const [, forth] = vjp((v: Tensor) => scatterAdd(x, places, v, { axis }) as Tensor, u)
          expect(distance(forth(x)[0] as Tensor, taken)).toBe(0)
        },
      ),
      { numRuns: 60 },
    )
  })
  test('scatterAdd keeps x, accumulates and broadcasts its updates', () => {
    expect(numbers(scatterAdd(f64([1, 2, 3], [3]), [1, 1, -1], f64([10, 20, 30], [3])))).toEqual([1, 32, 33])
    expect(numbers(scatterAdd(f64([1, 2, 3, 4], [2, 2]), [0, 0], 1))).toEqual([3, 4, 3, 4])
    expect(numbers(scatterAdd(f64([1, 2, 3, 4], [2, 2]), 1, f64([5, 6], [2]), { axis: 1 }))).toEqual([
      1, 7, 3, 10,
    ])
  })
  test('updates that do not fit are refused', () => {
    expect(() => scatterAdd(made([3, 2]), [0, 1], made([3, 2]))).toThrowError(
      'scatterAdd: updates [3, 2] do not fit [2, 2], what indices [2] address in [3, 2] along axis 0.',
    )
    expect(() => scatterAdd(made([3]), [3], 1)).toThrowError('scatterAdd: index 3 is out of range')
  })
})

describe('takeAlongAxis', () => {
  test.each([0, 1, 2])('axis %i', (axis) => {
    const x = made([3, 3, 3], 7, 3, 29)
    const places = int(
      [...Array(27).keys()].map((i) => ((i * 5) % 6) - 3),
      [3, 3, 3],
    )
    const expected = fromIndices([3, 3, 3], (index) =>
      at(
        x,
        index.map((v, i) => (i === axis ? (at(places, index) + 3) % 3 : v)),
      ),
    )
    expect(distance(takeAlongAxis(x, places, { axis }), expected)).toBe(0)
  })
  test('other axes broadcast, and ranks must agree', () => {
    const x = f64([1, 2, 3, 4, 5, 6], [2, 3])
    expect(takeAlongAxis(x, int([2, 0], [1, 2])).toArray()).toEqual([
      [3, 1],
      [6, 4],
    ])
    expect(() => takeAlongAxis(x, int([0]))).toThrowError('have different ranks')
  })
})

test('oneHot is a row of the identity, and zeros outside', () => {
  expect(oneHot(int([0, 2, 3, -1]), 3).toArray()).toEqual([
    [1, 0, 0],
    [0, 0, 1],
    [0, 0, 0],
    [0, 0, 0],
  ])
  expect(oneHot(int([0, 1], [2, 1]), 2, { dtype: 'int32' })).toMatchObject({
    dtype: 'int32',
    shape: [2, 1, 2],
  })
  expect(oneHot(1, 3).toArray()).toEqual([0, 1, 0])
  expect(oneHot(tensor([1, 0]), 2).toArray()).toEqual([
    [0, 1],
    [1, 0],
  ])
  const x = made([4, 2])
  const places = int([3, 1, 1])
  const product = einsum('ij,jk->ik', oneHot(places, 4, { dtype: 'float64' }), x)
  expect(distance(product, take(x, places, { axis: 0 }))).toBe(0)
})

test('repeat by number and by entry', () => {
  const x = f64([1, 2, 3, 4], [2, 2])
  expect(repeat(x, 2).toArray()).toEqual([1, 1, 2, 2, 3, 3, 4, 4])
  expect(repeat(x, 2, { axis: 1 }).toArray()).toEqual([
    [1, 1, 2, 2],
    [3, 3, 4, 4],
  ])
  expect(repeat(x, [0, 2], { axis: 0 }).toArray()).toEqual([
    [3, 4],
    [3, 4],
  ])
  expect(() => repeat(x, [1], { axis: 0 })).toThrowError(
    'Give one integer of at least 0, or one for each entry.',
  )
})

describe('derivatives of first and second order by central differences', () => {
  const rows = int([0, 2, 2, -1, 0], [5])
  test.each([
    ['take', [3, 2], (x: Tensor) => take(x, rows, { axis: 0 })],
    ['take of a matrix of indices', [2, 3], (x: Tensor) => take(x, int([0, 1, 1, 2], [2, 2]), { axis: 1 })],
    ['takeAlongAxis', [2, 3], (x: Tensor) => takeAlongAxis(x, int([0, 0, 2, 1], [2, 2]))],
    ['scatterAdd in x', [3, 2], (x: Tensor) => scatterAdd(x, rows, made([5, 2]))],
    ['scatterAdd in the updates', [5, 2], (u: Tensor) => scatterAdd(made([3, 2]), rows, u)],
    ['scatterAdd of one number', [], (u: Tensor) => scatterAdd(made([3, 2]), rows, u)],
    ['repeat', [3], (x: Tensor) => repeat(x, [2, 0, 3])],
  ] as const)('%s', (_, shape, f) => {
    const [first, second] = gradientErrors((x) => f(x) as Tensor, made(shape))
    expect(first).toBeLessThan(1e-6)
    expect(second).toBeLessThan(1e-6)
  })
})

describe('vmap equals a loop', () => {
  const xs = [0, 1, 2].map((i) => made([3, 2], 7, i))
  const idx = [int([0, 2]), int([-1, -1]), int([1, 0])]
  const [X, I] = [stack(xs) as Tensor, stack(idx) as Tensor]
  const loop = (g: (i: number) => Tensor): Tensor => stack([0, 1, 2].map(g)) as Tensor
  test.each([
    ['take along 0', (x: Tensor, i: Tensor) => take(x, i, { axis: 0 }) as Tensor],
    ['take along 1', (x: Tensor, i: Tensor) => take(x, mul(i, 0), { axis: 1 }) as Tensor],
    ['scatterAdd', (x: Tensor, i: Tensor) => scatterAdd(x, i, made([2, 2])) as Tensor],
    ['oneHot', (x: Tensor, i: Tensor) => mul(oneHot(i, 2, { dtype: 'float64' }), sum(x)) as Tensor],
    [
      'the gradient of take',
      (x: Tensor, i: Tensor) =>
        grad((v: Tensor) => sum(mul(take(v, i, { axis: 0 }), take(v, i, { axis: 0 }))) as Tensor)(
          x,
        ) as Tensor,
    ],
  ] as const)('%s', (_, f) => {
    const g = (x: Tensor, i: Tensor): Tensor => f(x, cast(i, 'int32') as Tensor)
    expect(
      distance(
        vmap(g)(X, I),
        loop((k) => g(xs[k]!, idx[k]!)),
      ),
    ).toBe(0)
    expect(
      distance(
        vmap(g, { inAxes: [0, null] })(X, idx[0]!),
        loop((k) => g(xs[k]!, idx[0]!)),
      ),
    ).toBe(0)
    expect(
      distance(
        vmap(g, { inAxes: [null, 0] })(xs[0]!, I),
        loop((k) => g(xs[0]!, idx[k]!)),
      ),
    ).toBe(0)
  })
})
