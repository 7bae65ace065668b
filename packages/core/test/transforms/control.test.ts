import {
  abs,
  add,
  cond,
  div,
  foriLoop,
  grad,
  greater,
  jvp,
  less,
  logicalNot,
  mul,
  neg,
  scan,
  sin,
  sqrt,
  square,
  sum,
  type Tensor,
  take,
  tensor,
  vmap,
  where,
  whileLoop,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'

const f64 = (x: number | readonly number[]): Tensor => tensor(x, { dtype: 'float64' }) as Tensor
type Fn = (x: Tensor) => Tensor

/** Fourth-order central difference. */
const slope = (f: Fn, x: number, h = 1e-3): number => {
  const at = (d: number) => f(f64(x + d)).item()
  return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
}

const loops: Record<string, { readonly f: Fn; readonly at: readonly number[] }> = {
  scan: {
    f: (x) =>
      scan((c: Tensor, a: Tensor) => [mul(c, sin(mul(a, x))) as Tensor, c] as const, x, f64([1, 2, 3]))[0],
    at: [0.7, -0.4],
  },
  'scan, results': {
    f: (x) =>
      scan(
        (c: Tensor, y: Tensor) => [add(c, mul(y, y)) as Tensor, c] as const,
        f64(0),
        scan(
          (c: Tensor, a: Tensor) => [mul(c, a) as Tensor, sin(mul(c, x))] as const,
          x,
          f64([1, 2, 3]),
        )[1] as Tensor,
      )[0],
    at: [0.7, -0.4],
  },
  'scan, reversed': {
    f: (x) =>
      scan((c: Tensor, a: Tensor) => [add(mul(c, x), sin(a)) as Tensor, c] as const, x, f64([1, 2, 3]), {
        reverse: true,
      })[0],
    at: [0.7],
  },
  'scan in scan': {
    f: (x) =>
      scan(
        (c: Tensor, a: Tensor) =>
          [
            scan(
              (d: Tensor, b: Tensor) => [mul(d, sin(add(mul(a, b), x))) as Tensor, b] as const,
              c,
              f64([1, 2]),
            )[0],
            a,
          ] as const,
        x,
        f64([1, 3]),
      )[0],
    at: [0.7],
  },
  whileLoop: {
    f: (x) =>
      whileLoop(
        (v: Tensor) => less(v, 100),
        (v: Tensor) => mul(v, add(2, sin(x))) as Tensor,
        x,
      ),
    at: [3, 1.5],
  },
  'while in while': {
    f: (x) =>
      whileLoop(
        ({ v }: { v: Tensor; n: Tensor }) => less(v, 50),
        ({ v, n }: { v: Tensor; n: Tensor }) => ({
          v: add(
            v,
            whileLoop(
              (w: Tensor) => less(w, 4),
              (w: Tensor) => mul(w, 1.5) as Tensor,
              x,
            ),
          ) as Tensor,
          n: add(n, 1) as Tensor,
        }),
        { v: square(x) as Tensor, n: tensor(0, { dtype: 'int32' }) as Tensor },
      ).v,
    at: [3.1],
  },
  foriLoop: { f: (x) => foriLoop(5, (i: Tensor, s: Tensor) => mul(s, add(x, i)) as Tensor, x), at: [1.5] },
  'foriLoop, traced count': {
    f: (x) =>
      foriLoop(
        tensor(4, { dtype: 'int32' }) as Tensor,
        (i: Tensor, s: Tensor) => mul(s, add(x, i)) as Tensor,
        x,
      ),
    at: [1.5],
  },
  cond: {
    f: (x) =>
      cond(
        less(x, 0),
        (v: Tensor) => neg(v) as Tensor,
        (v: Tensor) => mul(v, square(v)) as Tensor,
        x,
      ),
    at: [3, -3],
  },
  'a branch on a known value': {
    f: (x) => (x.item() > 0 ? (mul(x, x) as Tensor) : (neg(x) as Tensor)),
    at: [3, -3],
  },
}

describe.each(Object.entries(loops))('%s', (_, { f, at }) => {
  const d1: Fn = (x) => grad(f)(x)
  const d2: Fn = (x) => grad(d1)(x)
  test.each(at)('derivatives of three orders at %d', (x) => {
    const close = (a: number, b: number, digits: number) =>
      expect(Math.abs(a - b) / Math.max(1, Math.abs(b))).toBeLessThan(10 ** -digits)
    close(d1(f64(x)).item(), slope(f, x), 9)
    close(jvp(f, [f64(x)], [f64(1)])[1].item(), d1(f64(x)).item(), 13)
    close(d2(f64(x)).item(), slope(d1, x), 8)
    close(jvp(d1, [f64(x)], [f64(1)])[1].item(), d2(f64(x)).item(), 12)
    close(grad(d2)(f64(x)).item(), slope(d2, x), 7)
  })
  test('vmap is a loop, of the value and of the gradient', () => {
    if (_ === 'a branch on a known value') {
      expect(() => vmap(f)(f64([1, 2]))).toThrow(
        /the branch on a traced value in control\.test\.ts:\d+ cannot be compiled: under vmap its value is not known/,
      )
      return
    }
    const xs = [...at, 0.9]
    expect(vmap(f)(f64(xs)).toArray()).toEqual(xs.map((x) => f(f64(x)).item()))
    const batched = vmap(d1)(f64(xs)).toArray() as number[]
    xs.forEach((x, i) => {
      expect(batched[i]).toBeCloseTo(d1(f64(x)).item(), 10)
    })
  })
})

test('a masked branch contributes nothing, at either order', () => {
  const f: Fn = (x) => where(greater(x, 0), sqrt(x), 0)
  expect(grad(f)(f64(0)).item()).toBe(0)
  expect(grad((x: Tensor) => grad(f)(x))(f64(0)).item()).toBe(0)
})

describe('under vmap an example meets only what it would have met alone', () => {
  const table = f64([10, 20, 30])
  const i32 = (x: number | readonly number[]): Tensor => tensor(x, { dtype: 'int32' }) as Tensor
  test('cond: no index out of range in the branch not taken, no NaN in its gradient', () => {
    const pick = (i: Tensor): Tensor =>
      cond(
        less(i, 3),
        (k: Tensor) => take(table, k),
        () => f64(-1),
        i,
      )
    expect(vmap(pick)(i32([2, 7, 0])).toArray()).toEqual([30, -1, 10])
    expect(vmap(pick)(i32([7, 8])).toArray()).toEqual([-1, -1])
    const root: Fn = (x) =>
      cond(
        less(0, x),
        (v: Tensor) => div(1, sqrt(v)),
        (v: Tensor) => neg(v),
        x,
      )
    expect(vmap(grad(root))(f64([4, -1, 0])).toArray()).toEqual([-1 / 16, -1, -1])
    expect(grad((x: Tensor) => sum(vmap(root)(x)))(f64([4, -1, 0])).toArray()).toEqual([-1 / 16, -1, -1])
  })
  test('whileLoop: an example that has finished reads nothing out of range', () => {
    const total = (n: Tensor): Tensor =>
      whileLoop(
        ({ i }: { i: Tensor; s: Tensor }) => less(i, n),
        ({ i, s }: { i: Tensor; s: Tensor }) => ({ i: add(i, 1), s: add(s, take(table, i)) }),
        { i: i32(0), s: f64(0) },
      ).s
    expect(vmap(total)(i32([3, 0, 1])).toArray()).toEqual([60, 0, 10])
  })
  test('a loop in a branch ends although it would not for the examples of the other', () => {
    const f: Fn = (x) =>
      cond(
        less(0, x),
        (v: Tensor) =>
          whileLoop(
            (w: Tensor) => less(w, 10),
            (w: Tensor) => mul(2, w),
            v,
          ),
        (v: Tensor) => v,
        x,
      )
    expect(vmap(f)(f64([3, -1, 0])).toArray()).toEqual([12, -1, 0])
  })
})

test('reverse mode through 5,000 steps needs no more slots than it has', () => {
  const f: Fn = (x) =>
    foriLoop(
      tensor(5000, { dtype: 'int32' }) as Tensor,
      (_: Tensor, s: Tensor) => add(mul(s, 0.999), mul(x, 0.001)) as Tensor,
      x,
    )
  expect(grad(f)(f64(2)).item()).toBeCloseTo(1, 10)
})

describe('errors', () => {
  test.each([
    [
      'cond: other shapes',
      () =>
        cond(
          true,
          () => f64(1),
          () => f64([1]),
        ),
      /cond: one branch returns float64\[\], the other float64\[1\]/,
    ],
    [
      'cond: other trees',
      () =>
        cond(
          true,
          (): unknown => ({ a: f64(1) }),
          (): unknown => f64(1),
        ),
      /cond: the branches: the trees have different structures/,
    ],
    [
      'scan: a carry that changes',
      () =>
        scan((c: Tensor, x: Tensor) => [vmap((_: Tensor) => c)(f64([1, 2])), x] as const, f64(1), f64([1])),
      /scan: the carry starts as float64\[\] and becomes float64\[2\]/,
    ],
    [
      'while: a vector test',
      () =>
        whileLoop(
          (v: Tensor) => less(v, 1),
          (v: Tensor) => v,
          f64([1, 2]),
        ),
      /whileLoop: the test returned shape \[2\]/,
    ],
    [
      'while: a state that stays as it is',
      () =>
        whileLoop(
          (v: Tensor) => logicalNot(less(abs(v), 1e-3)) as Tensor,
          (v: Tensor) => mul(v, 0.5) as Tensor,
          f64(Number.NaN),
        ),
      /would never end.* The state has NaN in it/,
    ],
    [
      'foriLoop: a fraction',
      () => foriLoop(1.5, (_: Tensor, s: Tensor) => s, f64(1)),
      /non-negative integer, not 1.5/,
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
