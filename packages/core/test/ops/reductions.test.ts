import {
  all,
  any,
  argmax,
  argmin,
  type DType,
  grad,
  logsumexp,
  max,
  mean,
  min,
  norm,
  prod,
  std,
  sum,
  type Tensor,
  tensor,
  variance,
  vmap,
  zeros,
} from '@cotangent/core'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { checkDerivatives, expectClose, f64, type Map1, numbers, samples } from './derivatives.js'

const inf = Number.POSITIVE_INFINITY
const nan = Number.NaN
type AnyOptions = { readonly axis?: number | readonly number[]; readonly keepDims?: boolean }
type Reducer = (x: Tensor, options?: AnyOptions) => Tensor
const loosely = (f: unknown) => f as Reducer
const gradient = (f: (x: Tensor) => unknown, x: Tensor): unknown =>
  (grad((z: Tensor) => f(z) as Tensor)(x) as Tensor).toArray()

describe('values', () => {
  const x = tensor([
    [1, -2, 4],
    [3, 0, -5],
  ])
  // Values from numpy 2: sum, prod, mean, var, std, linalg.norm(axis), logaddexp.reduce, max, min.
  const table: readonly [string, Reducer, number, readonly number[], readonly number[]][] = [
    ['sum', loosely(sum), 1, [4, -2, -1], [3, -2]],
    ['prod', loosely(prod), 0, [3, -0, -20], [-8, -0]],
    ['mean', loosely(mean), 1 / 6, [2, -1, -0.5], [1, -2 / 3]],
    ['variance', loosely(variance), 9.138888888888889, [1, 1, 20.25], [6, 98 / 9]],
    ['std', loosely(std), 3.0230595245361758, [1, 1, 4.5], [Math.sqrt(6), Math.sqrt(98 / 9)]],
    ['max', loosely(max), 4, [3, 0, 4], [4, 3]],
    ['min', loosely(min), -5, [1, -2, -5], [-2, -5]],
    ['norm', loosely(norm), Math.sqrt(55), [Math.sqrt(10), 2, Math.sqrt(41)], [Math.sqrt(21), Math.sqrt(34)]],
    [
      'logsumexp',
      loosely(logsumexp),
      4.3636595122,
      [3.126928011, 0.126928011, 4.0001234022],
      [4.0509457635, 3.0489068535],
    ],
    ['argmax', loosely(argmax), 2, [1, 1, 0], [2, 0]],
    ['argmin', loosely(argmin), 5, [0, 0, 1], [1, 2]],
    ['all', loosely(all), 0, [1, 0, 1], [1, 0]],
    ['any', loosely(any), 1, [1, 1, 1], [1, 1]],
  ]
  for (const [name, f, whole, down, across] of table)
    test(name, () => {
      expectClose(numbers(f(x)), [whole], 1e-6)
      expectClose(numbers(f(x, { axis: 0 })), down, 1e-6)
      expectClose(numbers(f(x, { axis: -1 })), across, 1e-6)
      expect(f(x, { axis: 1, keepDims: true }).shape).toEqual([2, 1])
      expect(f(x, { keepDims: true }).shape).toEqual([1, 1])
      if (!name.startsWith('arg')) {
        expectClose(numbers(f(x, { axis: [-1, 0] })), [whole], 1e-6)
        expect(f(x, { axis: [1, 0], keepDims: true }).shape).toEqual([1, 1])
      }
      expectClose(numbers(vmap((row: Tensor) => f(row))(x) as Tensor), across, 1e-6)
    })

  test('axis: [] reduces nothing', () => {
    expect(sum(x, { axis: [] }).toArray()).toEqual(x.toArray())
    expect(max(x, { axis: [] }).toArray()).toEqual(x.toArray())
    expect(norm(tensor([-2, 0]), { axis: [] }).toArray()).toEqual([2, 0])
    expect(prod(tensor([-2, 0]), { axis: [] }).toArray()).toEqual([-2, 0])
  })
  test('numbers are scalars', () => {
    expect(sum(3).item()).toBe(3)
    expect(norm(-3).item()).toBe(3)
  })
  test('variance and std with degrees of freedom', () => {
    expect(variance(tensor([1, 3]), { ddof: 1 }).item()).toBe(2)
    expectClose([std(f64([1, 2, 4]), { ddof: 1 }).item()], [1.5275252316519468], 1e-15)
    expect(variance(tensor([1]), { ddof: 1 }).item()).toBeNaN()
    expect(std(tensor([1]), { ddof: 1 }).item()).toBeNaN()
  })
  test('variance does not cancel: two passes', () => {
    expect(variance(f64([1e8 + 1, 1e8 + 2, 1e8 + 3])).item()).toBe(2 / 3)
    expect(variance(f64([0.1, 0.1, 0.1])).item()).toBe(0)
  })
  test('NaN is contagious, and the first one is found', () => {
    const y = tensor([1, nan, 3, nan])
    for (const f of [max, min, sum, mean, norm, logsumexp, std]) expect(f(y).item()).toBeNaN()
    expect(argmax(y).item()).toBe(1)
    expect(argmin(y).item()).toBe(1)
    expect(any(tensor([nan])).item()).toBe(1)
  })
  test('prod multiplies any number of factors once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 13 }), (xs) => {
        expect(Math.abs(prod(f64(Float64Array.from(xs))).item())).toBe(
          Math.abs(xs.reduce((a, b) => a * b, 1)),
        )
      }),
    )
  })
})

