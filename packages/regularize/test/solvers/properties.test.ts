import {
  combine,
  elasticNet,
  type Functional,
  groupLasso,
  l1,
  l2,
  leastSquares,
  logistic,
  minimise,
  nonNegative,
  type Penalty,
  sparseGroupLasso,
  weightedL1,
} from '@cotangent/regularize'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { d, data, gradient, list, withBothLoops } from './support.js'

/** Groups of two and a rest. */
const pairs = (p: number): number[][] =>
  Array.from({ length: Math.ceil(p / 2) }, (_, g) => [2 * g, 2 * g + 1].filter((j) => j < p))

const penalties: Readonly<Record<string, (p: number) => Functional | Penalty>> = {
  l1: () => l1(0.25),
  'l1, weak': () => l1(1 / 1024),
  elasticNet: () => elasticNet(0.25, 0.5),
  l2: () => l2(0.125),
  'l1 + l2': () => combine(l1(0.25), l2(0.5)),
  'weightedL1, one free': (p) => weightedL1(d(Array.from({ length: p }, (_, j) => j / 8))),
  'l1, not negative': () => combine(l1(0.25), nonNegative()),
  groupLasso: (p) => groupLasso(0.25, { groups: pairs(p) }),
  'groupLasso, not negative': (p) => combine(groupLasso(0.25, { groups: pairs(p) }), nonNegative()),
  'groupLasso + l2': (p) => combine(groupLasso(0.25, { groups: pairs(p) }), l2(0.25)),
  sparseGroupLasso: (p) => sparseGroupLasso(0.25, 0.5, { groups: pairs(p) }),
}

withBothLoops(() => {
  describe.each(Object.entries(penalties))('%s', (name, make) => {
    test('solutions are stationary, and the gap is as small as it says', () => {
      fc.assert(
        fc.property(data, ({ X, y }) => {
          const penalty = make(X[0]!.length)
          const { params, gap, converged } = minimise({ loss: leastSquares(d(X), d(y)), penalty })
          const scale = 1 + y.reduce((s, v) => s + v * v, 0)
          expect(converged).toBe(true)
          expect(gap).toBeLessThan(1e-11 * scale)
          if (name.includes('negative')) {
            const w = list(params)
            expect(Math.min(...w)).toBeGreaterThanOrEqual(0)
            return
          }
          const g = d(gradient({ X, y }, list(params)))
          const terms = 'terms' in penalty ? penalty.terms.map((t) => t.functional) : [penalty]
          // Of a sum, the smooth part joins the gradient.
          const smooth = terms.filter((f) => f.traits.smooth && terms.length > 1)
          const pull = smooth.reduce(
            (s, f) => s.map((v, j) => v + (f.name === 'l2(0.5)' ? 0.5 : 0.25) * list(params)[j]!),
            list(g),
          )
          const rest = terms.find((f) => !smooth.includes(f))!
          const residual = Math.max(...list(rest.kkt!(params, d(pull))))
          expect(residual).toBeLessThan(2e-6 * scale)
        }),
        { numRuns: 30 },
      )
    })

    test('no point nearby or far is better', () => {
      fc.assert(
        fc.property(
          data,
          fc.array(fc.integer({ min: -64, max: 64 }), { minLength: 9, maxLength: 9 }),
          ({ X, y }, moves) => {
            const penalty = make(X[0]!.length)
            const loss = leastSquares(d(X), d(y))
            const { params, objective } = minimise({ loss, penalty })
            const w = list(params)
            const functionals = 'terms' in penalty ? penalty.terms.map((t) => t.functional) : [penalty]
            const value = (v: readonly number[]) =>
              functionals.reduce((s, f) => s + f.value(d(v)).item(), loss(d(v)).item())
            expect(objective).toBeCloseTo(value(w), 9)
            for (const size of [1, 1 / 64, 1 / 4096]) {
              const other = w.map((v, j) => v + size * (moves[j]! / 64))
              expect(value(other)).toBeGreaterThan(objective - 1e-9)
            }
          },
        ),
        { numRuns: 15 },
      )
    })
  })

  test('logistic solutions are stationary, intercept included', () => {
    fc.assert(
      fc.property(data, fc.boolean(), ({ X, y }, net) => {
        const labels = y.map((v) => (v > 0 ? 1 : 0))
        fc.pre(new Set(labels).size === 2)
        const loss = logistic(d(X), d(labels), { intercept: true })
        const penalty = net ? elasticNet(0.0625, 0.5) : l1(0.0625)
        const { params, gap, converged } = minimise({ loss, penalty })
        expect(converged).toBe(true)
        expect(gap).toBeLessThan(1e-12)
        const z = X.map((row) => row.reduce((s, v, j) => s + v * list(params.kernel)[j]!, params.bias.item()))
        const slopes = z.map((v, i) => 1 / (1 + Math.exp(-v)) - labels[i]!)
        expect(slopes.reduce((a, b) => a + b, 0) / z.length).toBeCloseTo(0, 8)
        const g = X[0]!.map((_, j) => slopes.reduce((s, v, i) => s + v * X[i]![j]!, 0) / z.length)
        expect(Math.max(...list(penalty.kkt(params.kernel, d(g))))).toBeLessThan(1e-5)
      }),
      { numRuns: 30 },
    )
  })

  test('with an intercept, the best one for the coefficients found', () => {
    fc.assert(
      fc.property(data, ({ X, y }) => {
        const loss = leastSquares(d(X), d(y), { intercept: true })
        const { params } = minimise({ loss, penalty: l1(0.25) })
        const residuals = X.map(
          (row, i) => y[i]! - row.reduce((s, v, j) => s + v * list(params.kernel)[j]!, 0),
        )
        expect(params.bias.item()).toBeCloseTo(residuals.reduce((a, b) => a + b, 0) / y.length, 10)
      }),
      { numRuns: 30 },
    )
  })
})
