import { dot, grad, jit, type Tensor, tensor, vmap } from '@cotangent/core'
import { fusedLasso, graphLaplacian, tv1d, tv2d } from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import { numbers, randomMinimum } from './brute.js'

const d = (x: readonly number[]): Tensor => tensor([...x], { dtype: 'float64' })
const list = (x: Tensor): number[] => [...x.toTypedArray()].map((v) => v + 0)
const one = (x: readonly number[]) => x.reduce((n, v) => n + Math.abs(v), 0)
const tv = (x: readonly number[]) => one(x.slice(1).map((v, i) => v - x[i]!))
const random = numbers(3)
const points = [
  [0, 1, 5, 6, -2, 3],
  [3, -1, 0.5, -0.25, 2, 1.5],
  [0, 0, 0, 0, 0, 0],
  [1, 2, 3, 4, 5, 6],
  [-4, 4, -4, 4, -4, 4],
]
const laplacian = tensor(
  [0, 1, 2, 3, 4, 5].map((i) =>
    [0, 1, 2, 3, 4, 5].map((j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
  ),
  { dtype: 'float64' },
)
const entries = [
  { of: tv1d(0.6), r: (x: readonly number[]) => 0.6 * tv(x) },
  { of: fusedLasso(0.3, 0.6), r: (x: readonly number[]) => 0.3 * one(x) + 0.6 * tv(x) },
  {
    of: graphLaplacian(0.8, laplacian),
    r: (x: readonly number[]) =>
      0.4 * [0, ...x, 0].slice(1).reduce((n, v, i) => n + (v - [0, ...x, 0][i]!) ** 2, 0),
  },
]

describe.each(entries)('$of.name', ({ of: f, r }) => {
  test('value, prox by random search, kkt', () => {
    for (const x of points) {
      expect(f.value(d(x)).item()).toBeCloseTo(r(x), 11)
      for (const t of [0, 0.1, 0.5, 1, 2.5, 5, 10]) {
        const objective = (z: readonly number[]) =>
          t * r(z) + z.reduce((n, v, i) => n + 0.5 * (v - x[i]!) ** 2, 0)
        const z = list(f.prox(d(x), t))
        const best = Math.min(randomMinimum(objective, z, random), randomMinimum(objective, x, random))
        expect(objective(z) - best, `x ${x}, step ${t}, prox ${z}`).toBeLessThan(1e-10)
        if (t === 0) continue
        for (const k of list(f.kkt(d(z), d(z.map((v, i) => (v - x[i]!) / t)))))
          expect(Math.abs(k)).toBeLessThan(1e-10)
      }
    }
  })

  test('jit, vmap and derivatives', () => {
    const mapped = vmap((v: Tensor) => f.prox(v, 0.7))(
      tensor(points, { dtype: 'float64' }),
    ).toArray() as number[][]
    points.forEach((p, i) => {
      const plain = list(f.prox(d(p), 0.7))
      list(jit((v: Tensor) => f.prox(v, 0.7))(d(p))).forEach((v, k) => {
        expect(v).toBeCloseTo(plain[k]!, 12)
        expect(mapped[i]![k]).toBeCloseTo(plain[k]!, 12)
      })
    })
    const w = d([1, 2, -3, 4, -2, 5])
    const weigh = (v: Tensor): Tensor => dot(f.prox(v, 0.7), w) as Tensor
    const x = points[1]!
    const at = (h: number) => weigh(d(x.map((v, i) => v + h * (i + 1)))).item()
    const g = list(grad(weigh)(d(x))).reduce((n, v, i) => n + v * (i + 1), 0)
    expect(g).toBeCloseTo((at(1e-6) - at(-1e-6)) / 2e-6, 6)
  })
})

test('the taut string meets the optimality conditions of long random signals', () => {
  const x = Array.from({ length: 120 }, () => Math.round(512 * random()) / 64)
  for (const t of [0.1, 1, 10, 1000]) {
    const z = list(tv1d(1).prox(d(x), t))
    let u = 0
    z.forEach((v, i) => {
      u += x[i]! - v
      expect(Math.abs(u)).toBeLessThan(t + 1e-9)
      const jump = i + 1 < z.length ? z[i + 1]! - v : 0
      if (Math.abs(jump) > 1e-9) expect(u).toBeCloseTo(-t * Math.sign(jump), 8)
    })
    expect(u).toBeCloseTo(0, 8)
    expect(
      tv1d(1)
        .conjugate.value(d(x.map((v, i) => (v - z[i]!) / t)))
        .item(),
    ).toBe(0)
  }
})

test('what is not a signal is refused', () => {
  const matrix = tensor([[1, 2]], { dtype: 'float64' })
  expect(() => tv1d(1).value(matrix)).toThrow('tv1d: a tensor of shape [1,2] is not a signal.')
  expect(() => fusedLasso(1, 1).prox(matrix, 1)).toThrow('fusedLasso: a tensor of shape [1,2]')
  expect(() => graphLaplacian(1, laplacian).value(matrix)).toThrow(/L of shape \[6,6\] for 2 entries/)
  expect(() => tv1d(-1)).toThrow('tv1d: λ is -1')
})

describe.each(['isotropic', 'anisotropic'] as const)('tv2d %s', (variant) => {
  const size = variant === 'isotropic' ? Math.hypot : (a: number, b: number) => Math.abs(a) + Math.abs(b)
  const r = (z: readonly number[]) =>
    z.reduce((n, v, i) => {
      const down = i < 6 ? z[i + 3]! - v : 0
      const right = i % 3 < 2 ? z[i + 1]! - v : 0
      return n + 0.6 * size(down, right)
    }, 0)
  const f = tv2d(0.6, { variant })
  const fold = (z: readonly number[]) =>
    tensor([z.slice(0, 3), z.slice(3, 6), z.slice(6)] as number[][], { dtype: 'float64' })
  const images = [
    [0, 1, 5, 6, -2, 3, 1, 1, 0.5],
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
    [3, 3, 3, 3, 3, 3, 3, 3, 3],
  ]
  test('value, prox by random search', () => {
    for (const x of images) {
      expect(f.value(fold(x)).item()).toBeCloseTo(r(x), 11)
      for (const t of [0.1, 1, 10]) {
        const objective = (z: readonly number[]) =>
          t * r(z) + z.reduce((n, v, i) => n + 0.5 * (v - x[i]!) ** 2, 0)
        const z = list(f.prox(fold(x), t))
        const best = Math.min(randomMinimum(objective, z, random), randomMinimum(objective, x, random))
        expect(objective(z) - best, `x ${x}, step ${t}, prox ${z}`).toBeLessThan(1e-10)
      }
    }
  })

  test('one column is the signal', () => {
    const x = points[0]!
    const column = tensor(
      x.map((v) => [v]),
      { dtype: 'float64' },
    )
    const want = list(tv1d(0.6).prox(d(x), 1.5))
    list(f.prox(column, 1.5)).forEach((v, i) => {
      expect(v).toBeCloseTo(want[i]!, 6)
    })
  })

  test('jit, vmap and derivatives', () => {
    const x = fold(images[0]!)
    const plain = list(f.prox(x, 0.7))
    list(jit((v: Tensor) => f.prox(v, 0.7))(x)).forEach((v, i) => {
      expect(v).toBeCloseTo(plain[i]!, 9)
    })
    const g = list(grad((v: Tensor) => f.value(f.prox(v, 0.7)))(x))
    const at = (h: number) => f.value(f.prox(fold(images[0]!.map((v, i) => v + h * (i + 1))), 0.7)).item()
    expect(g.reduce((n, v, i) => n + v * (i + 1), 0)).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 4)
    expect(() => f.value(d([1, 2]))).toThrow('tv2d: a tensor of shape [2] is not an image.')
  })
})
