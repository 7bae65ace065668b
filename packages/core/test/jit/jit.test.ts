import {
  add,
  checkpoint,
  cond,
  exp,
  grad,
  hessian,
  jit,
  jvp,
  less,
  linalg,
  matmul,
  mul,
  neg,
  norm,
  random,
  scan,
  sin,
  softmax,
  square,
  sum,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
  zeros,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'

type F = (x: Tensor) => Tensor
const bits = (t: Tensor) => [
  t.dtype,
  ...t.shape,
  ...Array.from(t.toTypedArray(), (v) => (Object.is(v, -0) ? '-0' : v)),
]
const x0 = tensor([0.5, -1.25, 2])

const programs: Record<string, F> = {
  'element-wise': (x) => mul(sin(exp(x)), add(x, 1)),
  'signed zeros': (x) => mul(mul(x, 0), 1),
  'not a number': (x) => mul(add(x, Number.POSITIVE_INFINITY), 0),
  softmax: (x) => softmax(mul(x, x)),
  norm: (x) => norm(x),
  matmul: (x) =>
    matmul(
      mul(
        x,
        tensor([
          [1, 2, 3],
          [4, 5, 6],
          [7, 8, 9],
        ]),
      ),
      x,
    ),
  cholesky: (x) =>
    linalg.cholesky(
      add(
        matmul(x.rank === 1 ? mul(x, zeros([3, 3])) : x, zeros([3, 3])),
        tensor([
          [2, 1, 0],
          [1, 2, 0],
          [0, 0, 1],
        ]),
      ),
    ),
  cond: (x) =>
    cond(
      less(sum(x), 0),
      (v: Tensor) => neg(v),
      (v: Tensor) => mul(v, exp(v)),
      x,
    ),
  scan: (x) =>
    scan((c: Tensor, a: Tensor) => [mul(c, sin(mul(a, c))), sum(c)] as const, x, tensor([1, 2, 3]))[0],
  while: (x) =>
    whileLoop(
      (v: Tensor) => less(sum(v), 20),
      (v: Tensor) => add(v, add(square(v), 1)),
      x,
    ),
  random: (x) => add(x, random.normal(random.key(3), [3])),
  checkpoint: (x) => grad((v: Tensor) => sum(checkpoint((u: Tensor) => sin(exp(u)))(v)))(x) as Tensor,
}

describe.each(Object.entries(programs))('jit of %s', (_, f) => {
  const total: F = (x) => sum(square(f(x)))
  const slope: F = (x) => grad(total)(x) as Tensor
  test('has the bits of the function', () => {
    const g = jit(f)
    expect(bits(g(x0))).toEqual(bits(f(x0)))
    expect(bits(g(x0))).toEqual(bits(f(x0)))
  })
  test('and so have its gradient, the compiled gradient, forward mode, vmap, and itself compiled again', () => {
    expect(bits(grad(jit(total))(x0) as Tensor)).toEqual(bits(slope(x0)))
    expect(bits(jit(slope)(x0))).toEqual(bits(slope(x0)))
    expect(bits(jvp(jit(f), [x0], [x0])[1] as Tensor)).toEqual(bits(jvp(f, [x0], [x0])[1] as Tensor))
    const xs = tensor([
      [0.5, -1.25, 2],
      [1, 0.25, 0.75],
    ])
    expect(bits(vmap(jit(f))(xs))).toEqual(bits(vmap(f)(xs)))
    expect(bits(jit(vmap(f))(xs))).toEqual(bits(vmap(f)(xs)))
    expect(bits(jit(jit(f))(x0))).toEqual(bits(f(x0)))
  })
})

test('second derivatives through jit', () => {
  const f = (x: Tensor) => sum(mul(softmax(x), exp(x)))
  expect(bits(jit((x: Tensor) => hessian(jit(f))(x) as Tensor)(x0))).toEqual(bits(hessian(f)(x0) as Tensor))
})

describe('the cache', () => {
  const counted = () => {
    let count = 0
    const f = jit((x: Tensor | { a: Tensor } | readonly Tensor[], k?: unknown) => {
      count++
      return k === undefined ? x : [x, zeros([1])]
    }, {})
    return { f, traces: () => count }
  }
  test('a program for each structure, shapes and dtypes', () => {
    const { f, traces } = counted()
    f(zeros([2]))
    f(tensor([5, 6]))
    expect([traces(), f.cacheSize()]).toEqual([1, 1])
    f(zeros([3]))
    f(zeros([2], 'float64'))
    f({ a: zeros([2]) })
    f([zeros([2])])
    f([zeros([1]), zeros([1])])
    expect([traces(), f.cacheSize()]).toEqual([6, 6])
    f({ a: zeros([2]) })
    expect(traces()).toBe(6)
    f.clearCache()
    expect(f.cacheSize()).toBe(0)
  })
  test('numbers are traced, not static', () => {
    let count = 0
    const f = jit((x: Tensor, s: number) => {
      count++
      return mul(x, s)
    })
    expect([1, 2, Number.NaN, Number.POSITIVE_INFINITY].map((s) => f(tensor(3), s).item())).toEqual([
      3,
      6,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ])
    expect(count).toBe(1)
    expect(f(tensor(1, { dtype: 'float64' }), 0.1).item()).toBe(0.1)
    const i = f(tensor(4, { dtype: 'int32' }), 2)
    expect([i.dtype, i.item()]).toEqual(['int32', 8])
  })
  test('static arguments never collide', () => {
    const one = () => 1
    const two = () => 1
    const values: unknown[] = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      null,
      undefined,
      0,
      -0,
      1,
      '1',
      1n,
      true,
      'true',
      'NaN',
      'null',
      one,
      two,
      {},
      {},
      Symbol('a'),
      Symbol('a'),
      [1],
      [1],
      '@0',
      '"1"',
      'a|b',
    ]
    const f = jit(
      (x: Tensor, k: unknown) => {
        const at = values.findIndex((v) => Object.is(v, k))
        return add(x, at)
      },
      { staticArgs: 1 },
    )
    for (let round = 0; round < 2; round++)
      values.forEach((v, i) => {
        expect(f(tensor(0), v).item()).toBe(i)
      })
    expect(f.cacheSize()).toBe(values.length)
  })
  test('neighbouring static strings do not run together', () => {
    const f = jit((a: string, b: string, x: Tensor) => add(x, a.length * 10 + b.length), {
      staticArgs: [0, 1],
    })
    expect([f('a"|"b', '', tensor(0)).item(), f('a', 'b"|"', tensor(0)).item()]).toEqual([50, 14])
  })
  test('stays bounded when shapes keep changing', () => {
    let count = 0
    const f = jit((x: Tensor) => {
      count++
      return sum(x)
    })
    for (let i = 0; i < 1000; i++) f(zeros([(i % 200) + 1]))
    expect(f.cacheSize()).toBe(64)
    expect(count).toBe(1000)
    for (let i = 0; i < 100; i++) f(zeros([200 - (i % 64)]))
    expect(count).toBe(1000)
  }, 60_000)
  test('a function that threw is traced again', () => {
    let broken = true
    const f = jit((x: Tensor) => {
      if (broken) throw new Error('not now')
      return neg(x)
    })
    expect(() => f(tensor(1))).toThrow('not now')
    broken = false
    expect(f(tensor(1)).item()).toBe(-1)
  })
})

