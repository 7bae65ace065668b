import {
  cummax,
  cummin,
  cumprod,
  cumsum,
  type DType,
  grad,
  jvp,
  sum,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from '@cotangent/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkDerivatives, expectClose, f64, type Map1, numbers, samples } from './derivatives.js'

type Cumulative = (x: Tensor, options?: { readonly axis?: number; readonly reverse?: boolean }) => Tensor
interface Row {
  readonly name: string
  readonly f: Cumulative
  readonly step: (a: number, b: number) => number
}
const table: readonly Row[] = [
  { name: 'cumsum', f: cumsum, step: (a, b) => a + b },
  { name: 'cumprod', f: cumprod, step: (a, b) => a * b },
  { name: 'cummax', f: cummax, step: Math.max },
  { name: 'cummin', f: cummin, step: Math.min },
]
const gradient = (f: Map1, x: Tensor): number[] =>
  numbers(grad((z: Tensor) => sum(f(z)) as Tensor)(x) as Tensor)

for (const { name, f, step } of table)
  describe(name, () => {
    test('is the sequential definition, from either end', () => {
      fc.assert(
        fc.property(fc.array(fc.integer({ min: -12, max: 12 }), { maxLength: 17 }), (ks) => {
          const xs = ks.map((k) => k / 4)
          const running = (list: readonly number[]): number[] => {
            const out: number[] = []
            for (const x of list) out.push(out.length === 0 ? x : step(out[out.length - 1]!, x))
            return out
          }
          const x = f64(Float64Array.from(xs))
          expectClose(numbers(f(x)), running(xs), 1e-14)
          expectClose(numbers(f(x, { reverse: true })), running([...xs].reverse()).reverse(), 1e-14)
        }),
      )
    })
    test('goes along one axis', () => {
      const x = f64([
        [1, -2, 3],
        [-4, 5, 0.5],
      ])
      const rows = vmap((row: Tensor) => f(row))(x) as Tensor
      expect(f(x).toArray()).toEqual(rows.toArray())
      expect(f(x, { axis: 1 }).toArray()).toEqual(rows.toArray())
      const down = f(x, { axis: 0 })
      expect(numbers(down)).toEqual([1, -2, 3, step(1, -4), step(-2, 5), step(3, 0.5)])
    })
    test('dtypes, empty axes and errors', () => {
      const same = name === 'cummax' || name === 'cummin'
      expect(f(tensor([2, 3], { dtype: 'int32' as DType })).dtype).toBe('int32')
      expect(f(tensor([true, false])).dtype).toBe(same ? 'bool' : 'int32')
      expect(f(zeros([2, 0])).shape).toEqual([2, 0])
      expect(f(zeros([0, 2])).shape).toEqual([0, 2])
      expect(() => f(zeros([2]), { axis: 1 })).toThrow(new RegExp(`${name}: axis 1 does not exist`))
      expect(() => f(tensor(1) as Tensor)).toThrow(/A scalar has no axes/)
      expect(() => f(zeros([2]), 0 as unknown as object)).toThrow(new RegExp(`Write ${name}\\(x`))
    })
    test('derivatives by central differences', () => {
      fc.assert(
        fc.property(samples(), fc.boolean(), ({ x, axis }, reverse) => {
          checkDerivatives((z) => f(z, { axis, reverse }), x)
        }),
        { numRuns: 12 },
      )
    })
    test('vmap of the gradient is the gradients of the rows', () => {
      const rows = [
        [0, 2, 3],
        [1, 1, 1],
      ]
      const g = grad((z: Tensor) => sum(f(z)) as Tensor) as Map1
      const each = rows.flatMap((row) => numbers(g(f64(row))))
      expectClose(numbers(vmap(g)(f64(rows)) as Tensor), each, 1e-15)
    })
  })

test('cumprod through zeros', () => {
  expect(gradient(cumprod, f64([0, 2, 3]))).toEqual([9, 0, 0])
  expect(gradient(cumprod, f64([2, 0, 3]))).toEqual([1, 8, 0])
  expect(gradient(cumprod, f64([0, 0, 3]))).toEqual([1, 0, 0])
})

test('running extrema share ties', () => {
  const dot = (f: Map1, x: number[], t: number[]): number[] =>
    numbers(jvp(f, [f64(x)], [f64(t)])[1] as Tensor)
  expect(dot(cummax, [3, 1, 3, 3], [1, 0, 0, 0])).toEqual([1, 1, 0.5, 1 / 3])
  expect(dot(cummin, [1, 1, 0, 0], [1, 0, 1, 0])).toEqual([1, 0.5, 1, 0.5])
  expectClose(gradient(cummax, f64([2, 2, 2])), [1 + 1 / 2 + 1 / 3, 1 / 2 + 1 / 3, 1 / 3], 1e-15)
  expectClose(
    gradient((x) => cummax(x, { reverse: true }), f64([1, 2, 2])),
    [0, 1, 2],
    1e-15,
  )
})

test('NaN stays', () => {
  expect(numbers(cummax(f64([1, Number.NaN, 3])))).toEqual([1, Number.NaN, Number.NaN])
})