describe('dtypes', () => {
  const ints = tensor([3, 4], { dtype: 'int32' as DType })
  const bools = tensor([true, true, false])
  const table: readonly [string, Reducer, DType, DType][] = [
    ['sum', loosely(sum), 'int32', 'int32'],
    ['prod', loosely(prod), 'int32', 'int32'],
    ['max', loosely(max), 'int32', 'bool'],
    ['mean', loosely(mean), 'float32', 'float32'],
    ['std', loosely(std), 'float32', 'float32'],
    ['norm', loosely(norm), 'float32', 'float32'],
    ['logsumexp', loosely(logsumexp), 'float32', 'float32'],
    ['any', loosely(any), 'bool', 'bool'],
    ['argmax', loosely(argmax), 'int32', 'int32'],
  ]
  for (const [name, f, ofInts, ofBools] of table)
    test(name, () => {
      expect(f(ints).dtype).toBe(ofInts)
      expect(f(bools).dtype).toBe(ofBools)
    })
  test('sums count booleans and means divide integers', () => {
    expect(sum(bools).item()).toBe(2)
    expect(mean(ints).item()).toBe(3.5)
  })
  test('result types', () => {
    const x = zeros([2, 3, 4])
    expectTypeOf(sum(x, { axis: 1 }).shape).toEqualTypeOf<[2, 4]>()
    expectTypeOf(mean(x, { axis: [0, -1], keepDims: true }).shape).toEqualTypeOf<[1, 3, 1]>()
    expectTypeOf(norm(x, { ord: 1, axis: 0 }).shape).toEqualTypeOf<[3, 4]>()
    expectTypeOf(max(x).shape).toEqualTypeOf<[]>()
    expectTypeOf(argmax(x, { axis: 2 }).dtype).toEqualTypeOf<'int32'>()
    expectTypeOf(sum(zeros([2], 'bool')).dtype).toEqualTypeOf<'int32'>()
    // @ts-expect-error axis 3 is out of range
    expect(() => sum(x, { axis: 3 })).toThrow(/sum: axis 3 does not exist in a tensor of rank 3/)
  })
})

describe('empty axes', () => {
  const none = zeros([2, 0]) as Tensor
  test('identities', () => {
    expect(sum(none, { axis: 1 }).toArray()).toEqual([0, 0])
    expect(prod(none, { axis: 1 }).toArray()).toEqual([1, 1])
    expect(mean(none, { axis: 1 }).toArray()).toEqual([nan, nan])
    expect(variance(none).item()).toBeNaN()
    expect(std(none).item()).toBeNaN()
    expect(all(none, { axis: 1 }).toArray()).toEqual([1, 1])
    expect(any(none, { axis: 1 }).toArray()).toEqual([0, 0])
    expect(norm(none, { axis: 1 }).toArray()).toEqual([0, 0])
    expect(norm(none, { ord: 3 }).item()).toBe(0)
    expect(logsumexp(none, { axis: 1 }).toArray()).toEqual([-inf, -inf])
    expect(sum(none, { axis: 0 }).shape).toEqual([0])
    expect(gradient(norm, none)).toEqual([[], []])
  })
  test('extrema have none', () => {
    expect(() => max(none)).toThrow(/max: \[2, 0\] has no elements along the reduced axes/)
    expect(() => min(none)).toThrow(/min: \[2, 0\]/)
    expect(() => argmax(none, { axis: 1 })).toThrow(/argmax: \[2, 0\] has no elements along axis 1/)
    expect(max(none, { axis: 0 }).shape).toEqual([0])
  })
})

