import { checkGrad } from '@cotangent/check'
import {
  add,
  grad,
  jit,
  logSoftmax,
  matmul,
  mean,
  mul,
  neg,
  random,
  slice,
  square,
  sum,
  type Tensor,
  takeAlongAxis,
  tanh,
  tensor,
  transpose,
} from '@cotangent/core'
import {
  activityL1,
  activityL2,
  contractive,
  entropyPenalty,
  gradientNorm,
  gradientPenalty,
  hessianTrace,
  inputGradient,
  interpolate,
  jacobianPenalty,
  klSparsity,
  r1,
  vat,
} from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import reference from './reference/functionSpace.json' with { type: 'json' }

type Params = { readonly w1: Tensor; readonly b1: Tensor; readonly w2: Tensor; readonly b2: Tensor }

// The numbers of reference/functionSpace.py.
const grid = (shape: readonly number[], k: number): Tensor => {
  const n = shape.reduce((a, b) => a * b)
  const values = Float64Array.from({ length: n }, (_, i) => (((i * k + 3) % 17) - 8) / 16)
  return tensor(values, { shape: [...shape] }) as Tensor
}
const params: Params = { w1: grid([3, 5], 5), b1: grid([5], 7), w2: grid([5, 2], 11), b2: grid([2], 3) }
const x = grid([4, 3], 13)
const key = random.key(7)

const hidden = (p: Params, v: Tensor): Tensor => tanh(add(matmul(v, p.w1), p.b1))
const model = (p: Params, v: Tensor): Tensor => add(matmul(hidden(p, v), p.w2), p.b2)
const critic = (p: Params, v: Tensor): Tensor => slice(transpose(model(p, v)), [0, 0], [1, 4])
const score = (p: Params, v: Tensor): Tensor => sum(critic(p, v), { axis: 0 })
const losses = (p: Params, v: Tensor): Tensor => {
  const y = tensor([[0], [1], [1], [0]], { dtype: 'int32' })
  return sum(neg(takeAlongAxis(logSoftmax(model(p, v)), y, { axis: 1 })), { axis: 1 })
}
const list = (t: Tensor): number[] => [...t.toTypedArray()]

const penalties = {
  gradient_penalty: (p: Params) => gradientPenalty((v) => score(p, v), x),
  r1: (p: Params) => r1((v) => score(p, v), x),
  jacobian: (p: Params) => jacobianPenalty((v) => model(p, v), x, { weight: 1 }),
  input_gradient: (p: Params) => inputGradient((v) => losses(p, v), x),
  contractive: (p: Params) => contractive((v) => hidden(p, v), x),
}
const others = {
  'jacobian, projected': (p: Params) =>
    jacobianPenalty((v) => model(p, v), x, { weight: 1, projections: 2, key }),
  vat: (p: Params) => vat((v) => model(p, v), x, { key, epsilon: 0.5 }),
  hessianTrace: (p: Params) => hessianTrace((q: Params) => sum(square(model(q, x))), p, { key, weight: 0.1 }),
  gradientNorm: (p: Params) => gradientNorm((q: Params) => mean(square(model(q, x))), p),
  activityL2: (p: Params) => activityL2(hidden(p, x)),
  activityL1: (p: Params) => activityL1(hidden(p, x)),
  klSparsity: (p: Params) => klSparsity(mul(add(hidden(p, x), 1), 0.5)),
  entropyPenalty: (p: Params) => entropyPenalty(model(p, x)),
}

describe('against the double backward of PyTorch', () => {
  test.each(Object.entries(penalties))(
    '%s: value and gradient with respect to every weight',
    (name, penalty) => {
      const want = reference[name as keyof typeof penalties]
      expect(penalty(params).item()).toBeCloseTo(want.value, 12)
      const g = grad(penalty)(params)
      const compiled = jit(grad(penalty))(params)
      for (const k of ['w1', 'b1', 'w2', 'b2'] as const) {
        const flat = (want.gradient[k] as (number | number[])[]).flat()
        list(g[k] as Tensor).forEach((v, i) => {
          expect(v, `${k}[${i}]`).toBeCloseTo(flat[i]!, 11)
        })
        list(compiled[k] as Tensor).forEach((v, i) => {
          expect(v, `${k}[${i}] compiled`).toBeCloseTo(flat[i]!, 11)
        })
      }
    },
  )

  test('the mean over many signs nears the trace of the Hessian', () => {
    const loss = (q: Params) => sum(square(model(q, x)))
    const got = hessianTrace(loss, params, { key, samples: 4000 }).item()
    expect(Math.abs(got / reference.hessian_trace.value - 1)).toBeLessThan(0.02)
  })
})

describe('gradients of a two-layer network, by checkGrad', () => {
  test.each([...Object.entries(penalties), ...Object.entries(others)])(
    '%s',
    (name, penalty) => {
      // The direction of vat is a constant of its gradient, so that the difference quotient is another number.
      if (name !== 'vat') expect(checkGrad(penalty, [params], { seed: 5 })._tag).toBe('Right')
      const [plain, compiled] = [grad(penalty), jit(grad(penalty))].map((g) => g(params))
      for (const k of ['w1', 'b1', 'w2', 'b2'] as const)
        list(compiled![k] as Tensor).forEach((v, i) => {
          expect(v).toBeCloseTo(list(plain![k] as Tensor)[i]!, 11)
        })
    },
    60_000,
  )
})

