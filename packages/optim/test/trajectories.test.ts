import { grad, jit, mul, square, sub, sum, type Tensor, tensor, tree } from '@cotangent/core'
import {
  adam,
  applyUpdates,
  chain,
  identity,
  monoid,
  schedule,
  sgd,
  step,
  type Transform,
} from '@cotangent/optim'
import { describe, expect, test } from 'vitest'

const d = (x: readonly number[]): Tensor => tensor([...x], { dtype: 'float64' }) as Tensor
const list = (x: Tensor): number[] => [...x.toTypedArray()]

// f(w) = Σ cᵢ(wᵢ - aᵢ)², with gradient 2cᵢ(wᵢ - aᵢ).
const c = [1, 0.25, 3]
const a = [0.5, -2, 1]
const start = [3, 1, -1]
const slope = (w: readonly number[]) => w.map((v, i) => 2 * c[i]! * (v - a[i]!))
const f = ({ w }: { w: Tensor }) =>
  sum(mul(d(c), square(sub(w, d(a)) as Tensor) as Tensor) as Tensor) as Tensor
const STEPS = 200

const trajectory = <S>(optimizer: Transform<S>): number[][] => {
  let params = { w: d(start) }
  let state = optimizer.init(params)
  return Array.from({ length: STEPS }, () => {
    const next = step(optimizer, params, grad(f)(params), state)
    params = next.params
    state = next.state
    return list(params.w)
  })
}

// The documentation of torch.optim.SGD and torch.optim.Adam, in plain numbers.
const torchSgd = (lr: number, momentum = 0, nesterov = false): number[][] => {
  let w = start
  let b: number[] | undefined
  return Array.from({ length: STEPS }, () => {
    let g = slope(w)
    if (momentum !== 0) {
      b = b === undefined ? g : b.map((v, i) => momentum * v + g[i]!)
      g = nesterov ? g.map((v, i) => v + momentum * b![i]!) : b
    }
    w = w.map((v, i) => v - lr * g[i]!)
    return w
  })
}
const torchAdam = (lr: (t: number) => number, b1 = 0.9, b2 = 0.999, eps = 1e-8): number[][] => {
  let w = start
  let m = start.map(() => 0)
  let v = start.map(() => 0)
  return Array.from({ length: STEPS }, (_, k) => {
    const g = slope(w)
    m = m.map((x, i) => b1 * x + (1 - b1) * g[i]!)
    v = v.map((x, i) => b2 * x + (1 - b2) * g[i]! ** 2)
    const size = lr(k) / (1 - b1 ** (k + 1))
    w = w.map((x, i) => x - (size * m[i]!) / (Math.sqrt(v[i]!) / Math.sqrt(1 - b2 ** (k + 1)) + eps))
    return w
  })
}

const near = (got: readonly number[][], want: readonly number[][]) => {
  got.forEach((w, k) => {
    w.forEach((v, i) => {
      expect(Math.abs(v - want[k]![i]!), `step ${k + 1}, entry ${i}`).toBeLessThan(1e-10)
    })
  })
}

describe('200 steps as in PyTorch', () => {
  test('sgd', () => near(trajectory(sgd({ learningRate: 0.05 })), torchSgd(0.05)))
  test('momentum', () => near(trajectory(sgd({ learningRate: 0.02, momentum: 0.9 })), torchSgd(0.02, 0.9)))
  test('nesterov', () =>
    near(trajectory(sgd({ learningRate: 0.02, momentum: 0.9, nesterov: true })), torchSgd(0.02, 0.9, true)))
  test('adam', () =>
    near(
      trajectory(adam({ learningRate: 0.1 })),
      torchAdam(() => 0.1),
    ))
  test('adam with other constants', () =>
    near(
      trajectory(adam({ learningRate: 0.1, b1: 0.5, b2: 0.9, eps: 1e-3 })),
      torchAdam(() => 0.1, 0.5, 0.9, 1e-3),
    ))
  test('adam under a schedule', () =>
    near(
      trajectory(adam({ learningRate: schedule.linear({ from: 0.2, to: 0, steps: 100 }) })),
      torchAdam((k) => 0.2 * (1 - Math.min(k / 100, 1))),
    ))
  test('a learning rate may be a tensor', () =>
    near(trajectory(sgd({ learningRate: tensor(0.05, { dtype: 'float64' }) })), torchSgd(0.05)))
})

