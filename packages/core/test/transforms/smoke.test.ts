import { expect, test } from 'vitest'
import { add, abs, cond, exp, foriLoop, grad, jvp, less, linearize, mul, neg, scan, sin, square, sub, tensor, type Tensor, vmap, vjp, whileLoop, where, sqrt, greater, maximum, relu, div, atan2, hypot } from '@cotangent/core'
const d = (x: any) => tensor(x, { dtype: 'float64' }) as Tensor
test('grad', () => {
  expect(grad((x: Tensor) => mul(x, exp(x)))(tensor(1)).item()).toBeCloseTo(5.43656, 4)
  expect(grad((x: Tensor) => grad((y: Tensor) => mul(y, exp(y)))(x))(tensor(1)).item()).toBeCloseTo(8.15485, 4)
  expect(grad((x: Tensor) => mul(x, grad((y: Tensor) => add(x, y))(tensor(1))))(tensor(1)).item()).toBe(1)
})
test('where', () => {
  const f = (x: Tensor) => where(greater(x, 0), sqrt(x), 0)
  expect(grad(f as any)(d(0) as any)).toMatchObject({})
  expect((grad(f as any)(d(0)) as any).item()).toBe(0)
  expect(grad((x: Tensor) => grad((z: Tensor) => f(z))(x))(d(0)).item()).toBe(0)
})
test('cond', () => {
  const f = (x: Tensor) => cond(less(x, 0), (v: Tensor) => neg(v), (v: Tensor) => square(v), x)
  expect(grad(f)(d(3)).item()).toBe(6)
  expect(grad(f)(d(-3)).item()).toBe(-1)
  expect(grad((y: Tensor) => grad(f)(y))(d(3)).item()).toBe(2)
  expect(vmap(grad(f))(d([3, -3])).toArray()).toEqual([6, -1])
  expect(jvp(f, [d(3)], [d(2)])[1].item()).toBe(12)
})
test('scan', () => {
  const f = (x: Tensor) => scan((c: Tensor, a: Tensor) => [mul(c, sin(mul(a, x))), c] as const, x, d([1, 2, 3]))[0]
  const num = (g: any, x: number, h = 1e-5) => (g(d(x + h)).item() - g(d(x - h)).item()) / (2 * h)
  expect(grad(f)(d(0.7)).item()).toBeCloseTo(num(f, 0.7), 7)
  expect(jvp(f, [d(0.7)], [d(1)])[1].item()).toBeCloseTo(num(f, 0.7), 7)
  expect(grad((y: Tensor) => grad(f)(y))(d(0.7)).item()).toBeCloseTo(num(grad(f), 0.7), 7)
  expect(grad((z: Tensor) => grad((y: Tensor) => grad(f)(y))(z))(d(0.7)).item()).toBeCloseTo(num(grad((y: Tensor) => grad(f)(y)), 0.7), 6)
  expect(vmap(grad(f))(d([0.7, 0.2])).toArray()).toEqual([grad(f)(d(0.7)).item(), grad(f)(d(0.2)).item()])
})
test('while', () => {
  const f = (x: Tensor) => whileLoop((v: Tensor) => less(v, 100), (v: Tensor) => mul(v, add(v, sin(x))), x)
  const num = (g: any, x: number, h = 1e-5) => (g(d(x + h)).item() - g(d(x - h)).item()) / (2 * h)
  expect(grad(f)(d(3)).item()).toBeCloseTo(num(f, 3), 4)
  expect(jvp(f, [d(3)], [d(1)])[1].item()).toBeCloseTo(num(f, 3), 4)
  expect(grad((y: Tensor) => grad(f)(y))(d(3)).item() / num(grad(f), 3)).toBeCloseTo(1, 6)
  expect(vmap(grad(f))(d([3, 1.5])).toArray()).toEqual([grad(f)(d(3)).item(), grad(f)(d(1.5)).item()])
  const g = (x: Tensor) => foriLoop(5, (i: Tensor, s: Tensor) => mul(s, add(x, i)), x)
  expect(grad(g)(d(1.5)).item()).toBeCloseTo(num(g, 1.5), 4)
})
test('branch by value', () => {
  expect(grad((x: Tensor) => ((x as any) > 0 ? mul(x, x) : neg(x)))(d(3)).item()).toBe(6)
})
