import { type Tensor, tensor } from '@cotangent/core'
import {
  box,
  combine,
  type Functional,
  fusedLasso,
  groupLasso,
  groupMcp,
  l1,
  l1Ball,
  l2,
  l2Ball,
  linf,
  mcp,
  nonNegative,
  norm2,
  on,
  type Penalty,
  type ProximalStep,
  plan,
  scale,
  simplex,
  slope,
  sparseGroupLasso,
  tv1d,
} from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import { numbers, randomMinimum } from './functionals/brute.js'

const d = (x: readonly number[]): Tensor => tensor([...x], { dtype: 'float64' })
const list = (x: Tensor): number[] => [...x.toTypedArray()].map((v) => v + 0)
const groups = [
  [0, 3],
  [1, 2],
]
const points = [
  [3, -1, 0.5, -0.25],
  [-0.5, 4, 4, 1],
  [0.25, 0.5, 0, -0.125],
]
const metric = [1, 0.25, 2, 4]
const prox = (f: Functional): Penalty => on('**', f, { mode: f.traits.indicator ? 'constraint' : 'proximal' })
/** Whether the plan says that it composes exactly. */
const exactly = (p: Penalty, x: unknown): boolean => plan(p, x).explain().includes('is taken exactly')
const taken = (p: Penalty, x: Tensor, at: ProximalStep): number[] => {
  const bound = plan(p, x)
  return list(bound.project(bound.prox(x, at)))
}

// [first, second, exact without a metric, exact in every metric]
const pairs: readonly (readonly [Functional, Functional, boolean, boolean])[] = [
  [l1(0.5), norm2(1), true, true],
  [l1(0.5), l1(0.25), true, true],
  [l1(0.5), l2(1), true, true],
  [l1(0.5), linf(1), true, true],
  [l1(0.5), groupLasso(0.5, { groups }), true, true],
  [l1(0.5), slope([1, 0.5, 0.25, 0]), true, true],
  [l1(0.5), l2Ball(1), true, true],
  [l1(0.5), l1Ball(1.5), true, true],
  [l1(0.5), box(-0.5, 1), true, true],
  [l1(0.5), box(0.5, 1), true, true],
  [nonNegative(), groupLasso(0.5, { groups }), true, true],
  [nonNegative(), norm2(1), true, true],
  [tv1d(0.5), l1(0.3), true, false],
  [tv1d(0.5), linf(0.3), true, false],
  [tv1d(0.5), simplex(2), true, false],
  [tv1d(0.5), norm2(1), true, false],
  [groupLasso(0.5, { groups }), norm2(1), true, false],
  [groupLasso(0.5, { groups }), l2Ball(1), true, false],
  [slope([1, 0.5, 0.25, 0]), l2(1), true, false],
  // These take the inner solver.
  [linf(0.5), groupLasso(0.5, { groups }), false, false],
  [tv1d(0.5), nonNegative(), true, false],
  [simplex(2), l2Ball(1.2), false, false],
  [groupLasso(0.5, { groups }), box(0.25, 2), false, false],
  [linf(0.5), tv1d(0.5), true, false],
]
const takesMetric = (f: Functional) => f.traits.metric === true

describe.each(pairs.map(([f, g, ...rest]) => [`${f.name} and ${g.name}`, f, g, ...rest] as const))(
  '%s',
  (_, f, g, plain) => {
    const random = numbers(17)
    const p = combine(prox(f), prox(g))
    const set = [f, g].filter((h) => h.traits.indicator)

    test('is the prox of the sum, in whatever order they are given', () => {
      expect(exactly(p, d(points[0]!))).toBe(plain)
      for (const m of takesMetric(f) && takesMetric(g) ? [undefined, metric] : [undefined])
        for (const x of plain && m === undefined ? points : points.slice(0, 1))
          for (const lr of plain && m === undefined ? [0.3, 2] : [0.7]) {
            const at = { lr, ...(m === undefined ? {} : { metric: d(m) }) }
            const z = taken(p, d(x), at)
            const w = taken(combine(prox(g), prox(f)), d(x), at)
            z.forEach((v, i) => {
              expect(w[i]).toBeCloseTo(v, 8)
            })
            const penalties = [f, g].filter((h) => !h.traits.indicator)
            // Candidates are brought into the sets by their own projections, in turn.
            const into = (v: readonly number[]): readonly number[] => {
              let y: readonly number[] = v
              for (let k = 0; k < (set.length > 1 ? 30 : 1); k++)
                for (const c of set) y = list(c.prox!(d(y), 1))
              return y
            }
            const objective = (v: readonly number[]) => {
              const y = into(v)
              const r = penalties.reduce((n, h) => n + lr * h.value(d(y)).item(), 0)
              return r + y.reduce((n, u, i) => n + 0.5 * (m?.[i] ?? 1) * (u - x[i]!) ** 2, 0)
            }
            for (const c of set)
              list(c.prox!(d(z), 1)).forEach((v, i) => {
                expect(v).toBeCloseTo(z[i]!, 9)
              })
            const best = Math.min(
              randomMinimum(objective, z, random, set.length > 1 ? 8 : 30),
              randomMinimum(objective, x, random, set.length > 1 ? 4 : 20),
            )
            const own = penalties.reduce((n, h) => n + lr * h.value(d(z)).item(), 0)
            const mine = own + z.reduce((n, u, i) => n + 0.5 * (m?.[i] ?? 1) * (u - x[i]!) ** 2, 0)
            expect(mine - best, `x ${x}, step ${lr}, metric ${m}, prox ${z}`).toBeLessThan(1e-9)
          }
    }, 60_000)
  },
)

