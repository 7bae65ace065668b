import {
  grad,
  matmul,
  mul,
  softplus,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
} from '@cotangent/core'
import * as optim from '@cotangent/optim'
import { chain, type StepContext, schedule, step, type Transform, type ValueAndGrad } from '@cotangent/optim'
import { describe, expect, test } from 'vitest'
import reference from './reference/trajectories.json' with { type: 'json' }

const d = (x: readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(x as readonly number[], { dtype: 'float64' })

const X = d([
  [1, 0.5, -1.25],
  [1, -1.5, 0.25],
  [1, 0.75, 2],
  [1, -0.25, -0.5],
  [1, 2, 1],
  [1, -1, -2],
])
const Y = d([1, 0, 1, 1, 0, 0])

// Each with its gradient by autodiff.
const problems: Readonly<Record<string, { readonly f: (w: Tensor) => Tensor; readonly start: Tensor }>> = {
  quadratic: {
    f: (w) => sum(mul(d([1, 0.25, 3]), square(sub(w, d([0.5, -2, 1]))))),
    start: d([3, 1, -1]),
  },
  rosenbrock: {
    f: (w) => {
      const [x, y] = [sum(mul(w, d([1, 0]))), sum(mul(w, d([0, 1])))] as const
      const [a, b] = [square(sub(1, x)), square(sub(y, square(x)))]
      return sum(sub(a, mul(b, -100)))
    },
    start: d([-0.5, 0.75]),
  },
  logistic: {
    f: (w) => {
      const z = matmul(X, w)
      return mul(sum(sub(softplus(z), mul(Y, z))), 1 / 6)
    },
    start: d([0.5, -1, 2]),
  },
}

const linear = (from: number, steps: number) => schedule.linear({ from, to: 0, steps })
const cases: Readonly<Record<keyof typeof reference.trajectories, unknown>> = {
  sgd: optim.sgd({ learningRate: 1e-3 }),
  nesterov: optim.sgd({ learningRate: 1e-3, momentum: 0.9, nesterov: true }),
  adam: optim.adam({ learningRate: 0.02 }),
  adamw: optim.adamw({ learningRate: 0.02, weightDecay: 0.1 }),
  'adamw linear': optim.adamw({ learningRate: linear(0.05, 150), weightDecay: 0.1 }),
  amsgrad: optim.amsgrad({ learningRate: 0.02, b1: 0.8, b2: 0.9 }),
  adamax: optim.adamax({ learningRate: 0.02 }),
  rmsprop: optim.rmsprop({ learningRate: 0.005 }),
  'rmsprop centered': optim.rmsprop({
    learningRate: 0.002,
    decay: 0.9,
    eps: 0.01,
    centered: true,
    momentum: 0.5,
  }),
  adagrad: optim.adagrad({ learningRate: 0.1 }),
  adadelta: optim.adadelta({ learningRate: 1 }),
  nadam: optim.nadam({ learningRate: 0.02 }),
  lion: optim.lion({ learningRate: 0.01, weightDecay: 0.1 }),
  'clipped value': chain(optim.clipByValue(0.5), optim.sgd({ learningRate: 0.01, momentum: 0.5 })),
  'clipped norm': chain(optim.clipByGlobalNorm(0.5), optim.sgd({ learningRate: 0.01, momentum: 0.5 })),
  'clipped rms': chain(optim.clipByBlockRms(0.5), optim.sgd({ learningRate: 0.01 })),
  agc: chain(optim.agc(0.1), optim.sgd({ learningRate: 0.02 })),
  polyak: optim.polyak({ max: 0.001 }),
  lookahead: optim.lookahead(optim.adam({ learningRate: 0.02 }), { every: 5, slow: 0.5 }),
  'warmup cosine': optim.adam({
    learningRate: schedule.warmupCosine({ peak: 0.05, warmup: 20, steps: 180, floor: 0.001 }),
  }),
  'one cycle': optim.sgd({ learningRate: schedule.oneCycle({ peak: 0.001, steps: 200 }) }),
}

describe.each(Object.keys(problems))('200 steps of PyTorch or Optax, %s', (problem) => {
  const { f, start } = problems[problem]!
  const both: (w: Tensor) => [Tensor, Tensor] = valueAndGrad(f)
  test.each(Object.keys(reference.trajectories) as (keyof typeof cases)[])('%s', (name) => {
    const optimizer = cases[name] as Transform<unknown, { readonly value: Tensor }>
    const want = (reference.trajectories[name] as Record<string, number[][]>)[problem]!
    let params = start
    let state = optimizer.init(params)
    for (let k = 1; k <= 200; k++) {
      const [value, gradient] = both(params)
      const next = step(optimizer, params, gradient, state, { value })
      params = next.params
      state = next.state
      const row = reference.steps.indexOf(k)
      if (row < 0) continue
      params.toTypedArray().forEach((v, i) => {
        expect(Math.abs(v - want[row]![i]!), `step ${k}, entry ${i}: ${v}`).toBeLessThan(1e-10)
      })
    }
  })
})

const schedules: Readonly<Record<keyof typeof reference.schedules, optim.Schedule>> = {
  linear: schedule.linear({ from: 1, to: 0.1, steps: 50 }),
  cosine: schedule.cosine({ peak: 2, steps: 100, floor: 0.1 }),
  exponential: schedule.exponential({ initial: 1, rate: 0.5, every: 10 }),
  staircase: schedule.exponential({ initial: 1, rate: 0.5, every: 10, staircase: true }),
  polynomial: schedule.polynomial({ from: 1, to: 0.1, power: 2, steps: 50 }),
  piecewise: schedule.piecewise({ values: [1, 0.5, 0.05], boundaries: [10, 30] }),
  warmupCosine: schedule.warmupCosine({ peak: 2, warmup: 10, steps: 100, floor: 0.25 }),
  oneCycle: schedule.oneCycle({ peak: 2, steps: 100 }),
  restarts: schedule.restarts({ peak: 1, lengths: [10, 20, 40, 80] }),
  join: schedule.join(
    [
      schedule.linear({ from: 0, to: 1, steps: 10 }),
      schedule.exponential({ initial: 1, rate: 0.5, every: 5 }),
      schedule.constant(0.125),
    ],
    [10, 30],
  ),
}

test.each(Object.keys(schedules) as (keyof typeof schedules)[])('schedule.%s as in Optax', (name) => {
  reference.counts.forEach((count, i) => {
    expect(Number(schedules[name](count)), `count ${count}`).toBeCloseTo(reference.schedules[name][i]!, 12)
  })
})

test('sam on ½(10x² + y²), by hand', () => {
  const f = (w: Tensor) => mul(sum(mul(d([10, 1]), square(w))), 0.5)
  const at = d([1, 1])
  const context: StepContext & { readonly valueAndGrad: ValueAndGrad } = { valueAndGrad: valueAndGrad(f) }
  const { params } = step(
    chain(optim.sam(0.05), optim.sgd({ learningRate: -1 })),
    at,
    grad(f)(at),
    [...chain(optim.sam(0.05), optim.sgd({ learningRate: -1 })).init(at)] as never,
    context,
  )
  expect([...sub(params, at).toTypedArray()]).toEqual(
    [10.4975185951, 1.004975186].map((x) => expect.closeTo(x, 8)),
  )
})

test('agc by rows', () => {
  const [w, g] = [
    d([
      [3, 4],
      [0, 0.0005],
    ]),
    d([
      [0.3, 0.4],
      [1, 0],
    ]),
  ]
  const clipped = optim.agc(0.01, { axis: 1 })
  expect(clipped.update(g, clipped.init(w), { params: w }).updates.toArray()).toEqual([
    [0.03, 0.04].map((x) => expect.closeTo(x, 12)),
    [1e-5, 0].map((x) => expect.closeTo(x, 12)),
  ])
})
