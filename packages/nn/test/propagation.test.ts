import {
  jit,
  mul,
  random,
  relu,
  sqrt,
  square,
  sum,
  type Tensor,
  tanh,
  tensor,
  tree,
  vjp,
  zeros,
} from '@cotangent/core'
import { activation, dense, init, rnn, sequential } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'

// How a gradient grows on its way back, against closed forms. Weights are from N(0, g²/n): a linear layer multiplies the
// norm by g, one with ReLU by g/√2 (He et al. 2015, https://arxiv.org/abs/1502.01852); so He's g = √2 keeps it. For tanh
// there is no closed form of 50 layers, but the numbers of an independent run with the same widths and seeds of its own.

const [WIDTH, LAYERS, BATCH, SEEDS] = [128, 50, 16, 5]
const norm = (x: Tensor): number => sqrt(sum(square(x))).item()
const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[xs.length >> 1]!
const seeds = Array.from({ length: SEEDS }, (_, i) => random.key(100 + i))
/** Equal up to a factor of 3: log₁₀ ± 0.5. */
const near = (ratio: number, expected: number): void => {
  expect(Math.abs(Math.log10(ratio / expected))).toBeLessThan(0.5)
}

const linear = (x: Tensor): Tensor => x
const kernelInit = init.normal({ std: 1 / Math.sqrt(WIDTH) })
const deep = (phi: (x: Tensor) => Tensor) =>
  sequential(
    Array.from({ length: LAYERS }, () =>
      sequential({ linear: dense(WIDTH, { bias: false, kernelInit }), phi: activation(phi) }),
    ),
  )
type Params = ReturnType<ReturnType<typeof deep>['init']>['params']
const initialise = jit((key: Tensor) => deep(linear).init(key, [BATCH, WIDTH]).params)
const starts = seeds.map((key) => ({
  params: initialise(key) as Params,
  x: random.normal(random.foldIn(key, 1), [BATCH, WIDTH]),
  cotangent: random.normal(random.foldIn(key, 2), [BATCH, WIDTH]),
}))
/** The gradient at the input for one at the output, with all kernels times `gain`. */
const backward = (phi: (x: Tensor) => Tensor) => {
  const model = deep(phi)
  const { state } = model.init(seeds[0]!, [BATCH, WIDTH])
  const pulled = jit((params: Params, gain: Tensor, x: Tensor, cotangent: Tensor) => {
    const scaled = tree.map((w: Tensor) => mul(w, gain), params) as Params
    return vjp((v: Tensor) => model.apply(scaled, state, v, { train: true }).y, x)[1](cotangent)[0]!
  })
  return (gain: number): number =>
    median(
      starts.map(
        ({ params, x, cotangent }) => norm(pulled(params, tensor(gain), x, cotangent)) / norm(cotangent),
      ),
    )
}

describe('through 50 layers', () => {
  test('linear: g⁵⁰', () => {
    const through = backward(linear)
    for (const g of [0.8, 1.25]) near(through(g), g ** LAYERS)
  }, 60_000)
  test('ReLU: (g/√2)⁵⁰', () => {
    const through = backward(relu)
    for (const g of [1, Math.SQRT2, 2]) near(through(g), (g / Math.SQRT2) ** LAYERS)
  }, 60_000)
  test('tanh: as measured', () => {
    const through = backward(tanh)
    for (const [g, expected] of [
      [1, 0.12],
      [1.5, 19],
      [2, 1.6e3],
      [3, 3.2e6],
    ] as const)
      near(through(g), expected)
  }, 60_000)
  test("He's initialiser is the one that keeps the norm under ReLU", () => {
    const variance = sum(square(init.heNormal(seeds[0]!, [WIDTH, WIDTH]))).item() / WIDTH ** 2
    expect(variance * WIDTH).toBeCloseTo(2, 1)
  })
})

describe('through 100 steps of a recurrent layer', () => {
  const STEPS = 100
  const back = (phi: (x: Tensor) => Tensor, rho: number): number => {
    const key = seeds[0]!
    const layer = rnn(WIDTH, { activation: phi })
    const first = layer.init(key, [BATCH, STEPS, 1]).params
    const params = { ...first, recurrent: mul(first.recurrent, rho) }
    const h = random.normal(random.foldIn(key, 2), [BATCH, WIDTH])
    const [y, pull] = vjp(
      (hidden: Tensor) =>
        layer.run(params, zeros([BATCH, STEPS, 1]), { train: true }, { hidden }).final.hidden,
      h,
    )
    const cotangent = random.normal(random.foldIn(key, 3), y.shape)
    return norm(pull(cotangent)[0]!) / norm(cotangent)
  }
  // The layer starts with an orthogonal matrix, so that the powers of ρ are exact and not only their order.
  test.each([0.8, 1.1])(
    'linear, ρ = %d: ρ¹⁰⁰',
    (rho) => {
      expect(back(linear, rho) / rho ** STEPS).toBeCloseTo(1, 3)
    },
    60_000,
  )
  test('tanh, ρ = 1.3: saturation tames it by orders of magnitude', () => {
    const ratio = back(tanh, 1.3)
    expect(ratio).toBeGreaterThan(0)
    expect(ratio).toBeLessThan(1e-6 * 1.3 ** STEPS)
  }, 60_000)
})