describe('chain', () => {
  const [p, q, r] = [
    sgd({ learningRate: -0.1, momentum: 0.5 }),
    adam({ learningRate: -1 }),
    sgd({ learningRate: 0.1 }),
  ]
  test('is associative, to the bit, in trajectories and in state', () => {
    const [left, right] = [chain(chain(p, q), r), chain(p, chain(q, r))]
    expect(trajectory(left as Transform<unknown>)).toEqual(trajectory(right as Transform<unknown>))
    const at = { w: d(start) }
    expect(tree.paths(left.init(at))).toEqual(tree.paths(right.init(at)))
  })
  test('chain() is the identity, and the identity its unit', () => {
    for (const same of [
      chain(q, identity),
      chain(identity, q),
      monoid.concat(monoid.empty, q as Transform),
      chain(q),
    ])
      expect(trajectory(same as Transform<unknown>)).toEqual(trajectory(q))
    expect(
      chain()
        .update(d([1]), [], { params: d([0]) })
        .updates.toArray(),
    ).toEqual([1])
  })
})

test.each([
  ['sgd', sgd({ learningRate: 0.1 })],
  ['momentum', sgd({ learningRate: 0.1, momentum: 0.9 })],
  ['adam', adam()],
  ['chain', chain(adam(), sgd({ learningRate: 1 }))],
] as const)('the state of %s keeps its structure, shapes and dtypes, and compiles', (_, transform) => {
  const optimizer = transform as Transform<unknown>
  const params = { w: tensor([1, 2]) as Tensor, deep: [d([3])] }
  const describeState = (s: unknown) => tree.leaves(s).map((x, i) => [tree.paths(s)[i], x.shape, x.dtype])
  const state = optimizer.init(params)
  const next = step(optimizer, params, params, state)
  expect(describeState(next.state)).toEqual(describeState(state))
  expect(tree.leaves(next.params).map((x) => x.dtype)).toEqual(['float32', 'float64'])
  const run = jit((p: typeof params, s: unknown) => {
    const { params: moved, state: after } = step(optimizer, p, p, s)
    return { moved, after }
  })
  const compiled = run(params, state)
  const twice = run(compiled.moved, compiled.after)
  const plain = step(optimizer, next.params, next.params, next.state)
  expect(tree.leaves(twice.moved).map(list)).toEqual(tree.leaves(plain.params).map(list))
})

test('adam reports the metric of its update: update = -η·m̂/D', () => {
  const optimizer = adam({ learningRate: 0.1 })
  const g = d([2, -4])
  const { info, updates } = optimizer.update(g, optimizer.init(g), { params: g })
  expect(list(info.metric as Tensor)).toEqual([2, 4].map((x) => expect.closeTo(x + 1e-8, 12)))
  expect(list(updates)).toEqual([-0.1, 0.1].map((x) => expect.closeTo(x, 8)))
})

test('schedules', () => {
  const at = (s: (n: number) => unknown, n: number) => Number(s(n))
  const warm = schedule.warmupCosine({ peak: 2, warmup: 10, steps: 110, floor: 1 })
  expect([0, 5, 10, 60, 110, 500].map((n) => at(warm, n))).toEqual(
    [0, 1, 2, 1.5, 1, 1].map((x) => expect.closeTo(x, 6)),
  )
  expect(at(schedule.exponential({ initial: 3, rate: 0.5, every: 2 }), 4)).toBeCloseTo(0.75, 6)
  expect(at(schedule.cosine({ peak: 1, steps: 4 }), 1)).toBeCloseTo((1 + Math.SQRT1_2) / 2, 6)
})

test('updates of another structure are refused', () => {
  expect(() => applyUpdates({ w: d([1]) }, { v: d([1]) })).toThrow(/different structures/)
})
