import {
  argsort,
  type DType,
  flip,
  grad,
  mul,
  sort,
  sum,
  type Tensor,
  tensor,
  topK,
  vmap,
  zeros,
} from '@cotangent/core'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { checkDerivatives, f64, type Map1, numbers, samples } from './derivatives.js'

const nan = Number.NaN
const inf = Number.POSITIVE_INFINITY

describe('order', () => {
  test('is that of a stable comparison sort, both ways', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 12 }),
        fc.boolean(),
        (xs, descending) => {
          const sign = descending ? -1 : 1
          const places = xs.map((_, i) => i).sort((i, j) => sign * (xs[i]! - xs[j]!) || i - j)
          for (const dtype of ['float32', 'int32'] as const) {
            const x = tensor(Float32Array.from(xs), { dtype: dtype as DType }) as Tensor
            expect(numbers(argsort(x, { descending }))).toEqual(places)
            expect(numbers(sort(x, { descending }))).toEqual(places.map((i) => xs[i]!))
            const { values, indices } = topK(x, Math.min(3, xs.length))
            if (descending) {
              expect(numbers(indices)).toEqual(places.slice(0, 3))
              expect(numbers(values)).toEqual(places.slice(0, 3).map((i) => xs[i]!))
            }
          }
        },
      ),
    )
  })
  test('NaN is last, infinities are not', () => {
    const x = f64([nan, 1, inf, nan, -inf])
    expect(numbers(sort(x))).toEqual([-inf, 1, inf, nan, nan])
    expect(numbers(argsort(x))).toEqual([4, 1, 2, 0, 3])
    expect(numbers(sort(x, { descending: true }))).toEqual([inf, 1, -inf, nan, nan])
    expect(numbers(topK(x, 2).values)).toEqual([inf, 1])
  })
  test('the smallest integer and booleans descend', () => {
    const x = tensor([0, -2147483648, 2147483647], { dtype: 'int32' as DType })
    expect(numbers(argsort(x, { descending: true }) as Tensor)).toEqual([2, 0, 1])
    const bools = sort(tensor([false, true, false]), { descending: true })
    expect(bools.dtype).toBe('bool')
    expect(bools.toArray()).toEqual([1, 0, 0])
  })
  test('goes along one axis', () => {
    const x = tensor([
      [3, 1, 2],
      [0, 5, 4],
    ])
    expect(sort(x).toArray()).toEqual([
      [1, 2, 3],
      [0, 4, 5],
    ])
    expect(sort(x, { axis: 0 }).toArray()).toEqual([
      [0, 1, 2],
      [3, 5, 4],
    ])
    expect(argsort(x, { axis: 0, descending: true }).toArray()).toEqual([
      [0, 1, 1],
      [1, 0, 0],
    ])
    const top = topK(x, 1, { axis: 0 })
    expect(top.values.toArray()).toEqual([[3, 5, 4]])
    expect(top.indices.toArray()).toEqual([[0, 1, 1]])
    expect(top.indices.dtype).toBe('int32')
    expect(topK(x, 0).values.shape).toEqual([2, 0])
    expectTypeOf(sort(zeros([2, 3])).shape).toExtend<readonly [2, 3]>()
    expect(sort(zeros([2, 0])).shape).toEqual([2, 0])
  })
  test('flip', () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ])
    expect(flip(x).toArray()).toEqual([
      [4, 3],
      [2, 1],
    ])
    expect(flip(x, { axis: -1 }).toArray()).toEqual([
      [2, 1],
      [4, 3],
    ])
    expect(flip(x, { axis: [0] }).toArray()).toEqual([
      [3, 4],
      [1, 2],
    ])
    expect(flip(tensor(2)).item()).toBe(2)
  })
  test('errors', () => {
    const x = zeros([2, 3]) as Tensor
    expect(() => topK(x, 4)).toThrow(/topK: k is 4, but axis -1 of \[2, 3\] has 3 entries/)
    expect(() => topK(x, 1.5)).toThrow(/topK: k is 1.5/)
    expect(() => topK(x, -1)).toThrow(/topK: k is -1/)
    expect(() => sort(x, { axis: 2 })).toThrow(/sort: axis 2 does not exist/)
    expect(() => argsort(tensor(1) as Tensor)).toThrow(/argsort: .*A scalar has no axes/)
    expect(() => flip(x, { axis: 2 })).toThrow(/flip: axis 2 does not exist/)
    expect(() => sort(x, 0 as unknown as object)).toThrow(/Write sort\(x/)
  })
})

describe('gradients', () => {
  const cases: readonly [string, (x: Tensor, axis: number) => Tensor][] = [
    ['sort', (x, axis) => sort(mul(x, x), { axis })],
    ['sort descending', (x, axis) => sort(mul(x, x), { axis, descending: true })],
    ['topK', (x, axis) => topK(mul(x, x), 1, { axis }).values as Tensor],
    ['flip', (x, axis) => flip(mul(x, x), { axis })],
  ]
  for (const [name, f] of cases)
    test(`${name} by central differences`, () => {
      fc.assert(
        fc.property(samples(), ({ x, axis }) => checkDerivatives((z) => f(z, axis), x)),
        { numRuns: 12 },
      )
    })
  test('ties follow the stable permutation', () => {
    const w = f64([1, 2, 4])
    const at = (f: Map1) =>
      numbers(grad((z: Tensor) => sum(mul(w, f(z))) as Tensor)(f64([5, 3, 5])) as Tensor)
    expect(at((z) => sort(z))).toEqual([2, 1, 4])
    expect(at((z) => sort(z, { descending: true }))).toEqual([1, 4, 2])
    const first = grad((z: Tensor) => sum(topK(z, 1).values) as Tensor)
    expect(numbers(first(f64([5, 3, 5])) as Tensor)).toEqual([1, 0, 0])
  })
  test('vmap', () => {
    const w = f64([1, 2, 4])
    const g = grad((z: Tensor) => sum(mul(w, sort(z, { descending: true }))) as Tensor) as Map1
    expect(
      (
        vmap(g)(
          f64([
            [1, 2, 3],
            [3, 1, 2],
          ]),
        ) as Tensor
      ).toArray(),
    ).toEqual([
      [4, 2, 1],
      [1, 4, 2],
    ])
    const indices = vmap((z: Tensor) => topK(z, 2).indices as Tensor)(
      f64([
        [1, 2, 3],
        [3, 1, 2],
      ]),
    ) as Tensor
    expect(indices.toArray()).toEqual([
      [2, 1],
      [0, 2],
    ])
  })
})
