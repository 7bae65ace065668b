import { grad, hessian, type Tensor, tensor } from '@cotangent/core'
import {
  article,
  elasticNet,
  type Functional,
  fusedLasso,
  groupLasso,
  huber,
  l1,
  l1Ball,
  l2,
  leastSquares,
  linf,
  mcp,
  minimise,
  norm2,
  nuclear,
  on,
  plan,
  scad,
  simplex,
  slope,
  sparseGroupLasso,
  tv1d,
} from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import { loadDiabetes } from '../../../docs/data/diabetes/diabetes.js'

const d = (x: readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(x as number[], { dtype: 'float64' })
const list = (x: Tensor): number[] => [...x.toTypedArray()].map((v) => v + 0)
const near = (got: readonly number[], want: readonly number[], tolerance: number): void => {
  expect(got).toHaveLength(want.length)
  got.forEach((v, i) => {
    expect(Math.abs(v - want[i]!), `entry ${i}: ${v}, expected ${want[i]}`).toBeLessThan(tolerance)
  })
}
const line = [-6.13, -3.02, -1.21, -0.43, 0.31, 0.92, 1.47, 2.53, 3.6, 4.95, 7.7]

// Section 3.3. Values checked by brute force; the sources are those of the functionals.
const published: readonly (readonly [
  string,
  Functional,
  readonly number[],
  number,
  readonly number[],
  number,
])[] = [
  [
    'mcp (Zhang 2010)',
    mcp(1, 3),
    line,
    1,
    [-6.13, -3.02, -0.315, 0, 0, 0, 0.705, 2.295, 3.6, 4.95, 7.7],
    1e-9,
  ],
  [
    'scad (Fan & Li 2001)',
    scad(1, 3.7),
    line,
    1,
    [-6.13, -2.62, -0.21, 0, 0, 0, 0.47, 1.841765, 3.541176, 4.95, 7.7],
    1e-6,
  ],
  [
    'huber (Huber 1964)',
    huber(1, 1),
    line,
    1,
    [-5.13, -2.02, -0.605, -0.215, 0.155, 0.46, 0.735, 1.53, 2.6, 3.95, 6.7],
    1e-9,
  ],
  [
    "the article's L1 objective",
    article.l1Objective(0.8),
    line,
    1,
    [-2.865, -1.31, -0.405, -0.015, 0, 0.26, 0.535, 1.065, 1.6, 2.275, 3.65],
    1e-9,
  ],
  ['group (3, -4), λ = 1', norm2(1), [3, -4], 1, [2.4, -3.2], 1e-12],
  ['group (3, -4), λ = 6', norm2(6), [3, -4], 1, [0, 0], 1e-12],
  [
    'slope (Bogdan et al. 2015)',
    slope([2, 1.5, 1.2, 1, 0.8, 0.2]),
    [5, 4, 3.5, 2, 1, 0.5],
    1,
    [3, 2.5, 2.3, 1, 0.25, 0.25],
    1e-12,
  ],
  ['linf', linf(1.5), [3, -1, 0.5, 2, -0.2], 1, [1.75, -1, 0.5, 1.75, -0.2], 1e-12],
  ['simplex (Duchi et al. 2008)', simplex(1), [3, -1, 0.5, 2, -0.2], 1, [1, 0, 0, 0, 0], 1e-12],
  ['l1 ball (Duchi et al. 2008)', l1Ball(3), [3, -1, 0.5, 2, -0.2], 1, [2, 0, 0, 1, 0], 1e-12],
  ['tv1d, λ = 1 (Condat 2013)', tv1d(1), [1, 2, 3, 10, 11, 12], 1, [2, 2, 3, 10, 11, 11], 1e-12],
  ['tv1d, λ = 3', tv1d(3), [1, 2, 3, 10, 11, 12], 1, [3, 3, 3, 10, 10, 10], 1e-12],
  ['tv1d, λ = 100: the mean', tv1d(100), [1, 2, 3, 10, 11, 12], 1, [6.5, 6.5, 6.5, 6.5, 6.5, 6.5], 1e-12],
  [
    'tv1d, a longer signal',
    tv1d(0.5),
    [1, -0.5, 0.2, 3, 2.5, 2.8, -1, -1.2, 0, 0.3],
    1,
    [0.5, 0.35, 0.35, 73 / 30, 73 / 30, 73 / 30, -0.6, -0.6, -0.1, -0.1],
    1e-12,
  ],
  [
    'fused lasso (Friedman et al. 2007)',
    fusedLasso(0.3, 0.5),
    [1, -0.5, 0.2, 3, 2.5, 2.8, -1, -1.2, 0, 0.3],
    1,
    [0.2, 0.05, 0.05, 64 / 30, 64 / 30, 64 / 30, -0.3, -0.3, 0, 0],
    1e-12,
  ],
]

describe('section 3.3: proxes and projections', () => {
  test.each(published)('%s', (_, f, x, step, want, tolerance) => {
    near(list(f.prox!(d(x), step)), want, tolerance)
  })

  test('the objective of tv1d at its prox is 10', () => {
    const z = d([2, 2, 3, 10, 11, 11])
    expect(tv1d(1).value(z).item() + 0.5 * (1 + 0 + 0 + 0 + 0 + 1)).toBe(10)
  })

  test('a norm in a diagonal metric (Nelder-Mead)', () => {
    near(list(norm2(1).prox(d([3, -1, 0.5]), 1, d([1, 4, 0.25]))), [2.08498, -0.90113, 0.18146], 1e-5)
  })

  test('sparse group lasso: soft threshold first; the other order is another point', () => {
    const x = d([3, -1, 0.5, -0.2])
    const f = sparseGroupLasso(1.5, 1 / 3, { groups: [[0, 1, 2, 3]], weights: 'none' })
    near(list(f.prox(x, 1)), [1.5194193, -0.3038839, 0, 0], 1e-7)
    near(list(l1(0.5).prox(norm2(1).prox(x, 1), 1)), [1.5647805, -0.1882602, 0, 0], 1e-7)
  })

  const G = d([3, -1, 0.5, 2, -0.25])
  const strengths: readonly (readonly [string, (lambda: number) => Functional])[] = [
    ['l1', l1],
    ['elasticNet, ÷ρ', (l) => elasticNet(l, 0.25)],
    ['norm2', norm2],
    ['linf', linf],
    ['groupLasso', (l) => groupLasso(l, { groups: [[0, 2], [1], [3, 4]] })],
  ]
  test.each(strengths)('λ_max of %s: 0 is stationary just above and not just below', (_, make) => {
    const zero = d([0, 0, 0, 0, 0])
    const max = plan(make(1), zero).lambdaMax(G)
    const left = (lambda: number) => plan(make(lambda), zero).kkt(zero, G)
    expect(left(max * (1 + 1e-9))).toBeLessThan(1e-15)
    expect(left(max * (1 - 1e-6))).toBeGreaterThan(1e-8)
  })

  test('λ_max of the norm on the diabetes data is 1955.451119', () => {
    const { X, y } = loadDiabetes()
    const centre = y.reduce((a, b) => a + b, 0) / y.length
    const c = X[0]!.map((_, j) => X.reduce((s, row, i) => s + row[j]! * (y[i]! - centre), 0))
    expect(Math.abs(norm2(1).dualNorm(d(c)).item() - 1955.451119077988)).toBeLessThan(1e-8)
  })

  test('λ_max of nuclear is σ₁', () => {
    const g = d([
      [3, 0],
      [0, -4],
    ])
    expect(plan(nuclear(1), g).lambdaMax(g)).toBeCloseTo(4, 12)
  })
})

describe('section 3.4: identities', () => {
  const w = [-3, -1.25, -0.25, 0, 0.5, 2, 5]
  test('I2: huber is the Moreau envelope of |·|, and mcp is λ|·| less it', () => {
    for (const delta of [0.25, 1, 3]) {
      for (const v of w) {
        const p = l1(1)
          .prox(d([v]), delta)
          .item()
        const envelope = Math.abs(p) + (v - p) ** 2 / (2 * delta)
        expect(
          huber(1, delta)
            .value(d([v]))
            .item(),
        ).toBeCloseTo(envelope, 12)
        const gamma = 1 + delta
        const lambda = 0.7
        const difference =
          lambda * Math.abs(v) -
          huber(lambda, gamma * lambda)
            .value(d([v]))
            .item()
        expect(
          mcp(lambda, gamma)
            .value(d([v]))
            .item(),
        ).toBeCloseTo(difference, 12)
      }
      const slopes = list(grad((x: Tensor) => huber(1, delta).value(x))(d(w)) as Tensor)
      near(
        slopes,
        w.map((v) => Math.max(-1, Math.min(1, v / delta))),
        1e-12,
      )
    }
  })

  test("I5: alone, the article's objectives are minimised by 0, whatever λ", () => {
    for (const lambda of [0, 0.5, 4])
      for (const f of [article.l1Objective(lambda), article.l2Objective(lambda)]) {
        expect(list(f.prox(d([3, -4]), 1e12)).every((v) => Math.abs(v) < 1e-11)).toBe(true)
        expect(f.value(d([0, 0])).item()).toBe(0)
        expect(f.value(d([1e-3, 0])).item()).toBeGreaterThan(0)
      }
  })

  test('I6: per layer and global are the same for separable norms, 18 and √194 for the square root', () => {
    const params = { a: { kernel: d([3, 4]) }, b: { kernel: d([5, 12]) } }
    const value = (f: Functional, group: 'perLayer' | 'global') =>
      plan(on('**', f, { group }), params)
        .value(params)
        .item()
    expect(value(norm2(1), 'perLayer')).toBe(18)
    expect(value(norm2(1), 'global')).toBeCloseTo(13.92838827718412, 13)
    for (const f of [l1(1), l2(1)]) expect(value(f, 'perLayer')).toBe(value(f, 'global'))
  })

  test('I7: groups of one are the lasso, one group is the norm; the fused lasso ends at the mean', () => {
    const x = d([1, -2, 0.5])
    near(list(groupLasso(0.4, { groups: [[0], [1], [2]] }).prox(x, 1)), list(l1(0.4).prox(x, 1)), 1e-12)
    const one = { groups: [[0, 1, 2]], weights: 'none' } as const
    near(list(groupLasso(0.4, one).prox(x, 1)), list(norm2(0.4).prox(x, 1)), 1e-12)
    near(list(sparseGroupLasso(0.4, 1, one).prox(x, 1)), list(l1(0.4).prox(x, 1)), 1e-12)
    near(list(sparseGroupLasso(0.4, 0, one).prox(x, 1)), list(norm2(0.4).prox(x, 1)), 1e-12)
    near(list(slope([0.4, 0.4, 0.4]).prox(x, 1)), list(l1(0.4).prox(x, 1)), 1e-12)
  })

  test('the norm has the curvature of its sphere: λ(I - ww′/‖w‖²)/‖w‖', () => {
    const h = hessian((x: Tensor) => norm2(2).value(x))(d([3, 4])) as Tensor
    near(list(h), [0.256, -0.192, -0.192, 0.144], 1e-12)
  })
})

describe('diabetes', () => {
  const { X, y } = loadDiabetes()
  const [n, p] = [X.length, 10]
  const centre = y.reduce((a, b) => a + b, 0) / n
  test('T6: the elastic net is a lasso with √(nα(1 - ρ))·I below the data', () => {
    const [alpha, rho] = [0.1, 0.5]
    const below = Math.sqrt(n * alpha * (1 - rho))
    const rows = Array.from({ length: p }, (_, i) =>
      Array.from({ length: p }, (_, j) => (i === j ? below : 0)),
    )
    const centred = y.map((v) => v - centre)
    const net = minimise({ loss: leastSquares(d(X), d(centred)), penalty: elasticNet(alpha, rho) })
    const tall = leastSquares(d([...X, ...rows]), d([...centred, ...rows.map(() => 0)]))
    const lasso = minimise({ loss: tall, penalty: l1((alpha * rho * n) / (n + p)) })
    near(list(lasso.params), list(net.params), 1e-10)
    expect(list(net.params)[0]).toBeCloseTo(10.2863739033, 9)
  })

  test('a toy: X = y = (-1, 0, 1) (scikit-learn)', () => {
    const toy = leastSquares(d([[-1], [0], [1]]), d([-1, 0, 1]))
    const at = (f: Functional) => minimise({ loss: toy, penalty: f }).params.toTypedArray()[0]
    expect(at(l1(0.1))).toBeCloseTo(0.85, 12)
    expect(at(l1(0.5))).toBeCloseTo(0.25, 12)
    expect(at(l1(1))).toBe(0)
    expect(at(elasticNet(0.5, 0.3))).toBeCloseTo((2 / 3 - 0.15) / (2 / 3 + 0.35), 12)
    expect(at(elasticNet(0.5, 0.5))).toBeCloseTo(0.4545454545, 9)
  })
})
