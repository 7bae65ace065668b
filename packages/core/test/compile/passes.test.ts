import { describe, expect, test } from 'vitest'
import { fuse } from '../../src/compile/lower/fuse.js'
import { swapTransposed } from '../../src/compile/passes/swap.js'
import { unfold } from '../../src/compile/passes/unfold.js'
import type { GraphIR } from '../../src/graph/ir.js'
import { printGraph } from '../../src/graph/print.js'
import {
  add,
  checkpoint,
  div,
  exp,
  grad,
  matmul,
  max,
  mul,
  sin,
  sub,
  sum,
  type Tensor,
  tanh,
  trace,
  transpose,
  zeros,
} from '../../src/index.js'
import { optimise } from '../../src/optimise/optimise.js'
import { prune } from '../../src/optimise/prune.js'

const graphOf = (f: (...xs: Tensor[]) => unknown, ...xs: Tensor[]): GraphIR => optimise(trace(f, ...xs).ir)
const ops = (graph: GraphIR): string => graph.nodes.map((n) => n.op.name).join(' ')
const groups = (graph: GraphIR): string[] =>
  fuse(graph).map(
    (g) => `${g.shape ? `[${g.shape.join(', ')}] ` : ''}${g.nodes.map((n) => n.op.name).join(' ')}`,
  )

const x = zeros([4, 3]) as Tensor
const v = zeros([3]) as Tensor

describe('unfold', () => {
  test('puts what is computed again in its place, and does not share it', () => {
    const f = checkpoint((a: Tensor) => sin(mul(a, a)))
    const graph = graphOf((a) => grad((b: Tensor) => sum(f(b)))(a), v)
    expect(graph.nodes.some((n) => n.op.name === 'op')).toBe(true)
    expect(ops(unfold(graph))).not.toContain('op')
  })
})

describe('swapTransposed', () => {
  test('writes the gradient of a weight in the order in which it is wanted', () => {
    const graph = graphOf(
      (w, a) => grad((u: Tensor) => sum(tanh(matmul(a, u))))(w),
      zeros([3, 2]) as Tensor,
      x,
    )
    expect(ops(graph)).toContain('permute')
    expect(printGraph(prune(swapTransposed(graph)))).toMatchInlineSnapshot(`
      "graph(%a: float32[3, 2], %b: float32[4, 3]):
        %0: float32[4, 2] = dot %b %a  {contract: [[1], [0]], batch: [[], []]}
        %1: float32[4, 2] = sech2 %0
        %2: float32[4, 2] = constant  {value: [1, 1, 1, 1, 1, 1, 1, 1]}
        %3: float32[4, 2] = strongMul %1 %2
        %4: float32[3, 2] = dot %b %3  {contract: [[0], [0]], batch: [[], []]}
        return %4"
    `)
  })
  test('leaves a product that is used both ways', () => {
    const graph = graphOf(
      (a, b) => {
        const c = matmul(a, b)
        return [c, transpose(c)]
      },
      x,
      zeros([3, 2]) as Tensor,
    )
    expect(ops(swapTransposed(graph))).toContain('permute')
  })
})

describe('fuse', () => {
  test('takes a softmax in three walks', () => {
    const softmax = (a: Tensor): Tensor => {
      const e = exp(sub(a, max(a, { axis: 1, keepDims: true })))
      return div(e, sum(e, { axis: 1, keepDims: true })) as Tensor
    }
    expect(groups(graphOf(softmax, x))).toMatchInlineSnapshot(`
      [
        "[4, 3] reduceMax",
        "[4, 3] sub exp sum",
        "[4, 3] div",
      ]
    `)
  })
  test('never makes a group that depends on itself', () => {
    // b needs the sum of a, c needs a and b: a and c walk the same space, but b lies between.
    const f = (a: Tensor): Tensor => {
      const e = exp(a)
      return add(e, mul(e, sum(e))) as Tensor
    }
    expect(groups(graphOf(f, x))).toMatchInlineSnapshot(`
      [
        "[4, 3] exp sum",
        "[4, 3] mul add",
      ]
    `)
  })
  test('takes sums of one operand together', () => {
    const f = (a: Tensor) => [sum(sin(a)), sum(mul(a, a)), sum(a, { axis: 0 })]
    expect(groups(graphOf(f, x))).toMatchInlineSnapshot(`
      [
        "[4, 3] sin sum mul sum",
        "[4, 3] sum",
      ]
    `)
  })
})
