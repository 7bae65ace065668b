import { grad, mul, square, sub, sum, type Tensor, tensor } from '@cotangent/core'
import { adam, sgd, step, type Transform } from '@cotangent/optim'
import { type Functional, l1, norm2, on, plan } from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'

// min ½Σcᵢ(wᵢ - aᵢ)² + R(w): with R = λ‖·‖₁ it is S(aᵢ, λ/cᵢ).
const c = [1, 4, 0.5, 2]
const a = [3, 0.125, -1, 0.25]
const solution = [2, 0, 0, 0]
const d = (x: readonly number[]): Tensor => tensor([...x], { dtype: 'float64' }) as Tensor
const loss = (w: Tensor) =>
  mul(sum(mul(d(c), square(sub(w, d(a)) as Tensor) as Tensor) as Tensor) as Tensor, 0.5) as Tensor

const minimise = <S>(
  optimizer: Transform<S>,
  penalty: Functional | ReturnType<typeof on>,
  steps = 1500,
): Tensor => {
  let params = d([1, 1, 1, 1])
  const bound = plan(penalty, params)
  let state = optimizer.init(params)
  for (let i = 0; i < steps; i++) {
    const next = step(optimizer, params, grad(loss)(params), state, { plan: bound })
    params = next.params
    state = next.state
  }
  return params
}

describe.each([
  ['sgd', sgd({ learningRate: 0.1 }) as Transform<unknown>],
  ['adam', adam({ learningRate: 0.02, b2: 0.99 }) as Transform<unknown>],
])('%s', (_, optimizer) => {
  test('with l1 ends at the solution of the lasso, zeros exact', () => {
    const w = [...minimise(optimizer, l1(1)).toTypedArray()]
    expect(w.slice(1)).toEqual([0, 0, 0])
    expect(w[0]).toBeCloseTo(solution[0]!, 4)
  })
  test('with norm2 ends where the optimality condition holds', () => {
    const w = minimise(optimizer, norm2(0.5))
    const residual = norm2(0.5).kkt(w, grad(loss)(w)).item()
    expect(residual).toBeLessThan(2e-3)
  })
})

test('the same step in the Euclidean metric solves another problem', () => {
  const w = [
    ...minimise(
      adam({ learningRate: 0.02, b2: 0.99 }),
      on('**', l1(1), { mode: 'decoupled' }),
    ).toTypedArray(),
  ]
  expect(Math.abs(w[0]! - solution[0]!)).toBeGreaterThan(0.1)
})
