import {
  add,
  cond,
  less,
  mul,
  neg,
  scan,
  sum,
  type Tensor,
  tensor,
  trace,
  whileLoop,
  zeros,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'

const branches = (x: Tensor) =>
  cond(
    less(sum(x), 0),
    (v: Tensor) => neg(v),
    (v: Tensor) => mul(v, v),
    x,
  )
const loop = (x: Tensor) => scan((c: Tensor, a: Tensor) => [mul(c, a), c] as const, x, tensor([1, 2, 3]))

describe('a graph prints', () => {
  test('a line for each node', () => {
    const graph = trace((p: { w: Tensor; b: Tensor }) => add(mul(p.w, p.w), p.b), {
      w: zeros([2, 3]),
      b: zeros([3]),
    })
    expect(graph.toString()).toMatchInlineSnapshot(`
      "graph(%a: float32[2, 3], %b: float32[3]):
        %0: float32[2, 3] = mul %a %a
        %1: float32[2, 3] = broadcast %b  {shape: [2, 3], dims: [1]}
        %2: float32[2, 3] = add %0 %1
        return %2"
    `)
    expect(graph.inputs.map((p) => p.path)).toEqual(['0/w', '0/b'])
    expect(graph.outputs).toEqual([{ path: '', shape: [2, 3], dtype: 'float32' }])
    expect(graph.nodes.map((n) => n.op)).toEqual(['mul', 'broadcast', 'add'])
  })
  test('graphs inside of nodes are indented', () => {
    expect(trace(branches, zeros([2])).toString()).toMatchInlineSnapshot(`
      "graph(%a: float32[2]):
        %0: float32[] = sum %a  {axes: [0]}
        %1: float32[] = constant  {value: 0}
        %2: bool[] = less %0 %1
        %3: float32[2] = cond %2 %a
          branches[0](%a: float32[2]):
            %0: float32[2] = neg %a
            return %0
          branches[1](%a: float32[2]):
            %0: float32[2] = mul %a %a
            return %0
        return %3"
    `)
    expect(trace(loop, tensor(1)).toString()).toMatchInlineSnapshot(`
      "graph(%a: float32[]):
        %0: float32[3] = constant  {value: [1, 2, 3]}
        %1: float32[], %2: float32[3] = scan %a %0  {consts: 0, carry: 1, length: 3, reverse: false}
          body(%a: float32[], %b: float32[]):
            %0: float32[] = mul %a %b
            return %0 %a
        return %1 %2"
    `)
  })
  test('two traces of one function have one text', () => {
    expect(trace(loop, tensor(1)).toString()).toBe(trace(loop, tensor(5)).toString())
  })
  test('for Graphviz', () => {
    expect(trace((x: Tensor) => mul(x, x), tensor(1)).toDot()).toMatchInlineSnapshot(`
      "digraph {
        "%a" [shape=ellipse, label="%a: float32[]"];
        "n0" [shape=box, label="mul"];
        "%a" -> "n0" [label="float32[]"];
        "%a" -> "n0" [label="float32[]"];
        "out0" [shape=ellipse, label="output 0"];
        "n0" -> "out0" [label="float32[]"];
      }"
    `)
    expect(trace(branches, zeros([2])).toDot()).toContain('subgraph cluster_1')
  })
})

describe('cost', () => {
  test('flops and bytes by primitive', () => {
    const cost = trace((x: Tensor) => sum(mul(x, x)), zeros([4, 5])).cost()
    expect(cost.flops).toBe(40)
    expect(cost.primitives.mul).toEqual({ count: 1, flops: 20, bytes: 3 * 80 })
    expect(cost.bytes).toBe(3 * 80 + 84)
  })
  test('a scan counts its length, a while loop is unknown, a cond its dearer branch', () => {
    expect(trace(loop, tensor(1)).cost().primitives.mul).toEqual({ count: 3, flops: 3, bytes: 36 })
    const unknown = trace(
      (x: Tensor) =>
        whileLoop(
          (v: Tensor) => less(v, 9),
          (v: Tensor) => mul(v, v),
          x,
        ),
      tensor(2),
    ).cost()
    expect(unknown.unknownLoops).toBe(1)
    expect(unknown.primitives.mul?.count).toBe(1)
    const dearer = trace(
      (x: Tensor) =>
        cond(
          true,
          (v: Tensor) => mul(mul(v, v), v),
          (v: Tensor) => neg(v),
          x,
        ),
      zeros([7]),
    ).cost()
    expect([dearer.primitives.mul?.flops, dearer.primitives.neg]).toEqual([14, undefined])
  })
})
