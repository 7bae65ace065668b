import { grad, jacobian, jit, sum, type Tensor, tensor, vmap } from '@cotangent/core'
import {
  anchor,
  article,
  cappedL1,
  cauchy,
  elasticNet,
  etp,
  type Functional,
  geman,
  huber,
  l0,
  l1,
  l2,
  lHalf,
  logSum,
  lp,
  lTwoThirds,
  mcp,
  scad,
  smoothL1,
  weightedL1,
  welsch,
} from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import reference from '../reference/prox.json' with { type: 'json' }
import { bruteMinimum } from './brute.js'

const d = (x: readonly number[]): Tensor => tensor([...x], { dtype: 'float64' })
const list = (x: Tensor): number[] => [...x.toTypedArray()]
const { abs, log, exp, sqrt } = Math

interface Entry {
  readonly of: Functional
  /** The same in plain numbers, written apart. */
  readonly r: (w: number) => number
  readonly even?: false
}

// The registry: a functional without its meaning here is not tested, and should not be.
const scadAt = (l: number, a: number) => (w: number) =>
  abs(w) <= l
    ? l * abs(w)
    : abs(w) <= a * l
      ? (2 * a * l * abs(w) - w * w - l * l) / (2 * (a - 1))
      : (l * l * (a + 1)) / 2
const mcpAt = (l: number, g: number) => (w: number) =>
  abs(w) <= g * l ? l * abs(w) - (w * w) / (2 * g) : (g * l * l) / 2
const entries: readonly Entry[] = [
  { of: l1(0.75), r: (w) => 0.75 * abs(w) },
  { of: l2(0.75), r: (w) => 0.375 * w * w },
  { of: elasticNet(1.5, 0.25), r: (w) => 1.5 * (0.25 * abs(w) + 0.375 * w * w) },
  { of: elasticNet(1.5, 0), r: (w) => 0.75 * w * w },
  { of: elasticNet(1.5, 1), r: (w) => 1.5 * abs(w) },
  { of: huber(1.5, 0.5), r: (w) => 1.5 * (abs(w) <= 0.5 ? w * w : abs(w) - 0.25) },
  { of: smoothL1(1.5, 0.5), r: (w) => 1.5 * (sqrt(w * w + 0.25) - 0.5) },
  { of: smoothL1(1, 1e-6), r: (w) => sqrt(w * w + 1e-12) - 1e-6 },
  { of: mcp(1, 3), r: mcpAt(1, 3) },
  { of: mcp(0.7, 1.25), r: mcpAt(0.7, 1.25) },
  { of: scad(1, 3.7), r: scadAt(1, 3.7) },
  { of: scad(0.6, 2.5), r: scadAt(0.6, 2.5) },
  { of: logSum(1, 0.5), r: (w) => log(1 + abs(w) / 0.5) },
  { of: logSum(3, 0.5), r: (w) => 3 * log(1 + abs(w) / 0.5) },
  { of: logSum(0.1, 0.01), r: (w) => 0.1 * log(1 + abs(w) / 0.01) },
  { of: cappedL1(1, 1.3), r: (w) => Math.min(abs(w), 1.3) },
  { of: l0(1.1), r: (w) => (w === 0 ? 0 : 1.1) },
  { of: lHalf(0.9), r: (w) => 0.9 * sqrt(abs(w)) },
  { of: lTwoThirds(0.9), r: (w) => 0.9 * abs(w) ** (2 / 3) },
  ...[0.25, 1.1, 1.5, 3].map((p) => ({
    of: lp(0.9, p),
    r: (w: number) => 0.9 * abs(w) ** p,
  })),
  { of: geman(1, 1.3), r: (w) => abs(w) / (abs(w) + 1.3) },
  { of: geman(3, 0.2), r: (w) => (3 * abs(w)) / (abs(w) + 0.2) },
  { of: etp(1, 1), r: (w) => (1 - exp(-abs(w))) / (1 - exp(-1)) },
  { of: etp(2, 5), r: (w) => (2 * (1 - exp(-5 * abs(w)))) / (1 - exp(-5)) },
  { of: cauchy(1, 1), r: (w) => log(1 + w * w) },
  { of: cauchy(3, 0.25), r: (w) => 3 * log(1 + 16 * w * w) },
  { of: welsch(1, 1), r: (w) => 1 - exp(-w * w) },
  { of: welsch(4, 0.5), r: (w) => 4 * (1 - exp(-4 * w * w)) },
  { of: weightedL1(tensor(0.6, { dtype: 'float64' })), r: (w) => 0.6 * abs(w) },
]

