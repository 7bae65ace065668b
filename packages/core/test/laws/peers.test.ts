import { describe, expect, test } from 'vitest'
import {
  abs,
  add,
  arange,
  asinh,
  cast,
  cbrt,
  clip,
  cos,
  cumprod,
  div,
  elu,
  exp,
  grad,
  greater,
  hessian,
  jacobian,
  jit,
  lessEqual,
  linalg,
  log,
  logaddexp,
  logSigmoid,
  logSoftmax,
  logsumexp,
  matmul,
  max,
  maximum,
  maxPool,
  mean,
  minimum,
  mod,
  mul,
  neg,
  norm,
  oneHot,
  pow,
  prod,
  relu,
  sigmoid,
  silu,
  sin,
  softmax,
  softplus,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  take,
  takeAlongAxis,
  tanh,
  tensor,
  variance,
  vmap,
  where,
} from '../../src/index.js'
import type { NestedNumbers } from '../../src/tensor.js'
import { d, derivative, slope, slopes } from './at.js'

// What the JavaScript peers return wrongly or refuse, as measured on @jax-js/jax 0.1.25 and @tensorflow/tfjs 4.22.0;
// docs/peers.md is the table of these.

const inf = Number.POSITIVE_INFINITY
const f32 = (x: NestedNumbers): Tensor => tensor(x as number[]) as Tensor
const near = (got: NestedNumbers, want: NestedNumbers, digits = 5): void => {
  const [a, b] = [[got].flat(9), [want].flat(9)] as [number[], number[]]
  expect(a).toHaveLength(b.length)
  for (const [i, v] of a.entries()) expect(v).toBeCloseTo(b[i]!, digits)
}

