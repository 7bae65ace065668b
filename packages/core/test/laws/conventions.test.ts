import { describe, expect, test } from 'vitest'
import {
  abs,
  acos,
  acosh,
  add,
  asin,
  atan2,
  atanh,
  cbrt,
  clip,
  cummax,
  cumprod,
  cumsum,
  div,
  exp,
  expm1,
  grad,
  greater,
  hypot,
  jvp,
  log,
  log1p,
  logaddexp,
  logSigmoid,
  logSoftmax,
  logsumexp,
  max,
  maximum,
  min,
  minimum,
  mul,
  norm,
  ones,
  pow,
  prod,
  relu,
  rsqrt,
  sigmoid,
  softmax,
  softplus,
  sort,
  sqrt,
  std,
  strongMul,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  topK,
  vjp,
  where,
  xlogy,
} from '../../src/index.js'
import { d, derivative, numeric, slope, slopes } from './at.js'

// At kinks and singular points a primitive returns the element of least Euclidean norm of its Clarke subdifferential.

const inf = Number.POSITIVE_INFINITY

describe('kinks and singular points', () => {
  test("|x|'(0) = 0", () => expect(slope(abs, 0)).toBe(0))

  test("relu'(0) = 0", () => expect(slope(relu, 0)).toBe(0))

  test('max(x, 0) at a tie: one half each', () => {
    expect(slopes((x, y) => maximum(x!, y!), 0, 0)).toEqual([0.5, 0.5])
    expect(slopes((x, y) => minimum(x!, y!), 0, 0)).toEqual([0.5, 0.5])
  })

  test('ties of a maximum share: 1/k each', () => {
    expect(slope((x) => max(x), [1, 1, 0])).toEqual([0.5, 0.5, 0])
    expect(slope((x) => min(x), [2, 1, 1, 1])).toEqual([0, 1 / 3, 1 / 3, 1 / 3])
  })

  test('‖x‖₂ at 0 has gradient 0, at every order', () => {
    expect(slope((x) => norm(x), [0, 0])).toEqual([0, 0])
    const second = grad((x: Tensor) => sum(grad((y: Tensor) => norm(y))(x)))(d([0, 0]))
    expect(second.toArray()).toEqual([0, 0])
  })

  test("√x'(0) = ∞, and a zero cotangent stays 0", () => {
    expect(slope(sqrt, 0)).toBe(inf)
    expect((vjp(sqrt, d(0))[1](d(0)) as Tensor[])[0]!.item()).toBe(0)
  })

  test('the product of [0, 2, 3]: exclusive products', () => {
    expect(slope((x) => prod(x), [0, 2, 3])).toEqual([6, 0, 0])
    expect(slope((x) => prod(x), [0, 0, 3])).toEqual([0, 0, 0])
    // ∂²/∂x₀∂x₁ = x₂ where both are 0
    const mixed = (x: Tensor) => grad((y: Tensor) => prod(y))(x)
    expect(jvp(mixed, [d([0, 0, 3])], [d([1, 0, 0])])[1].toArray()).toEqual([0, 3, 0])
  })

  test('running products of [0, 2, 3]: 9, 0, 0', () => {
    expect(slope((x) => cumprod(x), [0, 2, 3])).toEqual([9, 0, 0])
  })

  test('clip at its bounds: 0, or one half, or 1', () => {
    expect(slope((x) => clip(x, -1, 1), [-1, 0, 1])).toEqual([0, 1, 0])
    expect(slope((x) => clip(x, -1, 1, { edge: 'half' }), [-1, 0, 1])).toEqual([0.5, 1, 0.5])
    expect(slope((x) => clip(x, -1, 1, { edge: 'pass' }), [-1, 0, 1])).toEqual([1, 1, 1])
  })

  test('x⁰ at 0 with a real exponent: 0', () => {
    expect(slopes((x, y) => pow(x!, y!), 0, 0)).toEqual([0, 0])
    expect(slope((x) => pow(x, 0), 0)).toBe(0)
  })

  test('the standard deviation of a constant vector: 0', () => {
    expect(slope((x) => std(x), [3, 3, 3])).toEqual([0, 0, 0])
  })

  test('hypot(0, 0): 0', () => expect(slopes((x, y) => hypot(x!, y!), 0, 0)).toEqual([0, 0]))

  test('atan2(0, 0): 0', () => {
    const [y, x] = slopes((a, b) => atan2(a!, b!), 0, 0)
    expect([Math.abs(y as number), Math.abs(x as number)]).toEqual([0, 0])
  })

  test('logsumexp(-∞, -∞) = -∞ with gradient 0', () => {
    expect(logsumexp(d([-inf, -inf])).item()).toBe(-inf)
    expect(slope((x) => logsumexp(x), [-inf, -inf])).toEqual([0, 0])
  })

  test('where(x > 0, √x, 0) at 0: 0, at every order', () => {
    const f = (x: Tensor): Tensor => where(greater(x, 0), sqrt(x), 0) as Tensor
    expect(slope(f, 0)).toBe(0)
    expect(derivative(f, 0, 1)).toBe(0)
    expect(derivative(f, 0, 2)).toBe(0)
    expect(slope((x) => grad((y: Tensor) => f(y))(x) as Tensor, 0)).toBe(0)
  })

  test('log(1 + eˣ) to the second order far out', () => {
    expect(derivative(softplus, 100, 2) / Math.exp(-100)).toBeCloseTo(1, 10)
    expect(derivative((x) => log1p(exp(x)), 100, 1)).toBeCloseTo(1, 12)
  })

  test('sorting with ties: the stable permutation', () => {
    const weighted = (x: Tensor) => mul(sort(x), d([1, 2, 3, 4]))
    expect(slope(weighted, [1, 0, 1, 0])).toEqual([3, 1, 4, 2])
  })

  test('tanh to the second and third order', () => {
    const t = Math.tanh(0.5)
    expect(derivative(tanh, 0.5, 2)).toBeCloseTo(-2 * t * (1 - t * t), 14)
    expect(derivative(tanh, 0.5, 3)).toBeCloseTo((1 - t * t) * (6 * t * t - 2), 13)
  })
})

