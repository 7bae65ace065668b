import {
  add,
  cast,
  grad,
  jit,
  mul,
  random,
  rsqrt,
  sub,
  sum,
  type Tensor,
  tensor,
  tree,
} from '@cotangent/core'
import * as optim from '@cotangent/optim'
import { chain, step, type Transform } from '@cotangent/optim'
import { describe, expect, test } from 'vitest'

const d = (x: readonly number[]): Tensor => tensor([...x], { dtype: 'float64' })
const list = (x: unknown): number[] => tree.leaves(x).flatMap((t) => [...t.toTypedArray()])
const update = <S>(t: Transform<S>, g: Tensor, state: S = t.init(g), params = g) =>
  t.update(g, state, { params })

// Faults measured or reported in Optax, each with the name of its symptom.

describe('contexts', () => {
  const p = d([1])
  test('a chain that needs a key or a value asks for it when compiled, through every wrapper', () => {
    const noisy = optim.lookahead(
      optim.masked(chain(optim.clipByValue(1), optim.addNoise({ eta: 1 }), optim.polyak()), () => true),
    )
    const state = noisy.init(p)
    const key: Tensor = random.key(1)
    step(noisy, p, p, state, { key, value: 1 })
    // @ts-expect-error the value is missing
    expect(() => step(noisy, p, p, state, { key })).toThrow(/polyak: the context has no value/)
    // @ts-expect-error the key is missing
    expect(() => step(noisy, p, p, state, { value: 1 })).toThrow(/addNoise: the context has no key/)
    // @ts-expect-error there is no context
    expect(() => step(noisy, p, p, state)).toThrow(/no key/)
    // @ts-expect-error what needs something is not a transform that needs nothing
    const loose: Transform = noisy
    expect(loose).toBe(noisy)
  })
  test('a typo in the context does not compile', () => {
    const optimizer = optim.sgd({ learningRate: 1 })
    // @ts-expect-error valu
    expect(list(step(optimizer, p, p, optimizer.init(p), { valu: 1 }).params)).toEqual([0])
  })
  test('a label that is missing from the table does not compile, and is named', () => {
    const label = (path: string): 'weight' | 'bias' => (path === 'b' ? 'bias' : 'weight')
    // @ts-expect-error bias
    const optimizer = optim.byLabel(label, { weight: optim.adam() })
    expect(() => optimizer.init({ w: p, b: p })).toThrow(/b has the label 'bias'.*weight/)
  })
})

describe('0/0, infinities and NaN', () => {
  test('clipByGlobalNorm at 0, at infinity, with NaN, and its derivative at 0', () => {
    const clipped = optim.clipByGlobalNorm(1)
    expect(list(update(clipped, d([0, 0])).updates)).toEqual([0, 0])
    expect(list(update(clipped, d([Infinity, -Infinity, 5])).updates)).toEqual(
      [Math.SQRT1_2, -Math.SQRT1_2, 0].map((x) => expect.closeTo(x, 12)),
    )
    // Finite entries of single precision whose norm is not: direction and norm are kept.
    const big = tensor([3e38, 3e38, 3e38, 3e38])
    expect(list(update(clipped, big).updates)).toEqual([0.5, 0.5, 0.5, 0.5].map((x) => expect.closeTo(x, 6)))
    const broken = clipped.update({ a: d([NaN]), b: d([0.5]) }, clipped.init(0), { params: 0 }).updates
    expect(list(broken)).toEqual([NaN, 0.5])
    expect(list(grad((g: Tensor) => sum(update(clipped, g).updates))(d([0, 0])))).toEqual([1, 1])
  })
  test('clipping is exact, idempotent, keeps the direction, and does nothing below the limit', () => {
    const clipped = optim.clipByGlobalNorm(0.5)
    const once = update(clipped, d([3, 4])).updates
    expect(list(once)).toEqual([0.3, 0.4].map((x) => expect.closeTo(x, 14)))
    close(list(update(clipped, once).updates), list(once))
    expect(list(update(clipped, d([0.1, 0.2])).updates)).toEqual([0.1, 0.2])
  })
  test('the Adam family without ε at a gradient of 0, in single precision', () => {
    const none = { learningRate: 1, eps: 0 }
    const g = tensor([0, 1e-30, 1])
    for (const optimizer of [
      optim.adam(none),
      optim.adamw(none),
      optim.nadam(none),
      optim.amsgrad(none),
      optim.adamax(none),
      optim.rmsprop(none),
      optim.adagrad(none),
    ] as Transform<unknown>[]) {
      const { updates } = update(optimizer, g)
      expect(list(updates).every(Number.isFinite)).toBe(true)
      expect(list(updates)[2]).toBeLessThan(-0.5)
    }
  })
  test('the derivative of Adam by the gradient where it is 0', () => {
    const optimizer = optim.adam({ learningRate: 1 })
    expect(
      list(grad((g: Tensor) => sum(update(optimizer, g).updates))(d([0, 0]))).every(Number.isFinite),
    ).toBe(true)
  })
  test('the derivative of a metric by the gradient where it is 0', () => {
    const optimizer = optim.adam({ learningRate: 1 })
    const metric = (g: Tensor) => sum(update(optimizer, g).info.metric as Tensor)
    expect(list(grad(metric)(d([0, 0])))).toEqual([0, 0])
  })
  test('sam at a gradient of 0', () => {
    const optimizer = optim.sam(0.1)
    const valueAndGrad: optim.ValueAndGrad = (p: Tensor) => [0, p]
    const context = { params: d([2]), valueAndGrad }
    expect(list(optimizer.update(d([0]), optimizer.init(d([0])), context).updates)).toEqual([2])
  })
})

