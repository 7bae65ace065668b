import { dot, grad, jit, type Tensor, tensor, vmap } from '@cotangent/core'
import {
  affine,
  box,
  type Functional,
  halfspace,
  l0Ball,
  l1Ball,
  l2Ball,
  linf,
  linfBall,
  maxNorm,
  nonNegative,
  simplex,
  slope,
  unitNorm,
} from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import { numbers, randomMinimum } from './brute.js'

const d = (x: readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(x as number[], { dtype: 'float64' })
const list = (x: Tensor): number[] => [...x.toTypedArray()].map((v) => v + 0)
const one = (x: readonly number[]) => x.reduce((n, v) => n + Math.abs(v), 0)
const sum = (x: readonly number[]) => x.reduce((n, v) => n + v, 0)
const top = (x: readonly number[]) => Math.max(...x.map(Math.abs))
const by = (k: number) => (v: number) => v * k
const points = [
  [3, -1, 0.5, -0.25],
  [0.125, 0.25, 0.0625, -0.375],
  [-5, 4, 0, 6],
  [0, 0, 0, 0],
  [-1, -2, -3, -4],
]

interface Set {
  readonly of: Functional
  /** Some point of the set near z, written apart from the projection. */
  readonly near: (z: readonly number[]) => readonly number[]
  readonly metric: boolean
  readonly support?: (y: readonly number[]) => number
}
const normal = [1, -2, 0.5, 1]
const matrix = [
  [1, 1, 1, 1],
  [1, -1, 0, 0],
]
const toPlane = (z: readonly number[]): readonly number[] => {
  // x₁ - x₂ = 0.5 and Σx = 1: two entries are free.
  const rest = (1 - z[2]! - z[3]!) / 2
  return [rest + 0.25, rest - 0.25, z[2]!, z[3]!]
}
const sets: readonly Set[] = [
  { of: nonNegative(), near: (z) => z.map((v) => Math.max(v, 0)), metric: true },
  {
    of: box(-0.5, 2),
    near: (z) => z.map((v) => Math.min(Math.max(v, -0.5), 2)),
    metric: true,
    support: (y) => sum(y.map((v) => Math.max(-0.5 * v, 2 * v))),
  },
  { of: linfBall(0.7), near: (z) => z.map((v) => Math.min(Math.max(v, -0.7), 0.7)), metric: true },
  {
    of: l1Ball(1.5),
    near: (z) => z.map(by(Math.min(1, 1.5 / one(z)))),
    metric: true,
    support: (y) => 1.5 * top(y),
  },
  { of: l2Ball(1.5), near: (z) => z.map(by(Math.min(1, 1.5 / Math.hypot(...z)))), metric: true },
  {
    of: simplex(1.5),
    near: (z) => {
      const p = z.map((v) => Math.max(v, 0) + (sum(z.map((w) => Math.max(w, 0))) === 0 ? 1 : 0))
      return p.map(by(1.5 / sum(p)))
    },
    metric: true,
    support: (y) => 1.5 * Math.max(...y),
  },
  { of: maxNorm(1.5), near: (z) => z.map(by(Math.min(1, 1.5 / Math.hypot(...z)))), metric: true },
  {
    of: unitNorm(),
    near: (z) => (Math.hypot(...z) === 0 ? [1, 0, 0, 0] : z.map(by(1 / Math.hypot(...z)))),
    metric: false,
  },
  { of: l0Ball(2), near: (z) => z.map((v, i) => (i === 1 || i === 3 ? v : 0)), metric: false },
  {
    of: halfspace(d(normal), 0.5),
    near: (z) => {
      const over = Math.max(sum(z.map((v, i) => v * normal[i]!)) - 0.5, 0)
      return [z[0]! - over, z[1]!, z[2]!, z[3]!]
    },
    metric: true,
  },
  { of: affine(d(matrix), d([1, 0.5])), near: toPlane, metric: true },
]

describe.each(sets)('$of.name', ({ of: f, near, metric, support }) => {
  test('the projection is in the set, is the nearest point found, and twice is once', () => {
    const random = numbers(11)
    for (const m of metric ? [undefined, [1, 0.5, 2, 0.25]] : [undefined])
      for (const x of points) {
        const distance = (z: readonly number[]) =>
          z.reduce((n, v, i) => n + 0.5 * (m?.[i] ?? 1) * (v - x[i]!) ** 2, 0)
        const p = f.prox!(d(x), 3, m && d(m))
        // The balls compare exactly; what rounds outside by one bit is brought inside.
        expect(f.value(d(list(p).map((v) => v * (f.name.startsWith('l2') ? 1 - 1e-15 : 1)))).item()).toBe(0)
        const z = list(p)
        const objective = (v: readonly number[]) => distance(near(v))
        const best = Math.min(
          randomMinimum(objective, z, random),
          randomMinimum(objective, x, random),
          distance(near(x)),
        )
        expect(distance(z) - best, `x ${x}, projection ${z}`).toBeLessThan(1e-10)
        list(f.prox!(p, 0.1, m && d(m))).forEach((v, i) => {
          expect(v).toBeCloseTo(z[i]!, 12)
        })
      }
    if (!metric)
      expect(() => f.prox!(d(points[0]!), 1, d(points[0]!))).toThrow(/metric is not known in closed form/)
  })

  test('outside the value is infinite', () => {
    const far = f.name.startsWith('halfspace') ? d([9, -9, 9, 9]) : d([-9, 8, -9, 7])
    expect(f.value(far).item()).toBe(Infinity)
  })

  test('jit and vmap change nothing, derivatives are finite and right', () => {
    const mapped = vmap((v: Tensor) => f.prox!(v, 1))(d(points)).toArray() as number[][]
    points.forEach((p, i) => {
      const plain = list(f.prox!(d(p), 1))
      list(jit((v: Tensor) => f.prox!(v, 1))(d(p))).forEach((v, k) => {
        expect(v).toBeCloseTo(plain[k]!, 12)
        expect(mapped[i]![k]).toBeCloseTo(plain[k]!, 12)
      })
    })
    const w = d([1, 2, -3, 4])
    const g = grad((v: Tensor) => weigh(f.prox!(v, 1), w))
    for (const p of points) expect(list(g(d(p))).every(Number.isFinite)).toBe(true)
    const x = points[0]!
    const at = (h: number) => weigh(f.prox!(d(x.map((v) => v + h)), 1), w).item()
    expect(sum(list(g(d(x))))).toBeCloseTo((at(1e-6) - at(-1e-6)) / 2e-6, 6)
  })

  test('the conjugate is the support function, met at the projection', () => {
    if (support === undefined) return
    for (const x of points) {
      expect(f.conjugate!.value(d(x)).item()).toBeCloseTo(support(x), 12)
      const z = list(f.prox!(d(x), 1))
      const y = x.map((v, i) => v - z[i]!)
      expect(sum(y.map((v, i) => v * z[i]!))).toBeCloseTo(support(y), 11)
    }
  })
})

const weigh = (z: Tensor, w: Tensor): Tensor => dot(z, w) as Tensor

const ordered = (x: readonly number[], l: readonly number[]) =>
  [...x.map(Math.abs)].sort((a, b) => b - a).reduce((n, v, i) => n + v * l[i]!, 0)
const norms = [
  { of: linf(0.8), r: (x: readonly number[]) => 0.8 * top(x), metric: true },
  {
    of: slope([1, 0.75, 0.5, 0]),
    r: (x: readonly number[]) => ordered(x, [1, 0.75, 0.5, 0]),
    metric: false,
  },
  { of: slope([0.3, 0.3, 0.3, 0.3]), r: (x: readonly number[]) => 0.3 * one(x), metric: false },
]

describe.each(norms)('$of.name', ({ of: f, r, metric }) => {
  const random = numbers(5)
  test('value, dual norm and prox by random search', () => {
    for (const x of points) {
      expect(f.value(d(x)).item()).toBeCloseTo(r(x), 12)
      for (const m of metric ? [undefined, [1, 0.5, 2, 0.25]] : [undefined])
        for (const t of [0.1, 0.5, 1, 2.5, 5, 10]) {
          const objective = (z: readonly number[]) =>
            t * r(z) + z.reduce((n, v, i) => n + 0.5 * (m?.[i] ?? 1) * (v - x[i]!) ** 2, 0)
          const z = list(f.prox!(d(x), t, m && d(m)))
          const best = Math.min(randomMinimum(objective, z, random), randomMinimum(objective, x, random))
          expect(objective(z) - best, `x ${x}, step ${t}, prox ${z}`).toBeLessThan(1e-10)
          if (m !== undefined) continue
          // The residual is a subgradient: of dual norm at most 1 (λ for linf), and Fenchel-Young holds.
          const y = x.map((v, i) => ((v - z[i]!) / t) * (1 - 1e-14))
          expect(f.conjugate!.value(d(y)).item()).toBe(0)
          expect(r(z) - sum(y.map((v, i) => v * z[i]!))).toBeCloseTo(0, 11)
          for (const k of list(f.kkt!(d(z), d(y.map((v) => -v))))) expect(Math.abs(k)).toBeLessThan(1e-11)
        }
    }
  })

  test('jit, vmap and derivatives', () => {
    const mapped = vmap((v: Tensor) => f.prox!(v, 0.7))(d(points)).toArray() as number[][]
    points.forEach((p, i) => {
      const plain = list(f.prox!(d(p), 0.7))
      list(jit((v: Tensor) => f.prox!(v, 0.7))(d(p))).forEach((v, k) => {
        expect(v).toBeCloseTo(plain[k]!, 12)
        expect(mapped[i]![k]).toBeCloseTo(plain[k]!, 12)
      })
    })
    const w = d([1, 2, -3, 4])
    const x = [3, -2.75, 0.5, -0.25]
    const at = (h: number) => weigh(f.prox!(d(x.map((v, i) => v + h * i)), 0.7), w).item()
    const g = list(grad((v: Tensor) => weigh(f.prox!(v, 0.7), w))(d(x)))
    expect(sum(g.map((v, i) => v * i))).toBeCloseTo((at(1e-6) - at(-1e-6)) / 2e-6, 6)
  })
})

test('linf and the l1 ball, coded apart, add up (Moreau)', () => {
  for (const x of points)
    for (const t of [0.1, 1, 5]) {
      const [p, q] = [list(linf(0.8).prox(d(x), t)), list(l1Ball(0.8).prox(d(x.map((v) => v / t)), 1 / t))]
      p.forEach((v, i) => {
        expect(v + t * q[i]!).toBeCloseTo(x[i]!, 12)
      })
    }
})

test('norms over an axis', () => {
  const w = d([
    [3, 0.5],
    [4, 0],
  ])
  expect(maxNorm(1, { axis: 0 }).prox(w, 1).toArray()).toEqual([
    [0.6000000000000001, 0.5],
    [0.8, 0],
  ])
  expect(maxNorm(5, { axis: 0 }).prox(w, 1).toArray()).toEqual(w.toArray())
  expect(list(unitNorm().prox(d([0, 0, 0, 0]), 1))).toEqual([0.5, 0.5, 0.5, 0.5])
})

test('what is not a set or does not fit is refused', () => {
  expect(() => box(2, 1)).toThrow('box: from 2 to 1 is empty.')
  expect(() => l1Ball(-1)).toThrow('l1Ball: λ is -1.')
  expect(() => simplex(0)).toThrow('simplex: the radius is 0. Give a number above 0.')
  expect(() => l0Ball(1.5)).toThrow('l0Ball: k is 1.5. Give a whole number of entries.')
  expect(() => affine(d([1, 2]), d([1]))).toThrow(/affine: A of shape \[2\]/)
  expect(() => affine(d(matrix), d([1, 0.5])).prox(d([1, 2, 3]), 1)).toThrow(
    /does not fit a tensor of shape \[3\]/,
  )
  expect(() => halfspace(d([1, 2]), 1).prox(d([1, 2, 3]), 1)).toThrow(/does not fit a tensor of shape \[3\]/)
  expect(() => slope([1, 2])).toThrow(
    'slope: λ1 is 2. Give numbers that are not negative, the largest first.',
  )
  expect(() => slope([1]).value(d([1, 2]))).toThrow('slope: 1 strengths for 2 entries.')
})