describe('values are not known while tracing', () => {
  test('a branch is refused with the place and what to do', () => {
    const f = jit((x: Tensor) => ((x as unknown as number) > 0 ? x : neg(x)))
    const text =
      /^the branch on a traced value in jit\.test\.ts:\d+ cannot be compiled: under jit its value is not known\. Use where\(\.\.\.\) for values or cond\(\.\.\.\) for work\.$/
    expect(() => f(tensor(1))).toThrow(text)
    expect(() => f(tensor(1))).toThrow(
      expect.objectContaining({ kind: 'TracedValue', name: 'TracedValueError' }),
    )
    expect(() => grad(f)(tensor(1))).toThrow(text)
  })
  test('a static value can be branched on', () => {
    const f = jit((x: Tensor, up: boolean) => (up ? exp(x) : neg(x)), { staticArgs: [1] })
    expect([f(tensor(0), true).item(), f(tensor(2), false).item()]).toEqual([1, -2])
  })
})

describe('captured values', () => {
  test('of an outer transform are arguments of the program, and never kept', () => {
    const scaled = (w: Tensor) => jit((y: Tensor) => mul(w, y))
    expect(grad((x: Tensor) => mul(scaled(x)(tensor(2)), x))(tensor(3)).item()).toBe(12)
    let w: Tensor = tensor(1)
    const f = jit((y: Tensor) => mul(w, y))
    const g = (x: Tensor) => {
      w = x
      return f(tensor(2))
    }
    expect([grad(g)(tensor(3)).item(), jvp(g, [tensor(3)], [tensor(5)])[1].item()]).toEqual([2, 10])
    expect(f.cacheSize()).toBe(0)
    expect(vmap((x: Tensor) => scaled(x)(tensor([1, 2])))(tensor([3, 4])).toArray()).toEqual([
      [3, 6],
      [4, 8],
    ])
  })
  test('that are plain tensors are constants', () => {
    const w = tensor([1, 2])
    const f = jit((x: Tensor) => mul(w, x))
    expect(f(tensor([3, 4])).toArray()).toEqual([3, 8])
    expect(f(tensor([5, 6])).toArray()).toEqual([5, 12])
  })
})

test('trees go in and out, with numbers and plain results', () => {
  const f = jit((p: { w: Tensor; b: readonly [Tensor, number] }) => ({
    s: add(p.w, p.b[1]),
    all: [p.b[0], 7] as const,
  }))
  const out = f({ w: tensor([1, 2]), b: [tensor(3), 4] })
  expect(out.s.toArray()).toEqual([5, 6])
  expect((out.all[0] as Tensor).item()).toBe(3)
})

test('graph shows what runs', () => {
  const f = jit((x: Tensor) => mul(add(x, -0), 1))
  expect(f.graph(tensor([1, 2])).toString()).toBe('graph(%a: float32[2]):\n  return %a')
  expect((f.graph(tensor([1, 2])).call(tensor([3, 4])) as Tensor).toArray()).toEqual([3, 4])
})

describe('options are checked', () => {
  const f = (x: Tensor, y: Tensor) => add(x, y)
  const cases: readonly [string, () => unknown, string][] = [
    ['negative', () => jit(f, { donate: -1 }), 'jit: donate names argument -1. Arguments count from 0.'],
    [
      'a fraction',
      () => jit(f, { staticArgs: [0.5] }),
      'jit: staticArgs names argument 0.5. Arguments count from 0.',
    ],
    [
      'both',
      () => jit(f, { donate: [0, 1], staticArgs: 1 }),
      'jit: argument 1 is both static and donated. Only tensors can be donated; drop one of the two.',
    ],
    [
      'too large',
      () => jit(f, { donate: 2 })(tensor(1), tensor(2)),
      'jit: donate names argument 2, but the function was called with 2. Arguments count from 0.',
    ],
    [
      'no tree',
      () => jit((g: unknown) => g)(() => 1),
      'jit: the value is a function. A tree is made of plain records, arrays, tensors and numbers; pass anything else through a closure or staticArgs.',
    ],
  ]
  test.each(cases)('%s', (_, run, message) => {
    expect(run).toThrow(new Error(message).message)
  })
})
