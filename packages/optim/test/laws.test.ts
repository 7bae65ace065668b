import {
  add,
  grad,
  isFinite,
  jit,
  mul,
  random,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  tree,
  valueAndGrad,
} from '@cotangent/core'
import * as optim from '@cotangent/optim'
import { chain, step, type Transform } from '@cotangent/optim'
import { describe, expect, test } from 'vitest'
import { rows } from './rows.js'

interface Everything {
  readonly value: Tensor
  readonly key: Tensor
  readonly valueAndGrad: optim.ValueAndGrad
}
const table = Object.entries(rows).map(
  ([name, row]) =>
    [name, (lr: optim.Hyper = 0.01) => row.make(lr) as Transform<unknown, Everything>, row] as const,
)
const d = (x: readonly number[]): Tensor => tensor([...x], { dtype: 'float64' })
const start = { w: d([1, -0.5]), deep: [tensor([[2], [0.75]]) as Tensor] }
type Params = typeof start
const f = ({ w, deep }: Params): Tensor =>
  add(sum(square(sub(w, d([0.25, 3])))), mul(sum(square(sub(deep[0]!, 1))), 0.5)) as Tensor
const key: Tensor = random.key(0)
const advance = (optimizer: Transform<unknown, Everything>, params: Params, state: unknown, k = 1) => {
  const loss = (p: Params) => mul(f(p), k) as Tensor
  const both = valueAndGrad(loss)
  const [value, gradient] = both(params)
  return step(optimizer, params, gradient, state, {
    value,
    key,
    valueAndGrad: both as optim.ValueAndGrad,
  })
}
const run = (optimizer: Transform<unknown, Everything>, steps: number, k = 1) => {
  let [params, state] = [start, optimizer.init(start)]
  for (let i = 0; i < steps; i++) ({ params, state } = advance(optimizer, params, state, k))
  return { params, state }
}
const numbers = (t: unknown): number[] => tree.leaves(t).flatMap((x) => [...x.toTypedArray()])
const kinds = (t: unknown) => tree.leaves(t).map((x, i) => [tree.paths(t)[i], x.shape, x.dtype])
const close = (got: readonly number[], want: readonly number[], tolerance: number) => {
  expect(got.length).toBe(want.length)
  for (const [i, v] of got.entries())
    expect(Math.abs(v - want[i]!), `entry ${i}: ${v}`).toBeLessThan(tolerance)
}

describe.each(table)('%s', (_, make, row) => {
  test('keeps structure, shapes and dtypes of state and parameters', () => {
    const optimizer = make(optim.schedule.linear({ from: 0.1, to: 0, steps: 5 }))
    const { params, state } = run(optimizer, 2)
    expect(kinds(state)).toEqual(kinds(optimizer.init(start)))
    expect(kinds(params)).toEqual(kinds(start))
  })
  test('goes down', () => {
    expect(f(run(make(), 20).params).item()).toBeLessThan(f(start).item())
  })
  test('a gradient of 0 gives finite updates, of 0 unless there is decay', () => {
    const optimizer = make()
    const zero = tree.map((p: Tensor) => mul(p, 0), start) as Params
    const flat: optim.ValueAndGrad = () => [0, zero]
    const context = { params: start, value: tensor(0) as Tensor, key, valueAndGrad: flat }
    const got = numbers(optimizer.update(zero, optimizer.init(start), context).updates)
    if (row.restless) expect(got.every(Number.isFinite)).toBe(true)
    else expect(got.map(Math.abs)).toEqual(got.map(() => 0))
  })
  test('reports learning rate, hyper-parameters and the metric it has', () => {
    const optimizer = make()
    const { info } = advance(optimizer, start, optimizer.init(start))
    expect(info.learningRate).toBeDefined()
    expect(Object.keys(info.hyper ?? {}).length).toBeGreaterThan(0)
    if (row.metric) expect(kinds(info.metric)).toEqual(kinds(start))
  })
  test('compiled and eager agree', () => {
    const optimizer = make()
    const compiled = jit((p: Params, s: unknown) => {
      const { params, state } = advance(optimizer, p, s)
      return { params, state }
    })
    let at = { params: start, state: optimizer.init(start) }
    for (let i = 0; i < 3; i++) at = compiled(at.params, at.state)
    close(numbers(at.params), numbers(run(optimizer, 3).params), 1e-6)
  })
  test('has finite derivatives where a gradient is 0', () => {
    const optimizer = make()
    const after = (p: Params) => {
      const state = optimizer.init(p)
      const moved = advance(optimizer, p, state).params
      return f(moved)
    }
    const stationary = { w: d([0.25, 3]), deep: [tensor([[1], [1]]) as Tensor] }
    expect(
      tree.leaves(grad(after)(stationary)).every((x) => [...isFinite(x).toTypedArray()].every(Boolean)),
    ).toBe(true)
  })
  if (row.scaleFree)
    test('does not feel the scale of the loss', () => {
      close(numbers(run(make(), 10, 1024).params), numbers(run(make(), 10).params), 1e-6)
    })
  test('under accumulate, equal gradients make the step of one', () => {
    const [plain, optimizer] = [make(), optim.accumulate(make(), { every: 3 })]
    let at = { params: start, state: optimizer.init(start) as unknown }
    for (let i = 0; i < 3; i++) at = advance(optimizer as Transform<unknown, Everything>, at.params, at.state)
    close(numbers(at.params), numbers(advance(plain, start, plain.init(start)).params), 1e-6)
  })
  test('under masked, the others stay and the state knows nothing of them', () => {
    const optimizer = chain(
      optim.masked(make(), (path) => path === 'w'),
      optim.masked(optim.sgd({ learningRate: 0 }), (path) => path !== 'w'),
    ) as Transform<unknown, Everything>
    const state = optimizer.init(start)
    const { params } = advance(optimizer, start, state)
    expect(numbers(params.deep)).toEqual(numbers(start.deep))
    expect(numbers(params.w)).not.toEqual(numbers(start.w))
    expect(tree.leaves(state).some((x) => x.rank === 2)).toBe(false)
  })
  test('under applyIfFinite, NaN changes neither parameters nor memory', () => {
    const optimizer = optim.applyIfFinite(make(), { max: 2 })
    const bad = tree.map((p: Tensor) => mul(p, Number.NaN), start) as Params
    const context = {
      params: start,
      value: tensor(1) as Tensor,
      key,
      valueAndGrad: valueAndGrad(f) as optim.ValueAndGrad,
    }
    const before = optimizer.init(start)
    const { updates, state } = optimizer.update(bad, before, context)
    expect(numbers(updates).every((u) => u === 0)).toBe(true)
    expect(numbers(state.inner)).toEqual(numbers(before.inner))
    expect(numbers(state.consecutive)).toEqual([1])
  })
})