describe('1. strong zeros', () => {
  const singular: Readonly<Record<string, readonly [(x: Tensor) => Tensor, number | number[]]>> = {
    sqrt: [sqrt, 0],
    rsqrt: [rsqrt, 0],
    log: [log, 0],
    log1p: [log1p, -1],
    div: [(x) => div(1, x), 0],
    'pow, fractional': [(x) => pow(x, 0.5), 0],
    'pow, negative': [(x) => pow(x, -1), 0],
    'pow of tensors': [(x) => pow(x, d(0.5)), 0],
    asin: [asin, 1],
    acos: [acos, -1],
    atanh: [atanh, 1],
    acosh: [acosh, 1],
    cbrt: [cbrt, 0],
    norm: [(x) => norm(x), [0, 0]],
  }
  for (const [name, [f, x]] of Object.entries(singular))
    test(`${name}: a zero tangent or cotangent absorbs the infinite slope`, () => {
      const at = d(x)
      const zero = mul(at, 0)
      const nothing = d(Array.isArray(x) ? x.map(() => 0) : 0)
      const [y, tangent] = jvp(f, [at], [nothing])
      const back = (vjp(f, at)[1](mul(zero.rank === y.rank ? nothing : d(0), 1)) as Tensor[])[0]!
      for (const v of [...tangent.toTypedArray(), ...back.toTypedArray()]) expect(Math.abs(v)).toBe(0)
      // The second derivative of 0·f is 0 as well.
      const masked = (v: Tensor): Tensor => sum(strongMul(d(0), f(v))) as Tensor
      const second = grad((v: Tensor) => sum(grad(masked)(v)))(at)
      for (const v of second.toTypedArray()) expect(Math.abs(v)).toBe(0)
    })

  test('masking keeps mixed second derivatives: ∂²(y√x)/∂y∂x = 1/4 at y = 0, x = 4', () => {
    const inX = (x: Tensor, y: Tensor) => grad((v: Tensor) => mul(y, sqrt(v)) as Tensor)(x)
    expect(grad((y: Tensor) => inX(d(4), y))(d(0)).item()).toBe(0.25)
  })
})

test('2. an explicit zero tangent gives what an absent one gives, at singular points too', () => {
  const f = (x: Tensor, y: Tensor): Tensor => add(mul(y, y), mul(sqrt(x), y)) as Tensor
  const absent = jvp((y: Tensor) => f(d(0), y), [d(2)], [d(1)])[1].item()
  expect(jvp(f, [d(0), d(2)], [d(0), d(1)])[1].item()).toBe(absent)
  expect(absent).toBe(4)
})

