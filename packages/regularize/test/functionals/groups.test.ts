import { dot, grad, jit, type Tensor, tensor, vmap } from '@cotangent/core'
import {
  exclusiveLasso,
  type Functional,
  groupLasso,
  groupLinf,
  groupMcp,
  groupScad,
  l1,
  mcp,
  norm2,
  sparseGroupLasso,
} from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import { numbers, randomMinimum } from './brute.js'

const d = (x: readonly number[]): Tensor => tensor([...x], { dtype: 'float64' })
// Without the sign of zeros.
const list = (x: Tensor): number[] => [...x.toTypedArray()].map((v) => v + 0)
const groups = [[0, 3, 4], [2], [1, 5]]
const each = (x: readonly number[], f: (g: readonly number[]) => number): number =>
  groups.reduce((n, g) => n + f(g.map((i) => x[i]!)), 0)
const size = (g: readonly number[]) => Math.sqrt(g.length)
const mcpOf = (l: number, c: number, n: number) => (n <= c * l ? l * n - (n * n) / (2 * c) : (c * l * l) / 2)
const scadOf = (l: number, a: number, w: number) =>
  w <= l ? l * w : w <= a * l ? (2 * a * l * w - w * w - l * l) / (2 * (a - 1)) : (l * l * (a + 1)) / 2
const one = (x: readonly number[]) => x.reduce((n, v) => n + Math.abs(v), 0)
const top = (x: readonly number[]) => Math.max(...x.map(Math.abs))

interface Entry {
  readonly of: Functional
  readonly r: (x: readonly number[]) => number
  readonly metric: boolean
}
const entries: readonly Entry[] = [
  {
    of: groupLasso(0.6, { groups }),
    r: (x) => 0.6 * each(x, (g) => size(g) * Math.hypot(...g)),
    metric: true,
  },
  {
    of: groupLasso(0.6, { groups, weights: [1, 0, 2] }),
    r: (x) => 0.6 * (Math.hypot(x[0]!, x[3]!, x[4]!) + 2 * Math.hypot(x[1]!, x[5]!)),
    metric: true,
  },
  {
    of: sparseGroupLasso(0.8, 0.25, { groups }),
    r: (x) => 0.2 * one(x) + 0.6 * each(x, (g) => size(g) * Math.hypot(...g)),
    metric: true,
  },
  {
    of: groupMcp(0.7, 2, { groups }),
    r: (x) => each(x, (g) => mcpOf(0.7 * size(g), 2, Math.hypot(...g))),
    metric: false,
  },
  {
    of: groupScad(0.7, 3, { groups }),
    r: (x) => each(x, (g) => scadOf(0.7 * size(g), 3, Math.hypot(...g))),
    metric: false,
  },
  { of: groupLinf(0.9, { groups }), r: (x) => 0.9 * each(x, top), metric: true },
  { of: exclusiveLasso(0.9, { groups }), r: (x) => 0.45 * each(x, (g) => one(g) ** 2), metric: true },
]
const points = [
  [3, -1, 0.5, -0.25, 2, 1.5],
  [0.25, 0.125, -3, 0.5, -0.25, 0.0625],
  [-5, 4, 0, 6, 1, -2.5],
  [0, 0, 0, 0, 0, 0],
]
const steps = [0.1, 0.5, 1, 2.5, 5, 10]

describe.each(entries)('$of.name', ({ of: f, r, metric }) => {
  test('value', () => {
    for (const x of points) expect(f.value(d(x)).item()).toBeCloseTo(r(x), 12)
    expect(grad((x: Tensor) => f.value(x))(d(points[3]!)).toArray()).toEqual([0, 0, 0, 0, 0, 0])
  })

  test('no random point is better than the prox, for every step and in every metric it takes', () => {
    const random = numbers(7)
    for (const m of metric ? [undefined, [1, 0.5, 2, 0.1, 3, 1]] : [undefined])
      for (const t of steps)
        for (const x of points) {
          const objective = (z: readonly number[]) =>
            t * r(z) + z.reduce((n, v, i) => n + 0.5 * (m?.[i] ?? 1) * (v - x[i]!) ** 2, 0)
          const z = list(f.prox!(d(x), t, m && d(m)))
          const best = Math.min(
            randomMinimum(objective, z, random),
            randomMinimum(objective, x, random, 100),
            randomMinimum(
              objective,
              x.map(() => 0),
              random,
              100,
            ),
          )
          expect(objective(z) - best, `x ${x}, step ${t}, prox ${z}`).toBeLessThan(1e-10)
        }
    if (!metric)
      expect(() => f.prox!(d(points[0]!), 1, d(points[0]!))).toThrow(/metric is not known in closed form/)
  })

  test('jit and vmap change nothing; kkt is 0 at the prox', () => {
    const x = tensor(points, { dtype: 'float64' })
    const mapped = vmap((v: Tensor) => f.prox!(v, 0.7))(x).toArray() as number[][]
    points.forEach((p, i) => {
      const plain = list(f.prox!(d(p), 0.7))
      list(jit((v: Tensor) => f.prox!(v, 0.7))(d(p))).forEach((v, k) => {
        expect(v).toBeCloseTo(plain[k]!, 12)
        expect(mapped[i]![k]).toBeCloseTo(plain[k]!, 12)
      })
      const gradient = d(plain.map((v, k) => (v - p[k]!) / 0.7))
      for (const k of list(f.kkt!(d(plain), gradient))) expect(Math.abs(k)).toBeLessThan(1e-10)
    })
    const off = f.kkt!(d(points[0]!), d([9, 9, 9, 9, 9, 9]))
    expect(Math.max(...list(off))).toBeGreaterThan(0.5)
  })

  test('the derivative along a direction is the difference quotient', () => {
    const dir = [0.5, -0.25, 1, 0.75, -1, 0.5]
    const x = points[0]!
    const weigh = (z: readonly number[]) => z.reduce((n, v, i) => n + v * (i + 1), 0)
    const at = (h: number) => weigh(list(f.prox!(d(x.map((v, i) => v + h * dir[i]!)), 0.4)))
    const w = d([1, 2, 3, 4, 5, 6])
    const g = list(grad((v: Tensor) => dot(f.prox!(v, 0.4), w) as Tensor)(d(x)))
    const slope = g.reduce((n, v, i) => n + v * dir[i]!, 0)
    expect(slope).toBeCloseTo((at(1e-6) - at(-1e-6)) / 2e-6, 6)
  })

  test('convex: firmly non-expansive, homogeneous, Fenchel-Young with the conjugate', () => {
    if (!f.traits.convex) return
    for (const t of steps) {
      const zs = points.map((x) => list(f.prox!(d(x), t)))
      zs.forEach((z, i) => {
        zs.forEach((w, j) => {
          const [gap, inner] = z.reduce(
            ([a, b], v, k) => [a! + (v - w[k]!) ** 2, b! + (v - w[k]!) * (points[i]![k]! - points[j]![k]!)],
            [0, 0],
          )
          expect(inner! - gap!).toBeGreaterThan(-1e-12)
        })
        const x = points[i]!
        const dual = z.map((v, k) => ((x[k]! - v) / t) * (1 - 1e-14))
        // What a group of weight 0 leaves is 0 up to rounding.
        const y = dual.map((v) => (Math.abs(v) < 1e-15 ? 0 : v))
        const inner = z.reduce((n, v, k) => n + v * y[k]!, 0)
        expect(f.value(d(z)).item() + f.conjugate!.value(d(y)).item() - inner).toBeCloseTo(0, 10)
        if (f.conjugate!.prox === undefined) return
        const near = list(f.conjugate!.prox(d(x.map((v) => v / t)), 1 / t))
        near.forEach((v, k) => {
          expect(z[k]! + t * v).toBeCloseTo(x[k]!, 11)
        })
      })
    }
    const degree = f.traits.homogeneous!
    const x = points[0]!
    expect(f.value(d(x.map((v) => 2 * v))).item()).toBeCloseTo(2 ** degree * f.value(d(x)).item(), 10)
  })
})

