import { readFileSync } from 'node:fs'
import type { Tensor } from '@cotangent/core'
import {
  combine,
  elasticNet,
  groupLasso,
  l1,
  l2,
  leastSquares,
  logistic,
  minimise,
  nonNegative,
  norm2,
  sparseGroupLasso,
  weightedL1,
} from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import { loadBreastCancer } from '../../../../docs/data/breast-cancer/breast-cancer.js'
import { loadDiabetes } from '../../../../docs/data/diabetes/diabetes.js'
import { apart, d, list, withBothLoops } from './support.js'

interface NetCase {
  readonly data: string
  readonly intercept: boolean
  readonly ratio: number
  readonly positive: boolean
  readonly alpha: number
  readonly w: readonly number[]
  readonly b: number
  readonly objective: number
}
interface GroupCase {
  readonly tau: number
  readonly alpha: number
  readonly w: readonly number[]
  readonly objective: number
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../reference/${name}`, import.meta.url), 'utf8'))
const peers = read('solvers.json')
const golden = read('diabetes.json')

const diabetes = loadDiabetes()
const mean = diabetes.y.reduce((a, b) => a + b, 0) / 442
const X = d(diabetes.X)
const y = d(diabetes.y.map((v) => v - mean))
const loss = leastSquares(X, y)

withBothLoops(() => {
  describe('diabetes, the numbers of scikit-learn (targets T4 and T5)', () => {
    test.each(Object.entries(golden.lasso_tab_sklearn_alpha))('lasso, alpha %s', (alpha, w) => {
      const { params, gap } = minimise({ loss, penalty: l1(Number(alpha)) })
      expect(apart(list(params), w as number[])).toBeLessThan(1e-11)
      expect(list(params).map((v) => v === 0)).toEqual((w as number[]).map((v) => v === 0))
      expect(gap).toBeLessThan(1e-10)
    })
    test('the objective at alpha 0.1 is the one printed', () => {
      expect(minimise({ loss, penalty: l1(0.1) }).objective).toBeCloseTo(1629.0545425789, 9)
    })
    test.each(Object.entries(golden.enet_tab_sklearn))('elastic net, %s', (name, w) => {
      const [alpha, rho] = /alpha=(.*),l1_ratio=(.*)/.exec(name)!.slice(1).map(Number)
      expect(
        apart(list(minimise({ loss, penalty: elasticNet(alpha!, rho!) }).params), w as number[]),
      ).toBeLessThan(1e-11)
    })
    test.each(Object.entries(golden.ridge_tab))('ridge, alpha %s', (alpha, w) => {
      const { params } = minimise({ loss, penalty: l2(Number(alpha) / 442) })
      expect(apart(list(params), w as number[])).toBeLessThan(1e-10)
    })
    test('the norm itself walks the ridge path and is 0 from a finite strength on (identity I4)', () => {
      const rows = [
        [100, 782.07257689, 0.12786537],
        [400, 574.38471991, 0.69639736],
        [800, 375.45438933, 2.13075149],
        [1200, 226.90320455, 5.28859873],
        [1500, 131.71919982, 11.38786147],
      ]
      for (const [lambda, length, ridge] of rows) {
        const w = list(minimise({ loss, penalty: norm2(lambda! / 442) }).params)
        expect(Math.hypot(...w)).toBeCloseTo(length!, 6)
        expect(lambda! / Math.hypot(...w)).toBeCloseTo(ridge!, 7)
        expect(apart(w, list(minimise({ loss, penalty: l2(ridge! / 442) }).params))).toBeLessThan(1e-5)
      }
      expect(list(minimise({ loss, penalty: norm2(1955.4512 / 442) }).params)).toEqual(new Array(10).fill(0))
      expect(list(minimise({ loss, penalty: norm2(1955.3 / 442) }).params)).not.toContain(0)
    })
    test('an elastic net is a lasso on more rows (target T6)', () => {
      const [alpha, rho, n, p] = [0.1, 0.5, 442, 10]
      const root = Math.sqrt(n * alpha * (1 - rho))
      const rows = Array.from({ length: p }, (_, i) =>
        Array.from({ length: p }, (_, j) => (i === j ? root : 0)),
      )
      const more = leastSquares(d([...diabetes.X, ...rows]), d([...list(y), ...new Array<number>(p).fill(0)]))
      const augmented = minimise({ loss: more, penalty: l1((alpha * rho * n) / (n + p)) }).params
      expect(
        apart(list(augmented), list(minimise({ loss, penalty: elasticNet(alpha, rho) }).params)),
      ).toBeLessThan(1e-12)
    })
  })

  test.each([
    [l1(0.1), 0.85],
    [l1(0.5), 0.25],
    [l1(1), 0],
    [elasticNet(0.5, 0.3), 0.3667 / 0.7216],
    [elasticNet(0.5, 0.5), (2 / 3 - 0.25) / (2 / 3 + 0.25)],
  ])('three points on a line: $name (scikit-learn, test_coordinate_descent)', (penalty, w) => {
    const toy = leastSquares(d([[-1], [0], [1]]), d([-1, 0, 1]))
    expect(minimise({ loss: toy, penalty }).params.item()).toBeCloseTo(w, 3)
  })

  const problem = (name: string, intercept: boolean) => {
    const { X, y } = peers[name]
    return intercept ? leastSquares(d(X), d(y), { intercept }) : leastSquares(d(X), d(y))
  }

  describe('scikit-learn, ElasticNet', () => {
    test.each(peers.elasticNet as NetCase[])(
      '$data, intercept $intercept, ratio $ratio, positive $positive, alpha $alpha',
      ({ data, intercept, ratio, positive, alpha, w, b, objective }) => {
        const net = elasticNet(alpha, ratio)
        const found = minimise({
          loss: problem(data, intercept) as ReturnType<typeof leastSquares>,
          penalty: positive ? combine(net, nonNegative()) : net,
        })
        const params = found.params as Tensor | { kernel: Tensor; bias: Tensor }
        expect(found.objective).toBeLessThan(objective + 1e-12)
        expect(found.gap).toBeLessThan(1e-10)
        // Wide lassos may have many solutions; these are generic, and have one.
        expect(apart(list('kernel' in params ? params.kernel : params), w)).toBeLessThan(1e-6)
        if ('bias' in params) expect(params.bias.item()).toBeCloseTo(b, 6)
      },
    )
  })

  describe('skglm, GroupBCD', () => {
    test.each(peers.groupLasso as GroupCase[])('tau $tau, alpha $alpha', ({ tau, alpha, w, objective }) => {
      const { groups } = peers
      const penalty = tau === 0 ? groupLasso(alpha, { groups }) : sparseGroupLasso(alpha, tau, { groups })
      const found = minimise({ loss: leastSquares(d(peers.tall.X), d(peers.tall.y)), penalty })
      expect(found.objective).toBeLessThan(objective + 1e-12)
      expect(found.gap).toBeLessThan(1e-10)
      expect(apart(list(found.params), w)).toBeLessThan(1e-6)
    })
  })

  describe('skglm, ProxNewton', () => {
    test.each(peers.logistic as NetCase[])(
      'ratio $ratio, alpha $alpha',
      ({ ratio, alpha, w, b, objective }) => {
        const logits = logistic(d(peers.tall.X), d(peers.labels), { intercept: true })
        const found = minimise({ loss: logits, penalty: elasticNet(alpha, ratio) })
        expect(found.objective).toBeLessThan(objective + 1e-12)
        expect(found.gap).toBeLessThan(1e-12)
        expect(apart(list(found.params.kernel), w)).toBeLessThan(1e-6)
        expect(found.params.bias.item()).toBeCloseTo(b, 6)
      },
    )
  })

  describe('breast cancer, logistic lasso (target C1)', () => {
    const cancer = loadBreastCancer()
    const logits = logistic(d(cancer.X), d(cancer.y), { intercept: true })
    const top = 0.38368324447763896
    test.each([
      [0.5, 0.5727416353, [20, 22, 27]],
      [0.1, 0.2925840936, [7, 20, 21, 27, 28]],
      [0.03, 0.1693597833, [1, 7, 10, 20, 21, 24, 26, 27, 28]],
      [0.01, 0.1074830074, [1, 7, 9, 10, 14, 15, 19, 20, 21, 24, 26, 27, 28]],
    ])('%s of the largest strength', (share, objective, support) => {
      const found = minimise({ loss: logits, penalty: l1(share * top) })
      expect(found.objective).toBeCloseTo(objective, 9)
      expect(list(found.params.kernel).flatMap((v, j) => (v === 0 ? [] : [j]))).toEqual(support)
      expect(found.gap).toBeLessThan(1e-12)
    })
  })

  test('weights make an adaptive lasso, and 0 leaves a coefficient free', () => {
    const weights = [0, 1, 2, 0.5, 1, 1, 1, 1, 1, 1]
    const w = list(minimise({ loss, penalty: weightedL1(d(weights)) }).params)
    const r = diabetes.X.map((row, i) => list(y)[i]! - row.reduce((s, v, j) => s + v * w[j]!, 0))
    const slopes = w.map((_, j) => r.reduce((s, v, i) => s + v * diabetes.X[i]![j]!, 0) / 442)
    slopes.forEach((c, j) => {
      if (w[j] !== 0) expect(c).toBeCloseTo(weights[j]! * Math.sign(w[j]!), 10)
      else expect(Math.abs(c)).toBeLessThanOrEqual(weights[j]! + 1e-10)
    })
    expect(slopes[0]).toBeCloseTo(0, 10)
    expect(w).toContain(0)
  })
})