test('3. rules that reuse their output are right at higher orders', () => {
  const times = (f: (x: Tensor) => Tensor) => (x: Tensor) => mul(x, f(x)) as Tensor
  const s = 1 / (1 + Math.exp(-1))
  const t = Math.tanh(1)
  expect(derivative(times(exp), 1, 2)).toBeCloseTo(3 * Math.E, 12)
  expect(derivative(times(tanh), 1, 2)).toBeCloseTo(2 * (1 - t * t) - 2 * t * (1 - t * t), 13)
  expect(derivative(times(sigmoid), 1, 2)).toBeCloseTo(2 * s * (1 - s) + s * (1 - s) * (1 - 2 * s), 13)
  expect(derivative(times(sqrt), 4, 2)).toBeCloseTo(3 / 8, 13)
})

test('4. seventy thousand ties are counted', () => {
  const g = grad((x: Tensor) => max(x) as Tensor)(ones([70000]) as Tensor)
  expect(g.toTypedArray()[69999]).toBe(Math.fround(1 / 70000))
})

test('5. gradients of broadcast operands are summed over the copies', () => {
  const [a, b] = slopes((x, y) => maximum(x!, y!), [[1], [4]], [2, 3, 3])
  expect(a).toEqual([[0], [3]])
  expect(b).toEqual([1, 1, 1])
  const [p, q] = slopes((x, y) => sub(x!, y!), [[1, 2, 3]], 5)
  expect([p, q]).toEqual([[[1, 1, 1]], -3])
})

test('6. tails keep relative accuracy', () => {
  const ratio = (got: number, want: number) => expect(got / want).toBeCloseTo(1, 6)
  ratio(derivative(tanh, 10), 1 / Math.cosh(10) ** 2)
  ratio(derivative(sigmoid, 40), Math.exp(-40))
  ratio(derivative(sigmoid, -700), Math.exp(-700))
  ratio(derivative(softplus, -100), Math.exp(-100))
  ratio(derivative(logSigmoid, 100), Math.exp(-100))
  expect(derivative(logSigmoid, -100)).toBe(1)
  ratio(log1p(d(1e-20)).item(), 1e-20)
  ratio(expm1(d(1e-20)).item(), 1e-20)
})

describe('7. powers', () => {
  test('slope in the base is 0 where the exponent is 0', () => {
    for (const x of [0, 2]) expect(slopes((a, b) => pow(a!, b!), x, 0)[0]).toBe(0)
  })
  test('slope in the exponent at base 0: 0, and -∞ for negative exponents', () => {
    expect(slopes((a, b) => pow(a!, b!), 0, 2)[1]).toBe(0)
    expect(slopes((a, b) => pow(a!, b!), 0, 0)[1]).toBe(0)
    expect(slopes((a, b) => pow(a!, b!), 0, -1)[1]).toBe(-inf)
  })
  test('whole exponents at 0 and at negative bases, at every order', () => {
    expect(derivative((x) => pow(x, 2), 0, 1)).toBe(0)
    expect(derivative((x) => pow(x, 2), 0, 2)).toBe(2)
    expect(derivative((x) => pow(x, 2), 0, 3)).toBe(0)
    expect(derivative((x) => pow(x, 1), 0, 1)).toBe(1)
    expect(derivative((x) => pow(x, 1), 0, 2)).toBe(0)
    expect(derivative((x) => pow(x, 3), -2, 1)).toBe(12)
    expect(derivative((x) => pow(x, d(2)), 0, 2)).toBe(2)
    expect(derivative((x) => pow(x, d(1)), 0, 2)).toBe(0)
  })
  test('the mixed second derivative where the exponent is 0 is 1/x', () => {
    const inX = (y: Tensor) => grad((x: Tensor) => pow(x, y) as Tensor)(d(4))
    expect(derivative(inX, 0)).toBe(0.25)
  })
})

