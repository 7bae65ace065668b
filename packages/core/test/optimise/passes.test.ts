import {
  add,
  broadcastTo,
  cast,
  checkpoint,
  cond,
  div,
  exp,
  grad,
  less,
  mul,
  neg,
  random,
  reshape,
  scan,
  sin,
  softmax,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  transpose,
  zeros,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'
import type { GraphIR, Primitive } from '../../src/graph/ir.js'
import { printGraph } from '../../src/graph/print.js'
import { fold } from '../../src/optimise/fold.js'
import { inline } from '../../src/optimise/inline.js'
import { optimise } from '../../src/optimise/optimise.js'
import { prune } from '../../src/optimise/prune.js'
import { share } from '../../src/optimise/share.js'
import { simplify } from '../../src/optimise/simplify.js'
import { constantP } from '../../src/primitives/constant.js'

type Pass = (graph: GraphIR) => GraphIR
type F = (x: Tensor) => unknown
const after = (pass: Pass, f: F, x: Tensor = zeros([2])): string => `\n${printGraph(pass(trace(f, x).ir))}\n`
const ops = (pass: Pass, f: F, x: Tensor = zeros([2])): string[] =>
  pass(trace(f, x).ir).nodes.map((n) => n.op.name)

test('prune drops what no output needs', () => {
  const f = (x: Tensor) => {
    exp(sin(x))
    return neg(x)
  }
  expect(after(prune, f)).toMatchInlineSnapshot(`
    "
    graph(%a: float32[2]):
      %0: float32[2] = neg %a
      return %0
    "
  `)
})

describe('share', () => {
  test('computes equal expressions once', () => {
    expect(after(share, (x) => add(sin(mul(x, 2)), sin(mul(x, 2))))).toMatchInlineSnapshot(`
      "
      graph(%a: float32[2]):
        %0: float32[2] = constant  {value: [2, 2]}
        %1: float32[2] = mul %a %0
        %2: float32[2] = sin %1
        %3: float32[2] = add %2 %2
        return %3
      "
    `)
  })
  test('compares parameters and constants by what they are: 0 is not -0', () => {
    expect(ops(share, (x) => add(sum(x, { axis: 0 }), sum(x, { axis: 1 })), zeros([2, 2]))).toEqual([
      'sum',
      'sum',
      'add',
    ])
    const zerosOf = (a: number, b: number) => ops(share, (x) => [mul(x, a), mul(x, b)], tensor(1))
    expect(zerosOf(0, 0)).toEqual(['constant', 'mul'])
    expect(zerosOf(0, -0)).toEqual(['constant', 'mul', 'constant', 'mul'])
  })
  test('graphs inside of nodes are compared too', () => {
    const twice = (a: number, b: number) => (x: Tensor) => {
      const run = (k: number) =>
        cond(
          less(sum(x), 0),
          (v: Tensor) => mul(v, k),
          (v: Tensor) => neg(v),
          x,
        )
      return add(run(a), run(b))
    }
    const count = (f: F) => ops(share, f).filter((n) => n === 'cond').length
    expect([count(twice(2, 2)), count(twice(2, 3))]).toEqual([1, 2])
  })
  test('random bits of one key are one', () => {
    const f = () => {
      const key = random.key(0)
      return add(random.uniform(key, [2]), random.uniform(key, [2]))
    }
    const g = (k: Tensor) => add(random.uniform(k, [2]), random.uniform(k, [2]))
    expect(f().shape).toEqual([2])
    expect(ops(share, g, random.key(0)).filter((n) => n === 'randomBits')).toHaveLength(1)
  })
  test('what is recomputed on purpose stays apart', () => {
    const f = (x: Tensor) => grad((v: Tensor) => sum(checkpoint((u: Tensor) => exp(sin(u)))(v)))(x)
    const g = (x: Tensor) => add(f(x), f(x))
    const count = (h: F) => ops(optimise, h).filter((n) => n === 'op').length
    expect(count(g)).toBe(2 * count(f))
    expect(count(f)).toBeGreaterThan(0)
  })
})

/** The graph of `f(c, x)` at a known `c`. */
const given = (f: (c: Tensor, x: Tensor) => unknown, c: Tensor, x: Tensor = zeros([2])): GraphIR => {
  const { inputs, nodes, outputs } = trace(f, c, x).ir
  const op = constantP as unknown as Primitive
  const constant = { op, params: { value: c }, inputs: [], outputs: [inputs[0]!], path: '' }
  return { inputs: inputs.slice(1), nodes: [constant, ...nodes], outputs }
}

describe('fold', () => {
  const folded = (f: (c: Tensor, x: Tensor) => unknown, c: Tensor, x?: Tensor) =>
    prune(fold(given(f, c, x))).nodes.map((n) => n.op.name)
  test('computes what depends on constants only', () => {
    const graph = given((c, x) => mul(x, exp(add(c, c))), tensor([0, 1]))
    expect(`\n${printGraph(prune(fold(graph)))}\n`).toMatchInlineSnapshot(`
      "
      graph(%a: float32[2]):
        %0: float32[2] = constant  {value: [1, 7.389056205749512]}
        %1: float32[2] = mul %a %0
        return %1
      "
    `)
  })
  test('leaves loops alone, which may be long', () => {
    const f = (c: Tensor, x: Tensor) =>
      mul(x, scan((s: Tensor, a: Tensor) => [mul(s, a), s] as const, tensor(1), c)[0])
    expect(folded(f, tensor([1, 2]))).toContain('scan')
  })
  test('leaves large results as they are made', () => {
    const f = (c: Tensor, x: Tensor) => mul(x, neg(c))
    expect(folded(f, zeros([1024]), zeros([1024]))).toEqual(['constant', 'mul'])
    expect(folded(f, zeros([1025]), zeros([1025]))).toEqual(['constant', 'neg', 'mul'])
  })
  test('leaves an operation that refuses its operands to the run', () => {
    const { nodes, ...graph } = given((c, x) => mul(x, neg(c)), zeros([2]))
    const refuse = (): never => {
      throw new Error('no')
    }
    const broken = nodes.map((n) => (n.op.name === 'neg' ? { ...n, op: { ...n.op, kernel: refuse } } : n))
    expect(fold({ ...graph, nodes: broken }).nodes.map((n) => n.op.name)).toContain('neg')
  })
})

describe('simplify', () => {
  const clean: Pass = (g) => prune(simplify(g))
  const nothing: Record<string, F> = {
    'x * 1': (x) => mul(x, 1),
    '1 * x': (x) => mul(1, x),
    'x / 1': (x) => div(x, 1),
    'x - 0': (x) => sub(x, 0),
    'x + -0': (x) => add(x, -0),
    '-0 + x': (x) => add(-0, x),
    '--x': (x) => neg(neg(x)),
    'there and back': (x) => reshape(reshape(x, [4]), [2, 2]),
    'transpose twice': (x) => transpose(transpose(x)),
  }
  test.each(Object.entries(nothing))('%s is x', (_, f) => {
    expect(ops(clean, f, zeros([2, 2]))).toEqual([])
  })
  const something: Record<string, F> = {
    'x * 0': (x) => mul(x, 0),
    'x + 0': (x) => add(x, 0),
    '0 + x': (x) => add(0, x),
    'x - -0': (x) => sub(x, -0),
    '0 - x': (x) => sub(0, x),
    'x - x': (x) => sub(x, x),
    'x / x': (x) => div(x, x),
    'x * -1': (x) => mul(x, -1),
    '1 / x': (x) => div(1, x),
  }
  test.each(Object.entries(something))('%s stays, because of NaN, infinities or signed zeros', (_, f) => {
    expect(ops(clean, f, zeros([2, 2])).length).toBeGreaterThan(0)
  })
  test('integers have one zero: i + 0 is i', () => {
    expect(ops(clean, (x) => add(x, 0), zeros([2], 'int32'))).toEqual([])
    expect(ops(clean, (x) => mul(x, 0), zeros([2], 'int32'))).not.toEqual([])
  })
  test('two in a row are one', () => {
    const x = zeros([2, 3, 4])
    expect(after(clean, (v) => reshape(reshape(v, [6, 4]), [24]), x)).toMatchInlineSnapshot(`
      "
      graph(%a: float32[2, 3, 4]):
        %0: float32[24] = reshape %a  {shape: [24]}
        return %0
      "
    `)
    expect(after(clean, (v) => transpose(transpose(v, [1, 2, 0]), [0, 2, 1]), x)).toMatchInlineSnapshot(`
      "
      graph(%a: float32[2, 3, 4]):
        %0: float32[3, 2, 4] = permute %a  {perm: [1, 0, 2]}
        return %0
      "
    `)
    expect(after(clean, (v) => broadcastTo(broadcastTo(v, [3]), [2, 3]), tensor(1))).toMatchInlineSnapshot(`
      "
      graph(%a: float32[]):
        %0: float32[2, 3] = broadcast %a  {shape: [2, 3], dims: []}
        return %0
      "
    `)
  })
  test('a conversion that changes nothing goes, one that rounds stays', () => {
    expect(ops(clean, (x) => cast(cast(x, 'float32'), 'float64'), zeros([2], 'float64'))).toEqual([
      'convert',
      'convert',
    ])
  })
})

test('inline puts the meaning of operations in their place and drops markers', () => {
  expect(after(inline, (x) => stopGradient(softmax(x)))).toMatchInlineSnapshot(`
    "
    graph(%a: float32[2]):
      %0: float32[] = reduceMax %a  {axes: [0]}
      %1: float32[] = abs %0
      %2: float32[] = constant  {value: Infinity}
      %3: bool[] = equal %1 %2
      %4: float32[] = constant  {value: 0}
      %5: float32[] = select %3 %4 %0
      %6: float32[2] = broadcast %5  {shape: [2], dims: []}
      %7: float32[2] = sub %a %6
      %8: float32[2] = exp %7
      %9: float32[] = sum %8  {axes: [0]}
      %10: float32[2] = broadcast %9  {shape: [2], dims: []}
      %11: float32[2] = div %8 %10
      return %11
    "
  `)
  expect(ops(inline, (x) => checkpoint((v: Tensor) => sin(v))(x))).toEqual(['op'])
})

test('optimise runs them to the end, inside of loops and branches too', () => {
  const f = (x: Tensor) => {
    const [c] = scan(
      (s: Tensor, a: Tensor) => [mul(add(mul(s, 1), mul(s, 1)), a), exp(a)] as const,
      x,
      tensor([1, 2]),
    )
    return mul(softmax(c), 1)
  }
  expect(after(optimise, f)).toMatchInlineSnapshot(`
    "
    graph(%a: float32[2]):
      %0: float32[2] = constant  {value: [1, 2]}
      %1: float32[2], %2: float32[2] = scan %a %0  {consts: 0, carry: 1, length: 2, reverse: false}
        body(%a: float32[2], %b: float32[]):
          %0: float32[2] = add %a %a
          %1: float32[2] = broadcast %b  {shape: [2], dims: []}
          %2: float32[2] = mul %0 %1
          %3: float32[] = exp %b
          return %2 %3
      %3: float32[] = reduceMax %1  {axes: [0]}
      %4: float32[] = abs %3
      %5: float32[] = constant  {value: Infinity}
      %6: bool[] = equal %4 %5
      %7: float32[] = constant  {value: 0}
      %8: float32[] = select %6 %7 %3
      %9: float32[2] = broadcast %8  {shape: [2], dims: []}
      %10: float32[2] = sub %1 %9
      %11: float32[2] = exp %10
      %12: float32[] = sum %11  {axes: [0]}
      %13: float32[2] = broadcast %12  {shape: [2], dims: []}
      %14: float32[2] = div %11 %13
      return %14
    "
  `)
})

test('optimised graphs are a fixpoint, and gradients shrink', () => {
  const f = (x: Tensor) => grad((v: Tensor) => sum(square(softmax(mul(v, 1)))))(x)
  const raw = trace(f, zeros([3])).ir
  const once = optimise(raw)
  expect(printGraph(optimise(once))).toBe(printGraph(once))
  expect(once.nodes.length).toBeLessThan(inline(raw).nodes.length)
})