const close = (got: readonly number[], want: readonly number[]) => {
  expect(got).toEqual(want.map((x) => expect.closeTo(x, 12)))
}

describe('accumulate', () => {
  const optimizer = optim.accumulate(optim.adam({ learningRate: 0.1 }), { every: 3 })
  const feed = (gs: readonly number[][]) => {
    let state = optimizer.init(d([0, 0]))
    const updates = gs.map((g) => {
      const next = update(optimizer, d(g), state, d([0, 0]))
      state = next.state
      return list(next.updates)
    })
    return { updates, state }
  }
  test('calls of the inner optimiser change its state once per update only', () => {
    const { state } = feed([
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ])
    expect(state.inner[0].count.item()).toBe(1)
    expect(list(state.inner[0].mu)).toEqual([0.3, 0.4].map((x) => expect.closeTo(x, 12)))
  })
  test('a micro-batch of NaN is left out and poisons nothing', () => {
    const { updates, state } = feed([
      [1, 2],
      [NaN, 4],
      [5, 6],
    ])
    expect(updates.slice(0, 2)).toEqual([
      [0, 0],
      [0, 0],
    ])
    close(list(state.inner[0].mu), [0.3, 0.4])
    expect(updates[2]!.every((u) => Math.abs(u + 0.1) < 1e-6)).toBe(true)
  })
  test('without any finite gradient there is no update', () => {
    const { updates, state } = feed([
      [NaN, 1],
      [Infinity, 1],
      [NaN, 1],
    ])
    expect(updates[2]).toEqual([0, 0])
    expect([state.inner[0].count, state.seen, state.kept].map((x) => x.item())).toEqual([0, 0, 0])
  })
  test('takes no proximal step between updates: the step length is 0', () => {
    const first = update(optimizer, d([1, 2]))
    expect(Number(first.info.learningRate)).toBe(0)
  })
})

test('masks leave no placeholder: states are tensors, saved and mapped like any tree', () => {
  const optimizer = optim.masked(optim.adam(), (path) => path === 'w')
  const state = optimizer.init({ w: d([1]), b: d([2]) })
  expect(tree.paths(state)).toEqual(['0/count', '0/mu/w', '0/nu/w', '1/count'])
  expect(list(tree.map((x: Tensor) => add(x, 1), state))).toEqual([1, 1, 1, 1])
})

test('every hyper-parameter is seen at every step, under schedules and in wrappers', () => {
  const eta = optim.schedule.linear({ from: 1, to: 0, steps: 2 })
  const optimizer = optim.lookahead(chain(optim.clipByValue(3), optim.adamw({ learningRate: eta, b1: eta })))
  const p = d([1])
  const first = update(optimizer, p)
  const second = update(optimizer, p, first.state)
  const seen = Object.fromEntries(Object.entries(second.info.hyper!).map(([k, v]) => [k, Number(v)]))
  expect(seen).toEqual({
    b1: 0.5,
    b2: 0.999,
    clipByValue: 3,
    eps: 1e-8,
    learningRate: 0.5,
    slow: 0.5,
    weightDecay: 0.01,
  })
})