test('8. logsumexp and logaddexp at large and infinite arguments', () => {
  expect(slope((x) => logsumexp(x), [1000, 1000])).toEqual([0.5, 0.5])
  expect(slope((x) => logsumexp(x), [-inf, 0])).toEqual([0, 1])
  expect(logaddexp(d(-inf), d(-inf)).item()).toBe(-inf)
  expect(logaddexp(d(inf), d(inf)).item()).toBe(inf)
  expect(logaddexp(d(1000), d(1000)).item()).toBeCloseTo(1000 + Math.LN2, 10)
  for (const g of slopes((a, b) => logaddexp(a!, b!), -inf, -inf)) expect(Number.isFinite(g)).toBe(true)
})

test('9. softmax and cross-entropy with impossible classes', () => {
  const s = softmax(d([0.5, -1, 2])).toTypedArray()
  const t = [0.25, 1, -0.5]
  const dot = t.reduce((p, v, i) => p + v * s[i]!, 0)
  const tangent = jvp((x: Tensor) => softmax(x) as Tensor, [d([0.5, -1, 2])], [d(t)])[1].toTypedArray()
  for (const [i, v] of t.entries()) expect(tangent[i]).toBeCloseTo(s[i]! * (v - dot), 14)
  expect(slope((x) => mul(softmax(x), d([1, 2])), [-inf, 0])).toEqual([0, 0])
  const crossEntropy = (x: Tensor) => strongMul(d([0, 0.5, 0.5]), logSoftmax(x))
  expect(crossEntropy(d([-inf, 0, 0])).toArray()).toEqual([0, -0.5 * Math.LN2, -0.5 * Math.LN2])
  expect(slope(crossEntropy, [-inf, 0, 0])).toEqual([0, 0, 0])
  expect(xlogy(d(0), d(0)).item()).toBe(0)
  expect(slopes((x, y) => xlogy(x!, y!), 0, 2)).toEqual([Math.LN2, 0])
})

test('10. products divide by nothing', () => {
  const x = d([
    [0, 2, 3],
    [1, -2, 0.5],
  ])
  const f = (v: Tensor): Tensor => prod(v, { axis: 1 }) as Tensor
  expect(slope(f, x.toArray())).toEqual([
    [6, 0, 0],
    [-1, 0.5, -2],
  ])
})

test('12. sort and topK carry their gradients to where the entries came from', () => {
  expect(slope((x) => mul(sort(x), d([1, 10, 100])), [3, 1, 2])).toEqual([100, 1, 10])
  expect(slope((x) => mul(topK(x, 2).values, d([1, 10])), [3, 1, 2])).toEqual([1, 0, 10])
})

test('13. running sums, products and maxima', () => {
  expect(slope((x) => mul(cumsum(x), d([1, 10, 100])), [1, 2, 3])).toEqual([111, 110, 100])
  const x = d([0.5, -1.5, 2, 0.25])
  const f = (v: Tensor): Tensor => mul(cumprod(v), d([1, 2, 3, 4])) as Tensor
  const want = numeric(f, x)
  const got = slope(f, x.toArray()) as number[]
  for (const [i, g] of got.entries()) expect(g).toBeCloseTo(want[i]!, 9)
  expect(slope((v) => cummax(v), [1, 3, 2, 5])).toEqual([1, 2, 0, 1])
})

test('18. tensors are values: what they give out is a copy', () => {
  const x = tensor([1, 2])
  x.toTypedArray()[0] = 9
  expect(x.toArray()).toEqual([1, 2])
  const own = Float64Array.of(1, 2)
  const y = tensor(own)
  own[0] = 9
  expect(y.toArray()).toEqual([1, 2])
})

test('19. negative zero is zero', () => {
  expect(Math.abs(slope(abs, -0) as number)).toBe(0)
  expect(slope(relu, -0)).toBe(0)
  expect(slopes((x, y) => maximum(x!, y!), -0, 0)).toEqual([0.5, 0.5])
  expect(slope(sqrt, -0)).toBe(-inf)
})

test('20. an error while tracing leaves nothing behind', () => {
  for (let i = 0; i < 3; i++)
    expect(() =>
      grad((x: Tensor) => {
        grad((y: Tensor) => {
          if (i >= 0) throw new Error('mine')
          return mul(x, y) as Tensor
        })(x)
        return x
      })(d(1)),
    ).toThrow('mine')
  expect(
    grad((x: Tensor) => mul(x, grad((y: Tensor) => add(x, y) as Tensor)(d(1))) as Tensor)(d(1)).item(),
  ).toBe(1)
})
