import {
  abs,
  add,
  div,
  grad,
  implicitRoot,
  jacobian,
  jvp,
  less,
  linearSolve,
  mul,
  square,
  sub,
  type Tensor,
  tensor,
  tree,
  vmap,
  whileLoop,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'

const f64 = (x: number | readonly number[]): Tensor => tensor(x, { dtype: 'float64' }) as Tensor

// Newton's method for x² = a, by a loop of values and by a loop of the graph.
const newton = (x0: Tensor, a: Tensor): Tensor => {
  let x = x0
  while (abs(sub(square(x), a)).item() > 1e-13) x = mul(0.5, add(x, div(a, x))) as Tensor
  return x
}
const newtonLoop = (x0: Tensor, a: Tensor): Tensor =>
  whileLoop(
    (x: Tensor) => less(1e-13, abs(sub(square(x), a))),
    (x: Tensor) => mul(0.5, add(x, div(a, x))) as Tensor,
    x0,
  )

describe.each([
  ['values', newton],
  ['graph', newtonLoop],
] as const)('implicitRoot, solver in %s', (kind, solver) => {
  const root = implicitRoot((x: Tensor, a: Tensor) => sub(square(x), a) as Tensor, solver)
  const f = (a: Tensor): Tensor => root(f64(1), a)
  test('derivatives of √a to third order', () => {
    const d =
      (g: (a: Tensor) => Tensor) =>
      (a: Tensor): Tensor =>
        grad(g)(a)
    expect(f(f64(4)).item()).toBeCloseTo(2, 12)
    expect(d(f)(f64(4)).item()).toBeCloseTo(0.25, 12)
    expect(d(d(f))(f64(4)).item()).toBeCloseTo(-1 / 32, 12)
    expect(d(d(d(f)))(f64(4)).item()).toBeCloseTo(3 / 256, 12)
    expect(jvp(f, [f64(4)], [f64(2)])[1].item()).toBeCloseTo(0.5, 12)
  })
  test('the starting point has no gradient', () => {
    expect(grad((x0: Tensor) => root(x0, f64(4)))(f64(1)).item()).toBe(0)
  })
  if (kind === 'graph')
    test('under vmap', () => {
      const d = vmap(grad(f))(f64([1, 4, 16])).toArray() as number[]
      ;[0.5, 0.25, 0.125].forEach((v, i) => {
        expect(d[i]).toBeCloseTo(v, 12)
      })
    })
})

describe.each(['dense', 'cg'] as const)('linearSolve, %s', (method) => {
  // A(t) = [[2, t], [t, 3]] acting on a tree.
  const A = (t: Tensor) => (x: { u: Tensor; v: Tensor }) => ({
    u: add(mul(2, x.u), mul(t, x.v)) as Tensor,
    v: add(mul(t, x.u), mul(3, x.v)) as Tensor,
  })
  const solved = (t: Tensor, b: Tensor) => linearSolve(A(t), { u: b, v: f64(1) }, { method })
  test('solves trees', () => {
    const x = solved(f64(0.5), f64(1))
    expect(x.u.item()).toBeCloseTo(2.5 / 5.75, 10)
    expect(x.v.item()).toBeCloseTo(1.5 / 5.75, 10)
  })
  test('derivatives in the matrix and the right-hand side, of two orders', () => {
    const u = (t: Tensor, b: Tensor): Tensor => solved(t, b).u // (3b - t) / (6 - t²)
    const [t, b] = [0.5, 2]
    const q = 6 - t * t
    const [gt, gb] = grad(u, { argnums: [0, 1] })(f64(t), f64(b))
    expect(gt.item()).toBeCloseTo(-1 / q + ((3 * b - t) * 2 * t) / q ** 2, 9)
    expect(gb.item()).toBeCloseTo(3 / q, 9)
    const mixed = grad((x: Tensor) => grad((y: Tensor) => u(x, y))(f64(b)))(f64(t)).item()
    expect(mixed).toBeCloseTo((6 * t) / q ** 2, 9)
    expect(jvp((x: Tensor) => u(x, f64(b)), [f64(t)], [f64(1)])[1].item()).toBeCloseTo(gt.item(), 9)
  })
  test('vmap', () => {
    const us = vmap((t: Tensor) => grad((x: Tensor) => solved(x, f64(2)).u)(t))(
      f64([0.5, 1]),
    ).toArray() as number[]
    expect(us[1]).toBeCloseTo(-1 / 5 + 10 / 25, 9)
  })
})

test('an unsymmetric map is solved with its transpose in reverse mode', () => {
  const shear = (x: { u: Tensor; v: Tensor }) => ({
    u: add(x.u, mul(2, x.v)) as Tensor,
    v: mul(4, x.v) as Tensor,
  })
  const f = (b: { u: Tensor; v: Tensor }) => linearSolve(shear, b)
  const j = jacobian(f, { mode: 'rev' })({ u: f64(1), v: f64(1) })
  expect(tree.map((x: Tensor) => x.item() + 0, j)).toEqual({ u: { u: 1, v: -0.5 }, v: { u: 0, v: 0.25 } })
})

test('a map that changes shapes is refused', () => {
  expect(() => linearSolve((x: Tensor) => vmap((_: Tensor) => x)(f64([1, 2])), f64(1))).toThrow(
    /linearSolve: the map takes \[\] to \[2\]/,
  )
})