test('reports are not state: a fresh and a later state have the same leaves', () => {
  const optimizer = chain(optim.clipByGlobalNorm(1), optim.adam(), optim.ema(0.9))
  const state = optimizer.init(d([1]))
  expect(tree.paths(update(optimizer, d([1]), state).state)).toEqual(tree.paths(state))
})

test('by label: each has its own state, and the report reconciles learning rates in the metric', () => {
  const optimizer = optim.byLabel((path: string) => (path === 'b' ? 'bias' : 'rest'), {
    bias: optim.sgd({ learningRate: 0.5 }),
    rest: optim.adam({ learningRate: 0.25 }),
  })
  const g = { w: d([2]), b: d([4]) }
  const { updates, info } = optimizer.update(g, optimizer.init(g), { params: g })
  close(
    list(updates),
    [-0.25, -2].map((x, i) => (i === 0 ? x * (2 / (2 + 1e-8)) : x)),
  )
  expect(info.learningRate).toBe(1)
  close(list(info.metric), [(2 + 1e-8) / 0.25, 1 / 0.5])
  expect(info.hyper).toMatchObject({ 'bias.learningRate': 0.5, 'rest.learningRate': 0.25 })
})

test('applyIfFinite lets through what does not recover', () => {
  const optimizer = optim.applyIfFinite(optim.sgd({ learningRate: 1 }), { max: 2 })
  let state = optimizer.init(d([1]))
  const seen = [1, 2, 3].map(() => {
    const next = update(optimizer, d([NaN]), state, d([1]))
    state = next.state
    return list(next.updates)[0]
  })
  expect(seen).toEqual([0, 0, NaN])
  expect(state.total.item()).toBe(3)
})

test('noise: of the given variance, new at every update, the same for the same key', () => {
  const noisy = optim.addNoise({ eta: 4, gamma: 1 })
  const key: Tensor = random.key(3)
  const zero = d(new Array<number>(4000).fill(0))
  const first = noisy.update(zero, noisy.init(zero), { params: zero, key })
  const second = noisy.update(zero, first.state, { params: zero, key })
  const power = (x: unknown) => list(x).reduce((s, v) => s + v * v, 0) / 4000
  expect(power(first.updates) / 4).toBeCloseTo(1, 0)
  expect(power(second.updates) / 2).toBeCloseTo(1, 0)
  expect(list(second.updates)[0]! / list(first.updates)[0]!).not.toBeCloseTo(Math.SQRT1_2, 4)
  expect(list(noisy.update(zero, noisy.init(zero), { params: zero, key }).updates)).toEqual(
    list(first.updates),
  )
})

// f = ½‖w - c‖². Adam + L2 solves f + ½λ‖w‖²: c/(1 + λ). AdamW ends at c clipped to ±1/λ: Xie & Li 2024,
// https://arxiv.org/abs/2404.04454
test('Adam with L2 and AdamW end at different points', () => {
  const c = d([3, 0.5, -2, 0.1])
  const decay = optim.addDecayedWeights(1)
  const eta: optim.Schedule = (count) => mul(rsqrt(add(cast(count, 'float64'), 1)), 0.1)
  const solve = (optimizer: Transform<unknown>): number[] => {
    const one = jit((w: Tensor, s: unknown) => {
      const { params, state } = step(optimizer, w, sub(w, c), s)
      return { params, state }
    })
    let at = { params: d([1, 1, 1, 1]), state: optimizer.init(d([1, 1, 1, 1])) }
    for (let i = 0; i < 10000; i++) at = one(at.params, at.state)
    return list(at.params)
  }
  const coupled = solve(chain(decay, optim.adam({ learningRate: eta })) as Transform<unknown>)
  const decoupled = solve(optim.adamw({ learningRate: eta, weightDecay: 1 }) as Transform<unknown>)
  expect(coupled).toEqual([1.5, 0.25, -1, 0.05].map((x) => expect.closeTo(x, 3)))
  expect(decoupled).toEqual([1, 0.5, -1, 0.1].map((x) => expect.closeTo(x, 2)))
})