describe('closed forms', () => {
  const w = tensor([3, 4], { dtype: 'float64' }) as Tensor
  const two = tensor(
    [
      [1, 2],
      [0, -1],
    ],
    { dtype: 'float64' },
  ) as Tensor
  const linear = (v: Tensor) => (u: Tensor) => matmul(u, v) as Tensor

  test('WGAN-GP of wᵀx is (‖w‖ - 1)², and its gradient 2(‖w‖ - 1)w/‖w‖', () => {
    const f = (v: Tensor) => gradientPenalty(linear(v), two, { weight: 1 })
    expect(f(w).item()).toBeCloseTo(16, 12)
    expect(list(grad(f)(w) as Tensor)).toEqual([4.8, 6.4].map((v) => expect.closeTo(v, 12)))
  })

  test('at a zero gradient it is finite, with slope 0', () => {
    const zero = mul(w, 0)
    const f = (v: Tensor) => gradientPenalty(linear(v), two, { weight: 1 })
    expect(f(zero).item()).toBe(1)
    expect(list(grad(f)(zero) as Tensor)).toEqual([0, 0])
  })

  test('R1 of wᵀx is γ/2‖w‖², of ½xᵀAx it is γ/2 mean ‖Ax‖²', () => {
    expect(r1(linear(w), two, { weight: 2 }).item()).toBeCloseTo(25, 12)
    const a = tensor(
      [
        [2, 1],
        [1, 3],
      ],
      { dtype: 'float64' },
    )
    const bowl = (v: Tensor): Tensor => mul(sum(mul(v, matmul(v, a)), { axis: 1 }), 0.5)
    // Ax of the two examples is (4, 7) and (-1, -3).
    expect(r1(bowl, two, { weight: 2 }).item()).toBeCloseTo((65 + 10) / 2, 12)
  })

  test('the Jacobian penalty of Wx is ½‖W‖²; projections are unbiased', () => {
    const m = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: 'float64' },
    )
    const f = (v: Tensor) => matmul(v, m) as Tensor
    expect(jacobianPenalty(f, two, { weight: 1 }).item()).toBeCloseTo(15, 12)
    const guess = jacobianPenalty(f, two, { weight: 1, projections: 4000, key }).item()
    expect(Math.abs(guess / 15 - 1)).toBeLessThan(0.05)
  })

  test('vat points along the main direction of the divergence, is not negative, and grows with ε', () => {
    const logits = (v: Tensor) =>
      matmul(
        v,
        tensor(
          [
            [1, -1],
            [0, 0],
          ],
          { dtype: 'float64' },
        ),
      ) as Tensor
    const at = (epsilon: number, k = key) => vat(logits, two, { key: k, epsilon, steps: 3 }).item()
    // Only the first input matters: r is ±(ε, 0), whatever the key draws.
    const kl = (z: number, e: number) => {
      const [p, q] = [z, z + e].map((v) => 1 / (1 + Math.exp(-2 * v))) as [number, number]
      return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q))
    }
    const options = [
      [1, 1],
      [1, -1],
      [-1, 1],
      [-1, -1],
    ].map(([a, b]) => (kl(1, 0.5 * a!) + kl(0, 0.5 * b!)) / 2)
    expect(Math.min(...options.map((o) => Math.abs(o - at(0.5))))).toBeLessThan(1e-12)
    expect(at(2)).toBeGreaterThan(at(0.5))
    expect(at(0)).toBe(0)
  })

  test('interpolated points lie on the segments', () => {
    const far = add(mul(two, 0), 5)
    const p = interpolate(two, far, key)
    const share = list(p).map((v, i) => (v - list(two)[i]!) / (5 - list(two)[i]!))
    expect(share[0]).toBeCloseTo(share[1]!, 6)
    expect(share[2]).toBeCloseTo(share[3]!, 6)
    for (const s of share) expect(s >= 0 && s < 1).toBe(true)
    expect(share[0]).not.toBeCloseTo(share[2]!, 3)
  })

  test('sparse activity: 0 at the target, finite for dead and full units', () => {
    const a = tensor([[0, 1, 0.05]], { dtype: 'float64' })
    expect(klSparsity(tensor([[0.05]], { dtype: 'float64' })).item()).toBeCloseTo(0, 12)
    expect(Number.isFinite(klSparsity(a).item())).toBe(true)
    expect(list(grad((v: Tensor) => klSparsity(v))(a) as Tensor).every(Number.isFinite)).toBe(true)
  })
})

test('what does not fit is refused', () => {
  const f = (v: Tensor) => sum(square(v), { axis: 1 }) as Tensor
  expect(() => r1(f, x, { weight: -1 })).toThrow('r1: the weight is -1. Give a number that is not negative.')
  expect(() => gradientPenalty(f, x, { weight: Number.NaN })).toThrow('gradientPenalty: the weight is NaN')
  expect(() => gradientPenalty((v) => sum(v), x)).toThrow('one output for each example')
  expect(() => jacobianPenalty(f, x, { projections: 0, key })).toThrow('jacobianPenalty: 0 projections')
  expect(() => jacobianPenalty(f, x, { projections: 1 })).toThrow('projections are random. Give a key')
  expect(() => activityL1(tensor(1))).toThrow('activityL1: a tensor of shape [] is no batch.')
  expect(() => klSparsity(x, { target: 1 })).toThrow('the target is 1. Give a number between 0 and 1.')
  expect(() => interpolate(x, tensor([[1]]), key)).toThrow('real examples [4,3] and fake ones [1,1]')
  expect(() => vat(f, x, { key, steps: 0 })).toThrow('vat: 0 steps')
  expect(() => hessianTrace((v: Tensor) => sum(v), x, { key, samples: 0 })).toThrow('0 samples')
})