const points = [-6.13, -3.02, -1.21, -0.43, -0.06, 0, 0.31, 0.92, 1.47, 2.53, 3.6, 4.95, 7.7]
const steps = [0.1, 0.3, 1, 2, 3.5, 5, 10]
const convex = entries.filter((e) => e.of.traits.convex)

describe.each(entries)('$of.name', ({ of: f, r }) => {
  test('value', () => {
    for (const x of points) expect(abs(f.value(d([x])).item() - r(x))).toBeLessThan(1e-12 * (1 + r(x)))
    expect(f.value(d(points)).item()).toBeCloseTo(
      points.reduce((n, x) => n + r(x), 0),
      10,
    )
  })

  test('the prox is the minimum by brute force, for every step', () => {
    for (const t of steps) {
      const z = list(f.prox!(d(points), t))
      points.forEach((x, i) => {
        const objective = (v: number) => t * r(v) + 0.5 * (v - x) ** 2
        const best = bruteMinimum(objective, -abs(x) - 0.1, abs(x) + 0.1, [0, x])
        expect(objective(z[i]!) - best, `x ${x}, step ${t}, prox ${z[i]}`).toBeLessThan(1e-10)
      })
    }
  })

  test('a metric is a step of its own for each entry; jit and vmap change nothing', () => {
    const metric = points.map((_, i) => 0.05 + (i % 4))
    const z = list(f.prox!(d(points), 0.7, d(metric)))
    points.forEach((x, i) => {
      expect(z[i]).toBeCloseTo(f.prox!(d([x]), 0.7 / metric[i]!).item(), 10)
    })
    const plain = list(f.prox!(d(points), 1.3))
    const jitted = list(jit((x: Tensor) => f.prox!(x, 1.3))(d(points)))
    const mapped = list(vmap((x: Tensor) => f.prox!(x, 1.3))(d(points)))
    points.forEach((_, i) => {
      expect(jitted[i]).toBeCloseTo(plain[i]!, 12)
      expect(mapped[i]).toBeCloseTo(plain[i]!, 12)
    })
  })

  test('value and prox are odd and even, and finite in value and slope at 0', () => {
    expect(list(f.prox!(d(points), 1.3))).toEqual(
      list(f.prox!(d(points.map((x) => -x)), 1.3)).map((v) => (v === 0 ? 0 : -v)),
    )
    expect(abs(f.value(d(points)).item() - f.value(d(points.map((x) => -x))).item())).toBe(0)
    expect(grad((x: Tensor) => f.value(x))(d([0, 0])).toArray()).toEqual([0, 0])
  })

  test('the derivative of the prox is its difference quotient', () => {
    const slopes = list(grad((x: Tensor) => sum(f.prox!(x, 0.9)))(d(points)))
    const h = 1e-6
    const [up, down] = [h, -h].map((e) => list(f.prox!(d(points.map((x) => x + e)), 0.9)))
    points.forEach((x, i) => {
      if (x !== 0) expect(abs(slopes[i]! - (up![i]! - down![i]!) / (2 * h)), `x ${x}`).toBeLessThan(1e-6)
    })
    const t = tensor(0.9, { dtype: 'float64' })
    const byStep = list(jacobian((s: Tensor) => f.prox!(d(points), s))(t))
    const [more, less] = [h, -h].map((e) => list(f.prox!(d(points), 0.9 + e)))
    points.forEach((x, i) => {
      expect(abs(byStep[i]! - (more![i]! - less![i]!) / (2 * h)), `x ${x}`).toBeLessThan(1e-5)
    })
  })

  test('kkt is 0 at the prox and not elsewhere', () => {
    const steep = /^(l0|lHalf|lTwoThirds|lp\(0.9, 0)/.test(f.name)
    // Where any gradient is stationary at 0, kkt asks the prox at the step 1 instead.
    for (const t of steep ? [1, 2] : [0.3, 2]) {
      const z = f.prox!(d(points), t)
      const toGrad = (off: number) => d(list(z).map((v, i) => (v - points[i]!) / t + off))
      for (const k of list(f.kkt!(z, toGrad(0)))) expect(k).toBeLessThan(1e-6)
    }
    expect(list(f.kkt!(d([2.5]), d([9])))[0]).toBeGreaterThan(1)
  })

  test('NaN stays NaN', () => {
    expect(f.prox!(d([Number.NaN]), 1.3).item()).toBe(Number.NaN)
  })

  test('homogeneity', () => {
    const degree = f.traits.homogeneous
    if (degree === undefined) return
    expect(f.value(d(points.map((x) => 2 * x))).item()).toBeCloseTo(
      2 ** degree * f.value(d(points)).item(),
      10,
    )
  })
})

describe.each(convex)('$of.name, convex', ({ of: f }) => {
  test('the prox is firmly non-expansive', () => {
    for (const t of steps) {
      const z = list(f.prox!(d(points), t))
      points.forEach((x, i) => {
        points.forEach((y, j) => {
          const gap = z[i]! - z[j]!
          expect(gap * (x - y) - gap * gap).toBeGreaterThan(-1e-12)
        })
      })
    }
  })

  test('Moreau and Fenchel-Young with the conjugate, coded apart', () => {
    for (const t of steps) {
      const z = list(f.prox!(d(points), t))
      const dual = points.map((x, i) => (x - z[i]!) / t)
      points.forEach((_, i) => {
        // The subgradient may lie a rounding outside of the domain of the conjugate.
        const gap =
          f.value(d([z[i]!])).item() +
          f.conjugate!.value(d([dual[i]! * (1 - 1e-14)])).item() -
          z[i]! * dual[i]!
        expect(abs(gap)).toBeLessThan(1e-6)
      })
      if (f.conjugate!.prox === undefined) continue
      const near = list(f.conjugate!.prox(d(points.map((x) => x / t)), 1 / t))
      points.forEach((x, i) => {
        expect(z[i]! + t * near[i]!).toBeCloseTo(x, 10)
      })
    }
  })
})

describe('reference values', () => {
  type P = Readonly<Record<string, number>>
  const make: Readonly<Record<string, (p: P) => Functional>> = {
    l1: (p) => l1(p.lam!),
    seed_L1_objective: (p) => article.l1Objective(p.lam!),
    ridge_half: (p) => l2(p.lam!),
    elasticNet: (p) => elasticNet(p.l1! + p.l2!, p.l1! / (p.l1! + p.l2!)),
    mcp: (p) => mcp(p.lam!, p.gamma!),
    scad: (p) => scad(p.lam!, p.a!),
    l0: (p) => l0(p.lam!),
    l_half: (p) => lHalf(p.lam!),
    l_twothirds: (p) => lTwoThirds(p.lam!),
    logsum: (p) => logSum(p.lam!, p.eps!),
    cappedL1: (p) => cappedL1(p.lam!, p.theta!),
    huber: (p) => huber(p.lam!, p.delta!),
    geman: (p) => geman(p.sigma!, p.gamma!),
    etp: (p) => etp(p.sigma!, p.gamma!),
  }
  test.each(reference.prox)('$penalty, step $step', (e) => {
    const z = list(make[e.penalty]!(e.params as unknown as P).prox!(d(e.x), e.step))
    z.forEach((v, i) => {
      expect(abs(v - e.prox[i]!)).toBeLessThan(1e-9)
    })
  })
})

test('an anchor pulls each entry by its Fisher information', () => {
  const f = anchor(2, d([1, -1, 4]), d([1, 0, 3]))
  expect(f.value(d([2, 5, 3])).item()).toBeCloseTo(4, 12)
  expect(list(f.prox(d([2, 5, 3]), 0.5))).toEqual([1.5, 5, 3.75])
  const g = anchor(2, d([1, -1]))
  for (const t of steps) {
    const [near, dual] = [list(g.prox(d([3, 2]), t)), list(g.conjugate!.prox!(d([3 / t, 2 / t]), 1 / t))]
    expect(near[0]! + t * dual[0]!).toBeCloseTo(3, 12)
    expect(near[1]! + t * dual[1]!).toBeCloseTo(2, 12)
  }
})

test('what is not a parameter is refused', () => {
  expect(() => mcp(1, 1)).toThrow('mcp: γ is 1. Give a number above 1.')
  expect(() => scad(1, 2)).toThrow('scad: a is 2. Give a number above 2.')
  expect(() => huber(1, 0)).toThrow('huber: δ is 0. Give a number above 0.')
  expect(() => elasticNet(1, 1.5)).toThrow('elasticNet: ρ is 1.5. Give a number from 0 to 1.')
  for (const make of [
    l0,
    lHalf,
    lTwoThirds,
    (l: number) => logSum(l, 1),
    (l: number) => cappedL1(l, 1),
    (l: number) => mcp(l, 3),
  ])
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => make(bad)).toThrow(/is (-1|NaN|Infinity)\. Give a number that is not negative/)
  expect(() => geman(1, Number.NaN)).toThrow('geman: γ is NaN')
  expect(() => weightedL1(d([1, 2])).prox(d([1, 2, 3]), 1)).toThrow(/weights of shape \[2\]/)
  expect(() => anchor(1, d([1, 2])).value(d([1]))).toThrow(/an anchor of shape \[2\]/)
})
