import {
  add,
  checkpoint,
  cond,
  customJvp,
  customVjp,
  defineOp,
  div,
  exp,
  grad,
  hessian,
  hvp,
  jacobian,
  jit,
  jvp,
  less,
  linearize,
  log,
  mul,
  neg,
  reciprocal,
  scan,
  sin,
  sqrt,
  square,
  strongMul,
  sum,
  type Tensor,
  tag,
  tensor,
  tree,
  valueAndGrad,
  vjp,
  vmap,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'

const f64 = (x: number | readonly number[]): Tensor => tensor(x, { dtype: 'float64' }) as Tensor

describe('defineOp', () => {
  // A deliberately scaled rule shows which rule was used: 3·x² times 10.
  const marked = defineOp({
    name: 'marked',
    expand: (x: Tensor) => mul(x, mul(x, x)) as Tensor,
    jvp: ([x], [t]) => mul(mul(30, square(x)), t) as Tensor,
  })
  test('the given rule is used in both modes, under vmap, and at every order', () => {
    expect(grad((x: Tensor) => marked(x))(f64(2)).item()).toBe(120)
    expect(jvp((x: Tensor) => marked(x), [f64(2)], [f64(1)])[1].item()).toBe(120)
    expect(vmap(grad((x: Tensor) => marked(x)))(f64([1, 2])).toArray()).toEqual([30, 120])
    expect(
      vmap((x: Tensor) => grad((y: Tensor) => grad((z: Tensor) => marked(z))(y))(x))(f64([2])).toArray(),
    ).toEqual([120])
    expect(grad((x: Tensor) => grad((y: Tensor) => marked(y))(x))(f64(2)).item()).toBe(120)
  })
  test('absent rules derive from the meaning', () => {
    const cube = defineOp({ name: 'cube', expand: (x: Tensor) => mul(x, mul(x, x)) as Tensor })
    expect(grad((x: Tensor) => cube(x))(f64(2)).item()).toBe(12)
    expect(grad((x: Tensor) => grad((y: Tensor) => cube(y))(x))(f64(2)).item()).toBe(12)
  })
  const reversed = defineOp({
    name: 'reversed',
    expand: (x: Tensor) => sin(x) as Tensor,
    vjp: ([x], ct) => [mul(ct, mul(10, sin(x))) as Tensor],
  })
  test('a reverse rule serves reverse mode and vmap; forward mode differentiates the meaning', () => {
    expect(grad((x: Tensor) => reversed(x))(f64(1)).item()).toBeCloseTo(10 * Math.sin(1), 12)
    expect(vmap(grad((x: Tensor) => reversed(x)))(f64([1, 2])).toArray()).toEqual([
      10 * Math.sin(1),
      10 * Math.sin(2),
    ])
    expect(jvp((x: Tensor) => reversed(x), [f64(1)], [f64(1)])[1].item()).toBeCloseTo(Math.cos(1), 12)
    expect(grad((x: Tensor) => grad((y: Tensor) => reversed(y))(x))(f64(1)).item()).toBeCloseTo(
      10 * Math.cos(1),
      12,
    )
  })
  test('a rule that returns the wrong shape says so', () => {
    const bad = defineOp({ name: 'bad', expand: (x: Tensor) => x, jvp: () => f64(1) })
    expect(() => jvp((x: Tensor) => bad(x), [f64([1, 2])], [f64([1, 1])])).toThrow(
      /bad: its jvp returned a tangent of shape \[\] for an output of shape \[2\]/,
    )
  })
  test('a meaning that captures an outer symbol is differentiated in it too', () => {
    const f = (a: Tensor) => {
      const scaled = defineOp({
        name: 'scaled',
        expand: (x: Tensor) => mul(a, x) as Tensor,
        jvp: (_, [t]) => mul(a, t) as Tensor,
      })
      return grad((x: Tensor) => mul(scaled(x), x))(f64(3)) as Tensor
    }
    expect(f(f64(2)).item()).toBe(12)
    expect(grad(f)(f64(2)).item()).toBe(6)
  })
})

describe('customVjp and customJvp', () => {
  test('residuals may be trees; cotangents may be null', () => {
    const f = customVjp(
      (p: { a: Tensor; b: Tensor }, n: Tensor) => mul(mul(p.a, p.b), n) as Tensor,
      (p, n) => [mul(mul(p.a, p.b), n) as Tensor, { p, n }] as const,
      ({ p, n }, ct) => [{ a: mul(ct, mul(p.b, n)), b: mul(ct, mul(p.a, n)) }, null],
    )
    const g = grad((p: { a: Tensor; b: Tensor }) => f(p, f64(2)))({ a: f64(3), b: f64(5) })
    expect(tree.map((x: Tensor) => x.item(), g)).toEqual({ a: 10, b: 6 })
    const batched = vmap(
      (a: Tensor) => grad((p: { a: Tensor; b: Tensor }) => f(p, f64(2)))({ a, b: f64(5) }).b,
    )(f64([1, 2]))
    expect(batched.toArray()).toEqual([2, 4])
  })
  test('log(1 + eˣ) with its stable rule, to third order', () => {
    const softplus: (x: Tensor) => Tensor = customJvp(
      (x: Tensor) => x,
      ([x], [t]) => [softplus(x), mul(t, div(1, add(1, exp(neg(x)))))] as const,
    )
    const d1 = grad((x: Tensor) => softplus(x))
    const d2 = grad((x: Tensor) => d1(x))
    const s = 1 / (1 + Math.exp(-0.5))
    expect(d1(f64(0.5)).item()).toBeCloseTo(s, 12)
    expect(d2(f64(0.5)).item()).toBeCloseTo(s * (1 - s), 12)
    expect(grad((x: Tensor) => d2(x))(f64(0.5)).item()).toBeCloseTo(s * (1 - s) * (1 - 2 * s), 12)
  })
})

describe('checkpoint', () => {
  const body = (x: Tensor): Tensor => mul(sin(exp(x)), add(sin(x), exp(mul(x, x)))) as Tensor
  test.each(['nothing', 'everything', 'dots', (n: { op: string }) => n.op === 'exp'] as const)(
    'gradients are bit-equal with policy %s',
    (policy) => {
      const plain = (x: Tensor) => square(body(x)) as Tensor
      const saved = (x: Tensor) => square(checkpoint(body, { policy })(x)) as Tensor
      const second = (f: (x: Tensor) => Tensor) => grad((x: Tensor) => grad(f)(x))
      for (const x of [-0.5, 0.25, 1]) {
        expect(grad(saved)(f64(x)).item()).toBe(grad(plain)(f64(x)).item())
        expect(second(saved)(f64(x)).item()).toBeCloseTo(second(plain)(f64(x)).item(), 10)
        expect(jvp(saved, [f64(x)], [f64(1)])[1].item()).toBe(jvp(plain, [f64(x)], [f64(1)])[1].item())
      }
      expect(vmap(grad(saved))(f64([0.1, 0.2])).toArray()).toEqual([
        grad(plain)(f64(0.1)).item(),
        grad(plain)(f64(0.2)).item(),
      ])
    },
  )
})

test('a policy may keep what was tagged, and it alone', () => {
  const asked: string[] = []
  const body = (x: Tensor): Tensor => sin(tag(exp(x), 'kept'))
  const policy = ({ tag: name }: { tag: string | undefined }) => {
    if (name !== undefined) asked.push(name)
    return name === 'kept'
  }
  expect(grad(checkpoint(body, { policy }))(f64(0.5)).item()).toBe(grad(body)(f64(0.5)).item())
  expect(asked).toContain('kept')
})

describe('jacobian and hessian', () => {
  const f = (x: Tensor): Tensor => mul(x, vmap((_: Tensor) => x)(f64([0, 0, 0]))) as Tensor // [3, 2] from [2]
  test('shape is that of the result, then that of the argument, in both modes', () => {
    const fwd = jacobian(f, { mode: 'fwd' })(f64([2, 3]))
    const rev = jacobian(f, { mode: 'rev' })(f64([2, 3]))
    expect(fwd.shape).toEqual([3, 2, 2])
    expect(fwd.toArray()).toEqual(rev.toArray())
    expect(fwd.toArray()).toEqual(
      [0, 1, 2].map(() => [
        [4, 0],
        [0, 6],
      ]),
    )
  })
  test('trees: the result outside, the argument inside', () => {
    const g = (p: { a: Tensor; b: Tensor }) => ({ y: mul(p.a, p.b) as Tensor, z: [neg(p.a) as Tensor] })
    for (const mode of ['fwd', 'rev'] as const) {
      const j = jacobian(g, { mode })({ a: f64([1, 2]), b: f64(3) })
      expect(tree.map((x: Tensor) => add(x, 0).toArray(), j)).toEqual({
        y: {
          a: [
            [3, 0],
            [0, 3],
          ],
          b: [1, 2],
        },
        z: [
          {
            a: [
              [-1, 0],
              [0, -1],
            ],
            b: [0, 0],
          },
        ],
      })
    }
  })
  test('hessian is symmetric and agrees with hvp', () => {
    const h = (x: Tensor): Tensor =>
      scan(
        (c: Tensor, _: Tensor) =>
          [mul(sin(c), add(c, vjp((v: Tensor) => sin(v) as Tensor, x)[0])) as Tensor, c] as const,
        x,
        f64([1, 2]),
      )[0]
    const scalar = (x: Tensor): Tensor => dotSelf(h(x))
    const H = hessian(scalar)(f64([0.5, -0.25])).toArray() as number[][]
    expect(H[0]![1]).toBeCloseTo(H[1]![0]!, 12)
    const hv = hvp(scalar, [f64([0.5, -0.25])], [f64([1, 2])]).toArray() as number[]
    expect(hv[0]).toBeCloseTo(H[0]![0]! + 2 * H[0]![1]!, 12)
    expect(hv[1]).toBeCloseTo(H[1]![0]! + 2 * H[1]![1]!, 12)
  })
})
const dotSelf = (v: Tensor): Tensor =>
  scan((c: Tensor, x: Tensor) => [add(c, square(x)) as Tensor, x] as const, f64(0), v)[0]

describe('grad', () => {
  test('argnums and aux', () => {
    const f = (a: Tensor, b: Tensor) => mul(a, square(b)) as Tensor
    expect(grad(f, { argnums: 1 })(f64(2), f64(3)).item()).toBe(12)
    expect(grad(f, { argnums: [0, 1] })(f64(2), f64(3)).map((g) => (g as Tensor).item())).toEqual([9, 12])
    const [[v, aux], g] = valueAndGrad((x: Tensor) => [square(x) as Tensor, { twice: mul(x, 2) }] as const, {
      hasAux: true,
    })(f64(3))
    expect([v.item(), aux.twice.item(), (g as Tensor).item()]).toEqual([9, 6, 6])
  })
  test('an unused argument has gradient zeros of its shape', () => {
    expect(grad((_: Tensor) => f64(1))(f64([1, 2])).toArray()).toEqual([0, 0])
  })
  test.each([
    [
      'a vector',
      () => grad((x: Tensor) => x)(f64([1, 2])),
      /grad: the function must return a scalar, not a tensor of shape \[2\]\. Use sum or mean/,
    ],
    ['shape [1]', () => grad((x: Tensor) => x)(f64([1])), /not a tensor of shape \[1\]/],
    [
      'an integer argument',
      () => grad((x: Tensor) => x)(tensor(1, { dtype: 'int32' }) as Tensor),
      /argument 0 is int32, which has no gradient/,
    ],
    [
      'a path in the message',
      () => grad((p: { w: Tensor }) => p.w)({ w: tensor(1, { dtype: 'int32' }) as Tensor }),
      /at w is int32/,
    ],
  ])('refuses %s', (_, run, message) => {
    expect(run).toThrow(message)
  })
  test('a leaked symbol is named', () => {
    let leaked: Tensor | undefined
    grad((x: Tensor) => {
      leaked = mul(x, x) as Tensor
      return x
    })(f64(1))
    expect(() => add(leaked!, 1)).toThrow(/a symbol of a finished grad is used outside of it/)
  })
  test('a throw in user code leaves nothing behind', () => {
    expect(() =>
      grad((_: Tensor): Tensor => {
        throw new Error('mine')
      })(f64(1)),
    ).toThrow('mine')
    expect(grad((x: Tensor) => square(x))(f64(3)).item()).toBe(6)
  })
})

describe('nesting', () => {
  const inner = (x: Tensor): Tensor =>
    cond(
      less(x, 1),
      (v: Tensor) => strongMul(v, sin(v)) as Tensor,
      (v: Tensor) => reciprocal(v) as Tensor,
      x,
    )
  test('grad of vmap equals vmap of grad', () => {
    const xs = f64([0.5, 2])
    const total = grad((v: Tensor) => dotOnes(vmap(inner)(v)))(xs).toArray()
    expect(total).toEqual(vmap(grad(inner))(xs).toArray())
  })
  test('linearize is jvp, many times', () => {
    const [, push] = linearize(inner, f64(0.5))
    for (const t of [1, -2]) expect(push(f64(t)).item()).toBe(jvp(inner, [f64(0.5)], [f64(t)])[1].item())
  })
  test('the pullback may be called again and gives the same bits', () => {
    const [, pull] = vjp(inner, f64(0.3))
    expect(pull(f64(1))[0].item()).toBe(pull(f64(1))[0].item())
  })
})
const dotOnes = (v: Tensor): Tensor =>
  scan((c: Tensor, x: Tensor) => [add(c, x) as Tensor, x] as const, f64(0), v)[0]

describe('a factor that is exactly 0 absorbs an infinite slope, in both modes', () => {
  const cases: Record<string, readonly [(x: Tensor) => Tensor, number, number]> = {
    'the root of a square': [(x) => sqrt(square(x)), 0, 0],
    'zero times a root': [(x) => mul(0, sqrt(x)), 0, 0],
    'x log x': [(x) => mul(x, log(x)), 0, Number.NEGATIVE_INFINITY],
    'a slope that is infinite stays so': [(x) => mul(2, sqrt(x)), 0, Number.POSITIVE_INFINITY],
    'a factor that is NaN stays so': [(x) => mul(x, Number.NaN), 1, Number.NaN],
  }
  test.each(Object.entries(cases))('%s', (_, [f, x, slope]) => {
    expect(grad(f)(f64(x)).item()).toBe(slope)
    expect(jvp(f, [f64(x)], [f64(1)])[1].item()).toBe(slope)
  })
  test('the norm of a vector, written by hand', () => {
    const norm = (x: Tensor): Tensor => sqrt(sum(square(x)))
    expect(grad(norm)(f64([0, 0])).toArray()).toEqual([0, 0])
    expect(
      grad((x: Tensor) => sum(grad((y: Tensor) => mul(norm(y), norm(y)))(x)))(f64([3, 4])).toArray(),
    ).toEqual([2, 2])
  })
  test('values keep IEEE semantics', () => {
    expect(mul(f64(0), Number.NaN).item()).toBeNaN()
    expect(jit((x: Tensor) => mul(x, 0))(f64(Number.NaN)).item()).toBeNaN()
  })
})
