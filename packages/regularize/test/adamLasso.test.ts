import {
  abs,
  add,
  cast,
  div,
  foriLoop,
  grad,
  jit,
  matmul,
  mean,
  mul,
  type Num,
  square,
  sub,
  sum,
  Tensor,
  tensor,
} from '@cotangent/core'
import { adam, step } from '@cotangent/optim'
import { l1, type Mode, on, plan } from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import { loadDiabetes } from '../../../docs/data/diabetes/diabetes.js'
import reference from './reference/adamLasso.json' with { type: 'json' }

// The diabetes lasso on z-scores, 1/2n‖y - Xw‖² + λ‖w‖₁ with λ = 0.1, by full-batch Adam with η = 0.02/(1 + t/200).
const { X: table, y: raw } = loadDiabetes()
const n = raw.length
const d = (x: readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(x as number[], { dtype: 'float64' })
const centre = raw.reduce((a, b) => a + b, 0) / n
const spread = Math.sqrt(raw.reduce((s, v) => s + (v - centre) ** 2, 0) / n)
const X = mul(d(table), Math.sqrt(n))
const y = d(raw.map((v) => (v - centre) / spread))
const LAMBDA = 0.1
const STEPS = 40_000
const loss = (w: Tensor): Tensor => mul(mean(square(sub(matmul(X, w), y))), 0.5)
const objective = (w: Tensor): number => add(loss(w), mul(sum(abs(w)), LAMBDA)).item()
const learningRate = (t: Num): Num =>
  t instanceof Tensor ? div(0.02, add(div(cast(t, 'float64'), 200), 1)) : 0.02 / (1 + t / 200)

const train = (mode: Mode): Tensor => {
  const start = d(new Array<number>(10).fill(0.01))
  const bound = plan(on('**', l1(LAMBDA), { mode }), start)
  const optimizer = adam({ learningRate })
  type State = ReturnType<typeof optimizer.init>
  const run = jit((w0: Tensor): Tensor => {
    const body = (_: Tensor, [w, state]: readonly [Tensor, State]): readonly [Tensor, State] => {
      const g = grad((v: Tensor) => add(loss(v), bound.smooth(v)))(w) as Tensor
      const next = step(optimizer, w, g, state, { plan: bound })
      return [next.params, next.state]
    }
    return foriLoop(STEPS, body, [w0, optimizer.init(w0)] as readonly [Tensor, State])[0]
  })
  return run(start)
}
const measured = (w: Tensor) => {
  const list = [...w.toTypedArray()]
  return {
    zeros: list.filter((v) => v === 0).length,
    gap: objective(w) - reference.objective,
    error: Math.max(...list.map((v, i) => Math.abs(v - reference.w[i]!))),
  }
}

describe('the diabetes lasso by full-batch Adam, with l1 in three modes', () => {
  test("proximal, in Adam's metric: the six zeros of the solution, and its coefficients", () => {
    const w = train('proximal')
    const { zeros, gap, error } = measured(w)
    expect(zeros).toBe(6)
    expect([...w.toTypedArray()].map((v) => v === 0)).toEqual(reference.w.map((v) => v === 0))
    expect(Math.abs(gap)).toBeLessThan(1e-12)
    expect(error).toBeLessThan(1e-12)
    expect(reference.objective).toBeCloseTo(0.3374150037678805, 13)
    const grads = grad(loss)(w)
    const bound = plan(l1(LAMBDA), w)
    expect(bound.kkt(w, grads)).toBeLessThan(1e-12)
    expect(bound.report(w, { grads }).rows[0]!.stationarity).toBeLessThan(1e-12)
  }, 60_000)

  test('coupled, the subgradient added to the gradient: near, and not one zero', () => {
    const { zeros, gap, error } = measured(train('coupled'))
    expect(zeros).toBe(0)
    expect(gap).toBeGreaterThan(1e-6)
    expect(gap).toBeLessThan(1e-5)
    expect(error).toBeGreaterThan(1e-5)
    expect(error).toBeLessThan(1e-4)
  }, 60_000)

  test('decoupled, the prox in the Euclidean metric: another problem, solved without a zero', () => {
    const { zeros, gap, error } = measured(train('decoupled'))
    expect(zeros).toBe(0)
    expect(gap).toBeCloseTo(0.117, 2)
    expect(error).toBeCloseTo(0.49, 2)
  }, 60_000)
})
