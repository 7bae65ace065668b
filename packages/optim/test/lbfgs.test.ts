import { add, jit, mul, square, sub, sum, type Tensor, tensor, tree, valueAndGrad } from '@cotangent/core'
import { lbfgs, step, type Transform, type ValueAndGrad } from '@cotangent/optim'
import { describe, expect, test } from 'vitest'

const d = (x: readonly number[]): Tensor => tensor([...x], { dtype: 'float64' })
const list = (x: unknown): number[] => tree.leaves(x).flatMap((t) => [...t.toTypedArray()])
interface Params {
  readonly x: Tensor
  readonly y: Tensor
}
const rosenbrock = ({ x, y }: Params): Tensor =>
  sum(add(square(sub(1, x)), mul(square(sub(y, square(x))), 100)))
const both: (p: Params) => [Tensor, Params] = valueAndGrad(rosenbrock)
const start: Params = { x: d([-1.2]), y: d([1]) }

const advance = (
  optimizer: ReturnType<typeof lbfgs>,
  params: Params,
  state: ReturnType<typeof optimizer.init>,
) => {
  const [value, gradient] = both(params)
  return step(optimizer, params, gradient, state, { value, valueAndGrad: both as ValueAndGrad })
}

describe('lbfgs', () => {
  test('solves the problem of Rosenbrock in 50 steps, each with both strong Wolfe conditions', () => {
    const optimizer = lbfgs({ curvature: 0.5 })
    let [params, state] = [start, optimizer.init(start)]
    for (let i = 0; i < 50; i++) {
      const next = advance(optimizer, params, state)
      const [[f0, g0], [f1, g1]] = [both(params), both(next.params)]
      const move = tree.map((a: Tensor, b: Tensor) => sub(a, b), next.params, params)
      const dot = (a: unknown, b: unknown) => list(a).reduce((s, v, k) => s + v * list(b)[k]!, 0)
      // Near the solution the decrease is below the rounding of f.
      if (f0.item() > 1e-12) {
        expect(dot(g0, move)).toBeLessThan(0)
        expect(f1.item()).toBeLessThanOrEqual(f0.item() + 1e-4 * dot(g0, move) + 1e-15)
        expect(Math.abs(dot(g1, move))).toBeLessThanOrEqual(0.5 * Math.abs(dot(g0, move)) + 1e-15)
      }
      params = next.params
      state = next.state
    }
    expect(list(params)).toEqual([1, 1].map((v) => expect.closeTo(v, 8)))
  })
  test('compiled and eager agree, and the state keeps its structure', () => {
    const optimizer = lbfgs({ memory: 3 })
    const kinds = (t: unknown) => tree.leaves(t).map((x, i) => [tree.paths(t)[i], x.shape, x.dtype])
    const compiled = jit((p: Params, s: ReturnType<typeof optimizer.init>) => {
      const { params, state } = advance(optimizer, p, s)
      return { params, state }
    })
    let [eager, fast] = [0, 0].map(() => ({ params: start, state: optimizer.init(start) })) as [
      { params: Params; state: ReturnType<typeof optimizer.init> },
      { params: Params; state: ReturnType<typeof optimizer.init> },
    ]
    for (let i = 0; i < 8; i++) {
      eager = advance(optimizer, eager.params, eager.state)
      fast = compiled(fast.params, fast.state)
    }
    expect(list(fast.params)).toEqual(list(eager.params).map((v) => expect.closeTo(v, 10)))
    expect(kinds(fast.state)).toEqual(kinds(optimizer.init(start)))
  })
  test('on a quadratic of two curvatures it ends in a few steps', () => {
    const f: (w: Tensor) => [Tensor, Tensor] = valueAndGrad((w: Tensor) => sum(mul(d([1, 25]), square(w))))
    const optimizer = lbfgs({ curvature: 0.1 })
    let [w, state] = [d([3, -1]), optimizer.init(d([3, -1]))]
    for (let i = 0; i < 12; i++) {
      const [value, gradient] = f(w)
      const next = step(optimizer, w, gradient, state, { value, valueAndGrad: f as ValueAndGrad })
      w = next.params
      state = next.state
    }
    expect(list(w)).toEqual([0, 0].map((v) => expect.closeTo(v, 8)))
  })
  test('at a stationary point it stays', () => {
    const at: Params = { x: d([1]), y: d([1]) }
    const optimizer = lbfgs()
    expect(list(advance(optimizer, at, optimizer.init(at)).params)).toEqual([1, 1])
  })
  test('without valueAndGrad it does not compile', () => {
    // @ts-expect-error it needs the value and valueAndGrad
    const loose: Transform = lbfgs()
    expect(() => step(loose, start, start, loose.init(start), { value: 1 })).toThrow(/no valueAndGrad/)
  })
})