describe('jax-js: transforms', () => {
  test('static arguments of jit that are functions, or infinite, do not collide', () => {
    const f = jit((x: Tensor, act: (v: Tensor) => Tensor) => act(x), { staticArgs: [1] })
    expect(f(d(1), (v) => sin(v) as Tensor).item()).toBeCloseTo(Math.sin(1), 14)
    expect(f(d(1), (v) => cos(v) as Tensor).item()).toBeCloseTo(Math.cos(1), 14)
    const g = jit((x: Tensor, c: number) => add(x, c) as Tensor, { staticArgs: [1] })
    expect(g(d(1), inf).item()).toBe(inf)
    expect(g(d(1), -inf).item()).toBe(-inf)
    expect(g(d(1), Number.NaN).item()).toBeNaN()
  })
  test('branching on a value differentiates the branch taken, and under vmap and jit it is refused', () => {
    const f = (x: Tensor): Tensor => ((x as unknown as number) > 0 ? mul(x, x) : neg(x)) as Tensor
    expect(grad(f)(d(3)).item()).toBe(6)
    expect(() => vmap(f)(d([3, -3]))).toThrow(/branch on a traced value/)
    expect(() => jit(f)(d(3))).toThrow(/branch on a traced value/)
  })
  test('forward Jacobians are not transposed', () => {
    const f = (x: Tensor): Tensor => stack([prod(x), take(x, 0)] as Tensor[]) as Tensor
    for (const mode of ['fwd', 'rev'] as const)
      expect((jacobian(f, { mode })(d([2, 3])) as Tensor).toArray()).toEqual([
        [3, 2],
        [1, 0],
      ])
  })
  test('Jacobians of R² → R³ and R³ → R², and the Hessian of a matrix', () => {
    const w = d([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    for (const mode of ['fwd', 'rev'] as const) {
      const up = jacobian((x: Tensor) => matmul(w, x) as Tensor, { mode })(d([1, 1])) as Tensor
      expect(up.toArray()).toEqual(w.toArray())
      const down = jacobian((x: Tensor) => matmul(x, w) as Tensor, { mode })(d([1, 1, 1])) as Tensor
      expect(down.shape).toEqual([2, 3])
    }
    const h = hessian((x: Tensor) => sum(square(x)) as Tensor)(w) as Tensor
    expect(h.shape).toEqual([3, 2, 3, 2])
  })
  test('reverse mode passes through casts between floats', () => {
    expect(grad((x: Tensor) => sum(square(cast(x, 'float64'))) as Tensor)(f32([1, 2])).toArray()).toEqual([
      2, 4,
    ])
  })
  test('the gradient has the dtype of the argument', () => {
    const g = grad((x: Tensor) => mul(x, d(3)) as Tensor)(f32(2))
    expect([g.dtype, g.item()]).toEqual(['float32', 3])
  })
  test('integer mod keeps its value under transforms', () => {
    const x = tensor([7, 8], { dtype: 'int32' })
    expect(mod(x, 3).toArray()).toEqual([1, 2])
    const [inside] = vmapped(x)
    expect(inside).toEqual([1, 2])
    const both = grad(
      (v: Tensor) => [mul(v, 2), mod(x as Tensor, 3)] as unknown as readonly [Tensor, Tensor],
      { hasAux: true },
    )(d(1))
    expect((both[1] as Tensor).toArray()).toEqual([1, 2])
  })
  test('a thousand gradients leave nothing behind', () => {
    for (let i = 0; i < 1000; i++) grad(square)(d(1))
    expect(
      grad((x: Tensor) => mul(x, grad((y: Tensor) => add(x, y) as Tensor)(d(1))) as Tensor)(d(1)).item(),
    ).toBe(1)
  })
})
const vmapped = (x: Tensor): NestedNumbers[] => [vmap((v: Tensor) => mod(v, 3) as Tensor)(x).toArray()]

describe('jax-js: numbers and gradients', () => {
  test('powers at 0', () => {
    expect(slope((x) => pow(x, 2), 0)).toBe(0)
    expect(slope((x) => pow(x, 3), 0)).toBe(0)
  })
  test('the norm of [3, 0, 4]', () => {
    expect(slope((x) => norm(x), [3, 0, 4])).toEqual([0.6, 0, 0.8])
    expect(slope((x) => norm(sub(x, d([1, 1]))), [1, 1])).toEqual([0, 0])
  })
  test('prod and cumprod of [0, 2, 3]', () => {
    expect(slope((x) => prod(x), [0, 2, 3])).toEqual([6, 0, 0])
    expect(slope((x) => cumprod(x), [0, 2, 3])).toEqual([9, 0, 0])
  })
  test('abs, relu and maximum at their kinks, clip at its bounds', () => {
    expect(slope(abs, 0)).toBe(0)
    expect(slope(relu, 0)).toBe(0)
    expect(slopes((x, y) => maximum(x!, y!), 1, 1)).toEqual([0.5, 0.5])
    expect(slope((x) => clip(x, -1, 1), [-1, 1])).toEqual([0, 0])
  })
  test('sigmoid and silu far to the left', () => {
    near(
      slopes((x) => sigmoid(x!), -100),
      [Math.exp(-100)],
      40,
    )
    expect(Math.abs(grad((x: Tensor) => silu(x) as Tensor)(f32(-100)).item())).toBeLessThan(1e-40)
  })
  test('softplus and logSigmoid far out', () => {
    expect(softplus(f32(100)).item()).toBe(100)
    expect(grad((x: Tensor) => softplus(x) as Tensor)(f32(100)).item()).toBe(1)
    expect(logSigmoid(f32(-100)).item()).toBe(-100)
  })
  test('elu far to the right', () => {
    expect(elu(f32(100)).item()).toBe(100)
    expect(grad((x: Tensor) => elu(x) as Tensor)(f32(100)).item()).toBe(1)
  })
  test('log near 1, tanh near 0, asinh far left, sin of a million, in float32', () => {
    const ratio = (x: Tensor, want: number) => expect(x.item() / want).toBeCloseTo(1, 6)
    ratio(log(f32(0.9999)) as Tensor, Math.log(Math.fround(0.9999)))
    ratio(log(f32(0.99999)) as Tensor, Math.log(Math.fround(0.99999)))
    ratio(tanh(f32(1e-6)) as Tensor, 1e-6)
    ratio(tanh(f32(1e-8)) as Tensor, 1e-8)
    ratio(asinh(f32(-1e4)) as Tensor, -9.903487552536127)
    ratio(sin(f32(1e6)) as Tensor, Math.sin(1e6))
  })
  test('sums of exponentials of nothing', () => {
    expect(logsumexp(f32([-inf, -inf])).item()).toBe(-inf)
    expect(logaddexp(f32(-inf), f32(-inf)).item()).toBe(-inf)
  })
  test("sin(x)/x at 0, written with where, and ∛x'(0) = ∞", () => {
    const sinc = (x: Tensor): Tensor => where(greater(abs(x), 0), div(sin(x), x), 1) as Tensor
    expect(slope(sinc, 0)).toBe(0)
    expect(slope(cbrt, 0)).toBe(inf)
  })
  test('standardising numbers that differ little', () => {
    const x = f32([10000.1, 10000.2, 10000.3])
    const z = div(sub(x, mean(x)), sqrt(add(variance(x), 1e-12))) as Tensor
    near(z.toArray(), [-1.22, 0, 1.22], 1)
  })
  test('negative and impossible indices', () => {
    expect(take(f32([10, 20, 30, 40]), [-1]).toArray()).toEqual([40])
    expect(() => take(f32([10, 20, 30, 40]), [4])).toThrow(/out of range/)
    const oneHotOf = (i: number) => oneHot(tensor([i], { dtype: 'int32' }), 3).toArray()
    expect(oneHotOf(-1)).toEqual([[0, 0, 0]])
    expect(oneHotOf(5)).toEqual([[0, 0, 0]])
  })
  test('arange with a fraction, and the sum of booleans', () => {
    expect(arange(0, 1, 0.25).toArray()).toEqual([0, 0.25, 0.5, 0.75])
    expect(sum(tensor([1, 1, 0], { dtype: 'bool' })).item()).toBe(2)
  })
  test('float64 is float64: exp, log, and central differences of sigmoid to 1e-9', () => {
    expect(exp(d(100)).item()).toBe(Math.exp(100))
    expect(log(d(0.9999)).item()).toBe(Math.log(0.9999))
    const h = 1e-5
    const central = (sigmoid(d(0.5 + h)).item() - sigmoid(d(0.5 - h)).item()) / (2 * h)
    expect(Math.abs(central - (slope(sigmoid, 0.5) as number))).toBeLessThan(1e-9)
  })
  test('singular values are not those of the squared matrix', () => {
    const s = linalg
      .svdvals(
        d([
          [1, 1],
          [0, 1e-9],
        ]),
      )
      .toArray() as number[]
    expect(s[1]! / (1e-9 / Math.SQRT2)).toBeCloseTo(1, 6)
  })
})

describe('TensorFlow.js: second derivatives', () => {
  const times = (f: (x: Tensor) => Tensor) => (x: Tensor) => mul(x, f(x)) as Tensor
  test('x·exp(x), x·sigmoid(x), x·tanh(x) at 1', () => {
    near(derivative(times(exp), 1, 2), 8.15485)
    near(derivative(times(sigmoid), 1, 2), 0.30237)
    near(derivative(times(tanh), 1, 2), 0.20025)
  })
  test('tanh(x)² and sigmoid(x)² at 1', () => {
    near(
      derivative((x) => square(tanh(x)) as Tensor, 1, 2),
      -0.62163,
    )
    near(
      derivative((x) => square(sigmoid(x)) as Tensor, 1, 2),
      -0.05553,
    )
  })
  test('reverse over reverse says the same', () => {
    for (const f of [exp, sigmoid, tanh]) {
      const first = (x: Tensor) => grad((y: Tensor) => times(f)(y))(x) as Tensor
      expect(slope(first, 1)).toBeCloseTo(derivative(times(f), 1, 2), 12)
    }
  })
  test('Hessians of sum(softmax(x)²) and sum(logSoftmax(x)²) are symmetric and those of differences', () => {
    for (const f of [softmax, logSoftmax]) {
      const loss = (x: Tensor): Tensor => sum(square(f(x))) as Tensor
      const x = [0.25, -0.5, 1]
      const h = (hessian(loss)(d(x)) as Tensor).toArray() as number[][]
      const step = 1e-4
      for (const i of [0, 1, 2]) {
        const moved = (s: number) =>
          slope(
            loss,
            x.map((v, k) => (k === i ? v + s : v)),
          ) as number[]
        const [hi, lo] = [moved(step), moved(-step)]
        for (const j of [0, 1, 2]) {
          expect(h[i]![j]).toBeCloseTo(h[j]![i]!, 12)
          expect(h[i]![j]).toBeCloseTo((hi[j]! - lo[j]!) / (2 * step), 6)
        }
      }
    }
  })
  test('a gradient penalty on tanh, with respect to the weights', () => {
    const x = d([[1, -0.5]])
    const penalty = (w: Tensor): Tensor =>
      sum(square(grad((v: Tensor) => sum(tanh(matmul(v, w))) as Tensor)(x))) as Tensor
    const w = [
      [0.5, -1],
      [0.25, 0.75],
    ]
    const g = slope(penalty, w) as number[][]
    for (const i of [0, 1])
      for (const j of [0, 1]) {
        const moved = (s: number) =>
          penalty(d(w.map((r, a) => r.map((v, b) => (a === i && b === j ? v + s : v))))).item()
        expect(g[i]![j]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 7)
      }
  })
  test('what throws there at second order has a second derivative here', () => {
    near(
      derivative((x) => elu(x) as Tensor, -1, 2),
      Math.exp(-1),
    )
    const cube = (x: Tensor): Tensor => prod(stack([x, x, x] as Tensor[])) as Tensor
    near(derivative(cube, 2, 2), 12)
    near(
      derivative((x) => max(stack([square(x), x] as Tensor[])) as Tensor, 2, 2),
      2,
    )
    near(
      derivative((x) => logsumexp(stack([x, neg(x)] as Tensor[])) as Tensor, 0, 2),
      1,
    )
    near(derivative(softplus, 0, 3), 0)
  })
})

describe('TensorFlow.js: first derivatives', () => {
  test('abs at 0, and gradient descent on a pure L1 penalty stays at 0', () => {
    expect(slope(abs, 0)).toBe(0)
    let w = d(0)
    for (let i = 0; i < 4; i++)
      w = sub(w, mul(0.1, grad((v: Tensor) => mul(0.5, abs(v)) as Tensor)(w))) as Tensor
    expect(w.item()).toBe(0)
  })
  test('ties of max, of a pool, and of maximum', () => {
    expect(slope((x) => max(x), [2, 2, 1])).toEqual([0.5, 0.5, 0])
    const pool = (x: Tensor) => maxPool(x, { window: 2 }) as Tensor
    expect(slope(pool, [[[2], [2]]])).toEqual([[[0.5], [0.5]]])
  })
  test('maximum, minimum and squared differences broadcast under grad', () => {
    for (const f of [maximum, minimum] as const) {
      const [, b] = slopes(
        (x, y) => f(x!, y!) as Tensor,
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        [2, 2.5, 5],
      )
      expect(b).toHaveLength(3)
    }
    const [, b] = slopes(
      (x, y) => square(sub(x!, y!)) as Tensor,
      [
        [1, 2],
        [3, 4],
      ],
      [1, 1],
    )
    expect(b).toEqual([-4, -8])
  })
  test('a batched matmul with one right-hand side', () => {
    const [a, b] = slopes((x, y) => matmul(x!, y!) as Tensor, [[[1, 2]], [[3, 4]]], [[1], [1]])
    expect([a, b]).toEqual([
      [[[1, 1]], [[1, 1]]],
      [[4], [6]],
    ])
  })
  test('the norm at 0 and of tiny numbers', () => {
    expect(slope((x) => norm(x), [0, 0])).toEqual([0, 0])
    const tiny = f32([1e-25, 1e-25])
    expect(norm(tiny).item() / (Math.SQRT2 * 1e-25)).toBeCloseTo(1, 6)
    near(grad((x: Tensor) => norm(x) as Tensor)(tiny).toArray(), [Math.SQRT1_2, Math.SQRT1_2])
  })
  test('x⁰ at 0', () => expect(slope((x) => pow(x, 0), 0)).toBe(0))
  test('gathering in batches, and products, under grad', () => {
    const index = tensor([[1], [0]], { dtype: 'int32' })
    expect(
      slope(
        (x) => takeAlongAxis(x, index as Tensor, { axis: 1 }) as Tensor,
        [
          [1, 2],
          [3, 4],
        ],
      ),
    ).toEqual([
      [0, 1],
      [1, 0],
    ])
    expect(
      slope(
        (x) => prod(x, { axis: 1 }) as Tensor,
        [
          [1, 2],
          [3, 4],
        ],
      ),
    ).toEqual([
      [2, 1],
      [4, 3],
    ])
  })
  test('comparisons in piecewise functions: where(x ≤ 1, x²/2, x - 1/2)', () => {
    const huber = (x: Tensor): Tensor =>
      where(lessEqual(abs(x), 1), div(square(x), 2), sub(abs(x), 0.5)) as Tensor
    expect(slope(huber, [0.5, 3, -3])).toEqual([0.5, 1, -1])
    expect(slope((x) => mul(x, cast(greater(x, 0), 'float64')) as Tensor, [2, -2])).toEqual([1, 0])
  })
})