describe('errors', () => {
  test('say which operation and what to do', () => {
    const x = zeros([2, 3]) as Tensor
    expect(() => loosely(mean)(x, { axis: [0, -2] })).toThrow(/mean: axes \[0, 0\] name an axis twice/)
    expect(() => loosely(sum)(x, 0 as unknown as AnyOptions)).toThrow(/Write sum\(x, \{ axis: \.\.\. \}\)/)
    expect(() => loosely(argmin)(x, 0 as unknown as AnyOptions)).toThrow(/Write argmin/)
    expect(() => sum([1, 2] as unknown as Tensor)).toThrow(/sum: expected a tensor or a number, not an array/)
    expect(() => norm(x, { ord: 'fro' as unknown as number })).toThrow(/norm: ord is fro.*linalg\.norm/)
    expect(() => variance(x, { ddof: nan })).toThrow(/variance: ddof is NaN/)
  })
})

describe('gradients at kinks', () => {
  test('prod with zeros', () => {
    expect(gradient(prod, f64([0, 2, 3]))).toEqual([6, 0, 0])
    expect(gradient(prod, f64([0, 0, 3]))).toEqual([0, 0, 0])
    const second = grad((x: Tensor) => sum(grad((z: Tensor) => prod(z) as Tensor)(x) as Tensor) as Tensor)
    expect((second(f64([0, 0, 3])) as Tensor).toArray()).toEqual([3, 3, 0])
  })
  test('extrema share ties', () => {
    expect(gradient(max, f64([1, 1, 0]))).toEqual([0.5, 0.5, 0])
    expect(gradient(min, f64([2, 2, 2, 2]))).toEqual([0.25, 0.25, 0.25, 0.25])
    expect(gradient((x) => norm(x, { ord: inf }), f64([3, -3, 1]))).toEqual([0.5, -0.5, 0])
    expect(gradient((x) => norm(x, { ord: -inf }), f64([1, -1, 3]))).toEqual([0.5, -0.5, 0])
  })
  for (const ord of [0, 0.5, 1, 1.5, 2, 3, 4, -1, inf, -inf])
    test(`norm of order ${ord} at 0`, () => {
      const f = (x: Tensor): Tensor => norm(x, { ord }) as Tensor
      expect(numbers(grad(f)(f64([0, 0])) as Tensor).map(Math.abs)).toEqual([0, 0])
      const hessian = grad((x: Tensor) => sum(grad(f)(x) as Tensor) as Tensor)
      expect(numbers(hessian(f64([0, 0])) as Tensor).map(Math.abs)).toEqual([0, 0])
      // One group at 0 beside another that is not.
      const groups = (x: Tensor): Tensor => sum(norm(x, { ord, axis: 1 })) as Tensor
      expect(
        numbers(
          grad(groups)(
            f64([
              [0, 0],
              [3, 4],
            ]),
          ) as Tensor,
        ).every(Number.isFinite),
      ).toBe(true)
    })
  test('an entry at 0 of a vector that is not', () => {
    expect(gradient((x) => norm(x, { ord: 1 }), f64([0, -2]))).toEqual([0, -1])
    expect(gradient((x) => norm(x, { ord: 0.5 }), f64([0, 4]))).toEqual([0, 1])
    expect(gradient((x) => norm(x, { ord: 3 }), f64([0, -2]))).toEqual([0, -1])
  })
  test('std of equal entries', () => {
    expect(gradient(std, f64([3, 3]))).toEqual([0, 0])
    expect(gradient(std, f64([0.1, 0.1, 0.1]))).toEqual([0, 0, 0])
    expect(gradient(std, tensor([0.1, 0.1, 0.1]) as Tensor)).toEqual([0, 0, 0])
    expect(gradient(std, f64([5]))).toEqual([0])
  })
  test('logsumexp of infinities', () => {
    expect(logsumexp(f64([-inf, -inf])).item()).toBe(-inf)
    expect(gradient(logsumexp, f64([-inf, -inf]))).toEqual([0, 0])
    expect(logsumexp(f64([inf, 0])).item()).toBe(inf)
    expect(logsumexp(f64([inf, inf])).item()).toBe(inf)
    expect(logsumexp(f64([inf, -inf])).item()).toBe(inf)
    expect(gradient(logsumexp, f64([inf, 0]))).toEqual([0, 0])
    expect(gradient(logsumexp, f64([-inf, 0]))).toEqual([0, 1])
    const rows = f64([
      [-inf, -inf],
      [0, 0],
    ])
    expect(gradient((x) => sum(logsumexp(x, { axis: 1 })), rows)).toEqual([
      [0, 0],
      [0.5, 0.5],
    ])
  })
  test('logsumexp of large entries', () => {
    expectClose([logsumexp(f64([1e3, 1e3])).item()], [1000 + Math.LN2], 1e-15)
    expectClose([logsumexp(f64([-1e3, -1e3])).item()], [-1000 + Math.LN2], 1e-15)
    expect(gradient(logsumexp, tensor([1e3, 1e3, -1e3]) as Tensor)).toEqual([0.5, 0.5, 0])
  })
})

