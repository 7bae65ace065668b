import {
  type DType,
  exp,
  grad,
  jvp,
  logSoftmax,
  mul,
  softmax,
  sum,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from '@cotangent/core'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { checkDerivatives, expectClose, f64, type Map1, numbers, samples } from './derivatives.js'

type Normaliser = (x: Tensor, options?: { readonly axis?: number | readonly number[] }) => Tensor
const table: readonly [string, Normaliser][] = [
  ['softmax', softmax],
  ['logSoftmax', logSoftmax],
]
const { NEGATIVE_INFINITY } = Number

for (const [name, f] of table)
  describe(name, () => {
    test('derivatives by central differences', () => {
      fc.assert(
        fc.property(samples(), ({ x, axis }) => {
          checkDerivatives((z) => f(z, { axis }), x)
          if (x.rank > 1) checkDerivatives((z) => f(z, { axis: [0, -1] }), x)
        }),
        { numRuns: 12 },
      )
    })
    test('shapes, dtypes and errors', () => {
      expect(f(zeros([2, 3], 'int32')).dtype).toBe('float32')
      expect(f(zeros([2, 3], 'float64')).dtype).toBe('float64')
      expect(f(zeros([2, 0])).shape).toEqual([2, 0])
      expect(() => f(zeros([2, 3]), { axis: 2 })).toThrow(new RegExp(`${name}: axis 2 does not exist`))
      expect(() => f(tensor(1) as Tensor)).toThrow(/A scalar has no axes/)
      expect(() => f(zeros([2]), 0 as unknown as object)).toThrow(new RegExp(`Write ${name}\\(x`))
    })
    test('vmap maps the rule too', () => {
      const rows = f64([
        [1, 2, 3],
        [0, -1000, 1000],
      ])
      const w = f64([1, 2, 4])
      const g = grad((z: Tensor) => sum(mul(w, f(z))) as Tensor) as Map1
      expect((vmap(g)(rows) as Tensor).toArray()).toEqual([
        g(f64([1, 2, 3])).toArray(),
        g(f64([0, -1000, 1000])).toArray(),
      ])
    })
  })

test('values', () => {
  const x = f64([
    [1, 2, 3],
    [1, 1, 1],
  ])
  // numpy: exp(x)/exp(x).sum()
  const first = [0.09003057317038046, 0.24472847105479764, 0.6652409557748218]
  expectClose(numbers(softmax(x)), [...first, 1 / 3, 1 / 3, 1 / 3], 1e-15)
  expectClose(numbers(exp(logSoftmax(x))), [...first, 1 / 3, 1 / 3, 1 / 3], 1e-15)
  expectClose(numbers(softmax(f64([[0], [0]]), { axis: 0 })), [0.5, 0.5], 0)
  expect(
    numbers(
      softmax(
        f64([
          [0, 0],
          [0, 0],
        ]),
        { axis: [0, 1] },
      ),
    ),
  ).toEqual([0.25, 0.25, 0.25, 0.25])
  expectTypeOf(softmax(zeros([2, 3])).shape).toExtend<readonly [2, 3]>()
})

for (const dtype of ['float32', 'float64'] as const)
  test(`stable at ±1000 in ${dtype}`, () => {
    const x = tensor([1000, 0, -1000], { dtype: dtype as DType }) as Tensor
    expect(numbers(softmax(x))).toEqual([1, 0, 0])
    expect(numbers(logSoftmax(x))).toEqual([0, -1000, -2000])
    const w = tensor([1, 2, 4], { dtype: dtype as DType }) as Tensor
    const at = (f: Normaliser) => numbers(grad((z: Tensor) => sum(mul(w, f(z))) as Tensor)(x) as Tensor)
    expect(at(softmax)).toEqual([0, 0, 0])
    expect(at(logSoftmax)).toEqual([-6, 2, 4])
  })

test('logits of -∞ are masked out', () => {
  const x = f64([NEGATIVE_INFINITY, 0, 0])
  expect(numbers(softmax(x))).toEqual([0, 0.5, 0.5])
  expectClose(numbers(logSoftmax(x)), [NEGATIVE_INFINITY, -Math.LN2, -Math.LN2], 1e-15)
  const pick = (f: Normaliser, i: number) => (z: Tensor) =>
    sum(mul(f64([0, 1, 2].map((k) => Number(k === i))), exp(f(z)))) as Tensor
  expectClose(numbers(grad(pick(logSoftmax, 1))(x) as Tensor), [0, 0.25, -0.25], 1e-15)
  const tangent = f64([1, 2, 4])
  expectClose(numbers(jvp(softmax as Map1, [x], [tangent])[1] as Tensor), [0, -0.5, 0.5], 1e-15)
  expectClose(numbers(jvp(logSoftmax as Map1, [x], [tangent])[1] as Tensor), [-2, -1, 1], 1e-15)
  const twice = (f: Normaliser) =>
    numbers(
      grad((z: Tensor) => sum(mul(tangent, jvp(f as Map1, [z], [tangent])[1] as Tensor)) as Tensor)(
        x,
      ) as Tensor,
    )
  expect(twice(softmax).every(Number.isFinite)).toBe(true)
  expect(twice(logSoftmax).every(Number.isFinite)).toBe(true)
  // Nothing but -∞ has no weights.
  expect(numbers(softmax(f64([NEGATIVE_INFINITY, NEGATIVE_INFINITY])))).toEqual([Number.NaN, Number.NaN])
})
