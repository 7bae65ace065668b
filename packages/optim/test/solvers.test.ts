import {
  add,
  exp,
  matmul,
  mul,
  random,
  sigmoid,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from '@cotangent/core'
import { admm, fista, gaussNewton, proximalGradient } from '@cotangent/optim'
import {
  box,
  combine,
  elasticNet,
  groupLasso,
  l1,
  l2,
  leastSquares,
  mcp,
  minimise,
  nonNegative,
  on,
  plan,
  simplex,
  tv1d,
} from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'

const d = (x: number | readonly number[]): Tensor => tensor(x as number[], { dtype: 'float64' }) as Tensor
const list = (x: Tensor): number[] => [...x.toTypedArray()]
const [n, p] = [20, 6]
const X = random.normal(random.key(3) as Tensor, [n, p], { dtype: 'float64' }) as Tensor
const y = add(
  matmul(X, d([2, 0, -1, 0, 0.5, 0])),
  random.normal(random.key(4) as Tensor, [n], { dtype: 'float64' }),
) as Tensor
const loss = leastSquares(X, y)
const zero = d(new Array<number>(p).fill(0))
const apart = (a: Tensor, b: Tensor) => Math.max(...list(sub(a, b) as Tensor).map(Math.abs))
const groups = [
  [0, 1],
  [2, 3],
  [4, 5],
]

describe.each([
  ['proximalGradient', proximalGradient],
  ['fista', fista],
] as const)('%s ends where coordinate descent does', (_, solver) => {
  test.each([l1(0.2), elasticNet(0.3, 0.5), groupLasso(0.2, { groups })])('$name', (penalty) => {
    const { params, converged } = solver({ loss, penalty, params: zero, tolerance: 1e-10 })
    const exact = minimise({ loss, penalty }).params
    expect(converged).toBe(true)
    expect(apart(params, exact)).toBeLessThan(1e-8)
    expect(list(params).map((v) => v === 0)).toEqual(list(exact).map((v) => v === 0))
  })

  test('on a tree, by a plan: coupled terms join the loss, constraints hold, biases are free', () => {
    const start = { kernel: zero, bias: d(0) }
    const affine = leastSquares(X, y, { intercept: true })
    const penalty = plan(combine(l1(0.1), l2(0.3)), start)
    const { params } = solver({ loss: affine, penalty, params: start, tolerance: 1e-11 })
    const exact = minimise({ loss: affine, penalty: combine(l1(0.1), l2(0.3)) }).params
    expect(apart(params.kernel, exact.kernel)).toBeLessThan(1e-8)
    expect(apart(params.bias, exact.bias)).toBeLessThan(1e-8)
    const held = solver({ loss: affine, penalty: plan(nonNegative(), start), params: start }).params
    expect(Math.min(...list(held.kernel))).toBe(0)
  })

  test('a step that is too long at first, and one that is too short', () => {
    const exact = minimise({ loss, penalty: l1(0.2) }).params
    for (const step of [1e6, 1e-2])
      expect(apart(solver({ loss, penalty: l1(0.2), params: zero, step }).params, exact)).toBeLessThan(1e-6)
  })

  test('what it cannot work with', () => {
    expect(() => solver({ loss, params: zero, step: -1 })).toThrow(/step is -1/)
    expect(() => solver({ loss, params: { w: zero } as never, penalty: l1(1) })).toThrow(
      /Bind it: plan\(penalty, params\)/,
    )
    expect(() => solver({ loss, params: zero, penalty: { traits: { convex: true }, value: sum } })).toThrow(
      /has no prox/,
    )
    const nowhere = (w: Tensor) => mul(sum(w), Number.NaN) as Tensor
    expect(() => solver({ loss: nowhere, params: zero })).toThrow(/the loss is NaN after 0 iterations/)
  })
})

test('FISTA with restarts needs fewer steps than without acceleration', () => {
  const scales = d([1, 0.5, 0.2, 0.1, 0.05, 0.02])
  const hard = (w: Tensor) => mul(sum(square(mul(scales, sub(w, 1)) as Tensor)), 0.5) as Tensor
  const run = (solver: typeof fista) =>
    solver({ loss: hard, params: zero, penalty: l1(1e-5), tolerance: 1e-9, maxIterations: 100_000 })
  const [plain, fast] = [run(proximalGradient), run(fista)]
  expect(fast.converged).toBe(true)
  expect(fast.iterations).toBeLessThan(0.5 * plain.iterations)
})

test('a penalty that is not convex: a stationary point, and refused by those that need more', () => {
  const penalty = mcp(0.3, 3)
  const { params, converged } = proximalGradient({ loss, penalty, params: zero, step: 0.5, tolerance: 1e-10 })
  expect(converged).toBe(true)
  const gradient = mul(matmul(sub(matmul(X, params), y), X), 1 / n) as Tensor
  expect(Math.max(...list(penalty.kkt(params, gradient)))).toBeLessThan(1e-8)
  expect(() => fista({ loss, penalty, params: zero })).toThrow(/fista: mcp\(0.3, 3\) is not convex/)
  expect(() => admm({ loss, penalties: [penalty], params: zero })).toThrow(
    /admm: mcp\(0.3, 3\) is not convex/,
  )
})

describe('admm', () => {
  test('with one penalty it ends where coordinate descent does', () => {
    const { params, converged } = admm({ loss, penalties: [l1(0.2)], params: zero })
    expect(converged).toBe(true)
    expect(apart(params, minimise({ loss, penalty: l1(0.2) }).params)).toBeLessThan(1e-6)
  })
  test('two penalties that have no prox together', () => {
    const { params } = admm({ loss, penalties: [l1(0.1), box(-0.5, 1)], params: zero })
    // The minimum over the box, by proximal steps: in one entry the order shrink, then clip, is exact.
    const both = {
      traits: { convex: true },
      value: l1(0.1).value,
      prox: (x: Tensor, t: Parameters<ReturnType<typeof l1>['prox']>[1]) =>
        box(-0.5, 1).prox(l1(0.1).prox(x, t), t),
    }
    expect(apart(params, fista({ loss, penalty: both, params: zero, tolerance: 1e-11 }).params)).toBeLessThan(
      1e-6,
    )
  })
  test('a simplex and total variation: feasible, and no feasible point nearby is better', () => {
    const penalties = [simplex(1), tv1d(0.05)]
    const w = admm({ loss, penalties, params: zero }).params
    expect(list(w).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10)
    const value = (x: Tensor) => loss(x).item() + tv1d(0.05).value(x).item()
    const best = value(w)
    for (let k = 0; k < 40; k++) {
      const away = random.normal(random.foldIn(random.key(9) as Tensor, k), [p], { dtype: 'float64' })
      const other = simplex(1).prox(add(w, mul(away, 0.05)) as Tensor, 1)
      expect(value(other)).toBeGreaterThan(best - 1e-7)
    }
  })
  test('the loss by its own prox', () => {
    const target = d([3, -2, 0.25, 0, 1, 1])
    const half = (w: Tensor) => mul(sum(square(sub(w, target) as Tensor)), 0.5) as Tensor
    const proxOfLoss = (v: Tensor, weight: number) =>
      mul(add(target, mul(v, weight)), 1 / (1 + weight)) as Tensor
    const { params } = admm({ loss: half, penalties: [l1(1)], params: zero, proxOfLoss })
    expect(apart(params, d([2, -1, 0, 0, 0, 0]))).toBeLessThan(1e-7)
  })
  test('no penalties', () => {
    expect(() => admm({ loss, penalties: [], params: zero })).toThrow(/admm: there is no penalty/)
  })
})

describe('gaussNewton', () => {
  // NIST StRD, Misra1a, lower difficulty: https://www.itl.nist.gov/div898/strd/nls/data/misra1a.shtml
  const x = d([77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760])
  const seen = d([
    10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78,
  ])
  test.each([
    [500, 1e-4],
    [250, 5e-4],
  ])('Misra1a from %s, %s: the certified parameters and sum of squares', (a, b) => {
    const params = { a: d(a), b: d(b) }
    const residuals = (q: typeof params) => sub(mul(q.a, sub(1, exp(mul(q.b, mul(x, -1))))), seen)
    const fit = gaussNewton({ residuals, params })
    expect(fit.params.a.item() / 238.94212918).toBeCloseTo(1, 8)
    expect(fit.params.b.item() / 5.5015643181e-4).toBeCloseTo(1, 8)
    expect(2 * fit.value).toBeCloseTo(0.12455138894, 9)
    expect(fit.converged).toBe(true)
  })
  test('residuals in a tree; linear ones in one step', () => {
    const fit = gaussNewton({
      residuals: (w: Tensor) => ({ far: sub(matmul(X, w), y), near: [mul(w, 0.1)] }),
      params: zero,
      damping: 1e-12,
    })
    const exact = minimise({ loss, penalty: l2(0.01 / n) }).params
    expect(apart(fit.params, exact)).toBeLessThan(1e-9)
    expect(fit.iterations).toBeLessThanOrEqual(2)
  })
  test('what it cannot work with', () => {
    expect(() => gaussNewton({ residuals: (w: Tensor) => mul(w, Number.NaN), params: zero })).toThrow(
      /½‖r‖² is NaN/,
    )
    expect(() => gaussNewton({ residuals: (w: Tensor) => sigmoid(w), params: zero, damping: 0 })).toThrow(
      /damping is 0/,
    )
  })
})

test('a penalty on part of the parameters leaves the rest alone', () => {
  const start = { head: zero, body: d([1, 1]) }
  const joint = (q: typeof start) => add(loss(q.head), mul(sum(square(sub(q.body, 3))), 0.5)) as Tensor
  const { params } = fista({
    loss: joint,
    params: start,
    penalty: plan(on('head', l1(0.2)), start),
    tolerance: 1e-11,
  })
  expect(apart(params.body, d([3, 3]))).toBeLessThan(1e-8)
  expect(apart(params.head, minimise({ loss, penalty: l1(0.2) }).params)).toBeLessThan(1e-7)
})