describe('norm and std of any magnitude', () => {
  for (const [dtype, magnitudes, tolerance] of [
    ['float32', [1e-44, 1e-40, 1e-30, 1e-25, 1e-12, 1, 1e15, 1e25, 1e38], 1e-6],
    ['float64', [5e-324, 1e-310, 1e-200, 1e-100, 1, 1e150, 1e200, 1e307], 1e-14],
  ] as const)
    for (const size of magnitudes)
      test(`${dtype} ${size}`, () => {
        const x = tensor([size, -size], { dtype: dtype as DType }) as Tensor
        const unit = x.toTypedArray()[0]!
        // √2 units round to a whole number of the smallest subnormals.
        const coarse = unit < 1e-300 || (dtype === 'float32' && unit < 1e-37) ? 0.5 : tolerance
        expectClose([norm(x).item() / unit], [Math.SQRT2], coarse)
        expectClose([std(x).item() / unit], [1], coarse)
        expectClose(
          numbers(grad((z: Tensor) => norm(z) as Tensor)(x) as Tensor),
          [Math.SQRT1_2, -Math.SQRT1_2],
          coarse,
        )
        expectClose(numbers(grad((z: Tensor) => std(z) as Tensor)(x) as Tensor), [0.5, -0.5], coarse)
        for (const ord of [1.5, 3, 4, -1]) {
          expectClose([norm(x, { ord }).item() / unit], [2 ** (1 / ord)], Math.max(coarse, 1e-6))
        }
      })
  test('infinite entries', () => {
    expect(norm(tensor([inf, 1])).item()).toBe(inf)
    expect(norm(tensor([-inf, 1]), { ord: 3 }).item()).toBe(inf)
  })
  test('integers stay exact', () => {
    expect(norm(tensor([3, 4, 12])).item()).toBe(13)
    expect(norm(f64([6, 8])).item()).toBe(10)
  })
})

describe('derivatives by central differences', () => {
  const table: readonly [string, Reducer][] = [
    ['sum', loosely(sum)],
    ['prod', loosely(prod)],
    ['mean', loosely(mean)],
    ['variance', loosely(variance)],
    ['max', loosely(max)],
    ['min', loosely(min)],
    ['logsumexp', loosely(logsumexp)],
    ...[1, 2, 3, 4, inf, -inf].map((ord): [string, Reducer] => [
      `norm ${ord}`,
      (x, o = {}) => norm(x, { ...o, ord }) as Tensor,
    ]),
  ]
  for (const [name, f] of table)
    test(name, () => {
      fc.assert(
        fc.property(samples(), fc.boolean(), ({ x, axis }, keepDims) => {
          checkDerivatives(((z: Tensor) => f(z, { axis, keepDims })) as Map1, x)
          if (x.size <= 8) checkDerivatives((z) => f(z), x)
        }),
        { numRuns: 12 },
      )
    })
  test('std and roots away from 0', () => {
    const x = f64([
      [1, -2, 4],
      [3, 0.5, -5],
    ])
    for (const f of [
      (z: Tensor) => std(z, { axis: 0, ddof: 0 }),
      (z: Tensor) => std(z, { axis: 1, ddof: 1, keepDims: true }),
      (z: Tensor) => norm(z, { ord: 1.5, axis: 1 }),
      (z: Tensor) => norm(z, { ord: 0.5 }),
      (z: Tensor) => norm(z, { ord: -2 }),
      (z: Tensor) => norm(z, { ord: -1, axis: 1 }),
    ])
      checkDerivatives(f as Map1, x)
  })
  test('vmap of a gradient is the gradients of the rows', () => {
    const rows = f64([
      [3, 4],
      [0, 0],
    ])
    const g = (f: (x: Tensor) => unknown) => vmap(grad((x: Tensor) => f(x) as Tensor) as Map1)(rows) as Tensor
    expectClose(numbers(g(norm)), [0.6, 0.8, 0, 0], 1e-15)
    expectClose(numbers(g(logsumexp)), [0.2689414213699951, 0.7310585786300049, 0.5, 0.5], 1e-15)
    expectClose(numbers(g(std)), [-0.5, 0.5, 0, 0], 1e-15)
    expectClose(numbers(g(prod)), [4, 3, 0, 0], 0)
  })
})