test('the composed penalties that have a name of their own are the same', () => {
  const x = d([3, -1, 0.5, -0.25])
  const near = (p: Penalty, metricOf?: Tensor) =>
    list(plan(p, x).prox(x, { lr: 0.7, ...(metricOf ? { metric: metricOf } : {}) }))
  const same = (a: readonly number[], b: readonly number[]) =>
    a.forEach((v, i) => {
      expect(v).toBeCloseTo(b[i]!, 12)
    })
  same(near(combine(prox(tv1d(0.5)), prox(l1(0.3)))), list(fusedLasso(0.3, 0.5).prox(x, 0.7)))
  const whole = combine(prox(l1(0.2)), prox(groupLasso(0.6, { groups })))
  same(near(whole), list(sparseGroupLasso(0.8, 0.25, { groups }).prox(x, 0.7)))
  same(near(whole, d(metric)), list(sparseGroupLasso(0.8, 0.25, { groups }).prox(x, 0.7, d(metric))))
})

test('trees of groups: layers within the whole', () => {
  const params = { a: { kernel: d([3, -4]) }, b: { kernel: d([1, 0.5, -0.5]) } }
  const tree = combine(
    on('**', norm2(1), { group: 'perLayer' }),
    on('**', norm2(2), { group: 'global' }),
    on('**', l1(0.1)),
  )
  const bound = plan(tree, params)
  expect(bound.explain()).toContain('exactly, as l1(0.1), then norm2(1), then norm2(2)')
  const z = bound.prox(params, { lr: 0.4 })
  const flat = [...list(z.a.kernel), ...list(z.b.kernel)]
  const x = [3, -4, 1, 0.5, -0.5]
  const objective = (v: readonly number[]) =>
    0.4 *
      (Math.hypot(v[0]!, v[1]!) +
        Math.hypot(v[2]!, v[3]!, v[4]!) +
        2 * Math.hypot(...v) +
        0.1 * v.reduce((n, u) => n + Math.abs(u), 0)) +
    v.reduce((n, u, i) => n + 0.5 * (u - x[i]!) ** 2, 0)
  expect(objective(flat) - randomMinimum(objective, flat, numbers(3), 2000)).toBeLessThan(1e-10)
})

test('three at once by the inner solver, weights and all', () => {
  const x = d([3, -1, 0.5, -0.25])
  const p = combine(scale(2, prox(linf(0.25))), prox(tv1d(0.5)), prox(groupLasso(0.25, { groups })))
  const z = list(plan(p, x).prox(x, { lr: 0.5 }))
  const objective = (v: readonly number[]) =>
    0.5 *
      (linf(0.5).value(d(v)).item() +
        tv1d(0.5).value(d(v)).item() +
        groupLasso(0.25, { groups }).value(d(v)).item()) +
    v.reduce((n, u, i) => n + 0.5 * (u - list(x)[i]!) ** 2, 0)
  expect(objective(z) - randomMinimum(objective, z, numbers(5), 200)).toBeLessThan(1e-9)
})

test('soft threshold first holds for what is not convex, too', () => {
  const random = numbers(23)
  for (const g of [mcp(0.7, 2), groupMcp(0.7, 2, { groups })])
    for (const x of points)
      for (const lr of [0.5, 3]) {
        const z = list(plan(combine(prox(l1(0.3)), prox(g)), d(x)).prox(d(x), { lr }))
        const objective = (v: readonly number[]) =>
          lr * (0.3 * v.reduce((n, u) => n + Math.abs(u), 0) + g.value(d(v)).item()) +
          v.reduce((n, u, i) => n + 0.5 * (u - x[i]!) ** 2, 0)
        const best = Math.min(
          randomMinimum(objective, z, random, 60),
          randomMinimum(objective, x, random, 60),
        )
        expect(objective(z) - best).toBeLessThan(1e-10)
      }
})