describe('groups', () => {
  const x = tensor(
    [
      [1, -2, 3],
      [0.5, 4, -0.25],
    ],
    { dtype: 'float64' },
  )
  test('of one entry are the entry-wise twin, one group is the norm', () => {
    const alone = points[0]!.map((_, i) => [i])
    expect(list(groupLasso(0.5, { groups: alone }).prox(d(points[0]!), 1))).toEqual(
      list(l1(0.5).prox(d(points[0]!), 1)),
    )
    expect(list(groupMcp(0.5, 3, { groups: alone }).prox(d(points[0]!), 1))).toEqual(
      list(mcp(0.5, 3).prox(d(points[0]!), 1)),
    )
    expect(
      groupLasso(1, { groups: { axis: [0, 1] }, weights: 'none' })
        .prox(x, 1)
        .toArray(),
    ).toEqual(norm2(1).prox(x, 1).toArray())
  })

  test('along axes, per unit and as lists are the same', () => {
    const same = (a: Functional, b: Functional) => {
      expect(a.value(x).item()).toBeCloseTo(b.value(x).item(), 12)
      const [p, q] = [list(a.prox!(x, 0.7)), list(b.prox!(x, 0.7))]
      p.forEach((v, i) => {
        expect(v).toBeCloseTo(q[i]!, 12)
      })
    }
    const columns = {
      groups: [
        [0, 3],
        [1, 4],
        [2, 5],
      ],
    }
    same(groupLasso(1, { groups: { axis: 0 } }), groupLasso(1, columns))
    same(groupLasso(1, { groups: 'perUnitOut' }), groupLasso(1, columns))
    same(
      groupLinf(1, { groups: 'perUnitIn' }),
      groupLinf(1, {
        groups: [
          [0, 1, 2],
          [3, 4, 5],
        ],
      }),
    )
    same(
      groupLinf(1, { groups: { axis: -1 } }),
      groupLinf(1, {
        groups: [
          [0, 1, 2],
          [3, 4, 5],
        ],
      }),
    )
  })

  test('that do not fit are refused', () => {
    const of = (g: readonly (readonly number[])[]) => () => groupLasso(1, { groups: g }).value(d([1, 2, 3]))
    expect(
      of([
        [0, 1],
        [1, 2],
      ]),
    ).toThrow('groupLasso: entry 1 is in two groups. Put each entry in one.')
    expect(of([[0, 1]])).toThrow('groupLasso: entry 2 is in no group.')
    expect(of([[0, 1, 2, 3]])).toThrow('group 0 names entry 3 of a tensor of 3 entries [3].')
    expect(of([[0, 1, 2], []])).toThrow('group 1 is empty')
    expect(() => groupLasso(1, { groups: 'perUnitIn' }).value(d([1]))).toThrow(/tensor of rank 1/)
    expect(() => groupLasso(1, { groups: { axis: 2 } }).value(x)).toThrow(
      'axis 2 of a tensor of rank 2 [2,3]',
    )
    expect(() => groupLasso(1, { groups: { axis: 0 }, weights: [1] }).value(x)).toThrow(
      '1 weights for 3 groups',
    )
    expect(() => groupMcp(1, 1, { groups })).toThrow('groupMcp: γ is 1. Give a number above 1.')
    expect(() => groupLinf(-1, { groups })).toThrow('groupLinf: λ is -1')
    expect(() => sparseGroupLasso(1, 2, { groups })).toThrow('sparseGroupLasso: ρ is 2')
  })
})
