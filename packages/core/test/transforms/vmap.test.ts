import {
  add,
  checkpoint,
  customVjp,
  defineOp,
  exp,
  grad,
  jvp,
  matmul,
  mul,
  sin,
  square,
  sum,
  type Tensor,
  tensor,
  tree,
  vmap,
  zeros,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'

const f64 = (x: number | readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(x, { dtype: 'float64' }) as Tensor
const list = (t: Tensor) => t.toArray() as number[]

describe('axes', () => {
  const a = f64([
    [1, 2, 3],
    [4, 5, 6],
  ])
  test('inAxes chooses the mapped axis, outAxes where it goes', () => {
    expect(vmap((r: Tensor) => sum(r), { inAxes: 1 })(a).toArray()).toEqual([5, 7, 9])
    expect(vmap((r: Tensor) => mul(r, 2), { inAxes: -1, outAxes: 1 })(a).toArray()).toEqual(
      mul(a, 2).toArray(),
    )
    expect(vmap((r: Tensor) => mul(r, 2), { outAxes: -1 })(a).shape).toEqual([3, 2])
  })
  test('null shares an argument, trees of axes follow the argument', () => {
    const f = (p: { w: Tensor; b: Tensor }, x: Tensor) => add(matmul(x, p.w), p.b) as Tensor
    const p = { w: f64([1, 2, 3]), b: f64([10, 20]) }
    expect(vmap(f, { inAxes: [{ w: null, b: 0 }, 0] })(p, a).toArray()).toEqual([24, 52])
    expect(
      vmap((x: Tensor, y: Tensor) => add(x, y), { inAxes: [0, null] })(f64([1, 2]), f64(10)).toArray(),
    ).toEqual([11, 12])
  })
  test('trees of results, and results that do not depend on the mapped axis', () => {
    const out = vmap((x: Tensor) => ({ twice: mul(x, 2), same: f64(7) }), {
      outAxes: { twice: 0, same: null },
    })(f64([1, 2]))
    expect(tree.map((t: Tensor) => t.toArray(), out)).toEqual({ twice: [2, 4], same: 7 })
    expect(vmap((_: Tensor) => f64(7))(f64([1, 2])).toArray()).toEqual([7, 7])
  })
  test('nests', () => {
    const outer = vmap((x: Tensor) => vmap((y: Tensor) => mul(x, y))(f64([1, 10])))(f64([1, 2, 3]))
    expect(outer.toArray()).toEqual([
      [1, 10],
      [2, 20],
      [3, 30],
    ])
  })
  test.each([
    [
      'the wrong number of axes',
      () => vmap((x: Tensor) => x, { inAxes: [0, 0] })(f64([1])),
      /inAxes has 2 entries for 1 arguments/,
    ],
    [
      'nothing mapped',
      () => vmap((x: Tensor) => x, { inAxes: [null] })(f64([1])),
      /no argument has a mapped axis/,
    ],
    [
      'a missing axis',
      () => vmap((x: Tensor) => x)(f64(1)),
      /vmap: axis 0 does not exist in a tensor of rank 0/,
    ],
    [
      'a spec that does not follow',
      () => vmap((x: Tensor) => x, { inAxes: [[0, 0]] })(f64([1])),
      /inAxes does not follow the tree/,
    ],
    [
      'a mapped result declared shared',
      () => vmap((x: Tensor) => x, { outAxes: null })(f64([1])),
      /outAxes is null for a result that depends/,
    ],
  ])('refuses %s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})

// Derivatives of a mapped function: the rule is met after batching. Rules are marked by a factor 10.
describe('rules survive vmap', () => {
  const forward = defineOp({
    name: 'forward',
    expand: (x: Tensor, y: Tensor) => mul(sin(x), y) as Tensor,
    jvp: ([x, y], [t, u]) => mul(10, add(mul(t, mul(exp(x), y)), mul(u, sin(x)))) as Tensor,
  })
  const reverse = defineOp({
    name: 'reverse',
    expand: (x: Tensor, y: Tensor) => mul(sin(x), y) as Tensor,
    vjp: ([x, y], ct) => [mul(10, mul(ct, mul(exp(x), y))) as Tensor, mul(10, mul(ct, sin(x))) as Tensor],
  })
  const fnReverse = customVjp(
    (x: Tensor, y: Tensor) => mul(sin(x), y) as Tensor,
    (x, y) => [mul(sin(x), y) as Tensor, [x, y]] as const,
    ([x, y], ct) => [mul(10, mul(ct, mul(exp(x!), y!))), mul(10, mul(ct, sin(x!)))],
  )
  const xs = [0.5, -0.25, 1]
  const y = 3
  test.each([
    ['jvp', forward],
    ['vjp', reverse],
    ['customVjp', fnReverse],
  ])('%s', (_, op) => {
    const total = (x: Tensor, s: Tensor): Tensor => sum(vmap((v: Tensor) => op(v, s))(x))
    const [gx, gy] = grad(total, { argnums: [0, 1] })(f64(xs), f64(y))
    list(gx).forEach((g, i) => {
      expect(g).toBeCloseTo(10 * Math.exp(xs[i]!) * y, 10)
    })
    // The operand that the examples share collects the cotangents of all of them.
    expect(gy.item()).toBeCloseTo(10 * xs.reduce((s, x) => s + Math.sin(x), 0), 10)
    const nested = grad((x: Tensor) => sum(vmap((r: Tensor) => vmap((v: Tensor) => op(v, f64(y)))(r))(x)))(
      f64([xs, xs]),
    )
    expect((nested.toArray() as number[][])[1]).toEqual(list(gx))
  })
  test('jvp rules in forward mode, and at second order', () => {
    const f = (x: Tensor): Tensor => vmap((v: Tensor) => forward(v, f64(y)))(x)
    list(jvp(f, [f64(xs)], [f64([1, 1, 1])])[1]).forEach((t, i) => {
      expect(t).toBeCloseTo(10 * Math.exp(xs[i]!) * y, 10)
    })
    const second = grad((x: Tensor) => sum(grad((z: Tensor) => sum(f(z)))(x)))(f64(xs))
    list(second).forEach((t, i) => {
      expect(t).toBeCloseTo(10 * Math.exp(xs[i]!) * y, 10)
    })
  })
  test('a forward pass of a reverse-only rule differentiates the meaning', () => {
    const f = (x: Tensor): Tensor => vmap((v: Tensor) => reverse(v, f64(y)))(x)
    list(jvp(f, [f64(xs)], [f64([1, 1, 1])])[1]).forEach((t, i) => {
      expect(t).toBeCloseTo(Math.cos(xs[i]!) * y, 10)
    })
  })
  test('a linear operation uses its transpose', () => {
    const double = defineOp({
      name: 'double',
      expand: (x: Tensor) => mul(2, x) as Tensor,
      transpose: (ct) => [mul(20, ct) as Tensor],
    })
    expect(grad((x: Tensor) => double(x))(f64(1)).item()).toBe(20)
    expect(grad((x: Tensor) => sum(vmap((v: Tensor) => double(v))(x)))(f64([1, 2])).toArray()).toEqual([
      20, 20,
    ])
    expect(jvp((x: Tensor) => double(x), [f64(1)], [f64(1)])[1].item()).toBe(2)
  })
  test('a batch rule of its own is used', () => {
    const marked = defineOp({
      name: 'marked',
      expand: (x: Tensor) => square(x) as Tensor,
      batch: ([x]) => mul(100, x) as Tensor,
    })
    expect(vmap((x: Tensor) => marked(x))(f64([1, 2])).toArray()).toEqual([100, 200])
  })
  test('checkpoint, differentiated after batching', () => {
    const body = (x: Tensor): Tensor => mul(sin(exp(x)), x) as Tensor
    const kept = (x: Tensor): Tensor => sum(vmap(checkpoint(body))(x))
    const plain = (x: Tensor): Tensor => sum(vmap(body)(x))
    expect(grad(kept)(f64(xs)).toArray()).toEqual(grad(plain)(f64(xs)).toArray())
    const second = (f: (x: Tensor) => Tensor) => list(grad((x: Tensor) => sum(grad(f)(x)))(f64(xs)))
    second(plain).forEach((v, i) => {
      expect(second(kept)[i]).toBeCloseTo(v, 10)
    })
  })
})

test('per-example gradients', () => {
  const loss = (w: Tensor, x: Tensor): Tensor => sum(square(matmul(x, w)))
  const per = vmap(grad(loss), { inAxes: [null, 0] })(
    f64([1, 2]),
    f64([
      [1, 0],
      [0, 1],
      [1, 1],
    ]),
  )
  expect(per.toArray()).toEqual([
    [2, 0],
    [0, 4],
    [6, 6],
  ])
  expect(zeros([0]).size).toBe(0)
})
