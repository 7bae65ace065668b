import { type Tensor, tensor } from '@cotangent/core'
import { type GraphIR, isFloat, type Node, nestedGraphs, opParams, type Sym } from '@cotangent/core/internal'
import { flattenFloats } from '../subject/leaves.js'
import { sameNumbers, together } from './bits.js'
import { type Context, type Finding, nothingFound } from './context.js'

/** Which inputs of a graph some of its outputs depend on. */
const usedInputs = (graph: GraphIR, wanted: readonly boolean[]): boolean[] => {
  const live = new Set<Sym>(graph.outputs.filter((_, i) => wanted[i]))
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((s) => live.has(s))) continue
    const operands = usedOperands(
      node,
      node.outputs.map((s) => live.has(s)),
    )
    node.inputs.forEach((s, i) => {
      if (operands[i]) live.add(s)
    })
  }
  return graph.inputs.map((s) => live.has(s))
}

/** A defined operation depends on what its meaning depends on; every other one on all its operands. */
const usedOperands = (node: Node, wanted: readonly boolean[]): readonly boolean[] => {
  if (!opParams(node)) return node.inputs.map(() => true)
  const { graph } = nestedGraphs(node)[0]!
  return graph.inputs.length === node.inputs.length ? usedInputs(graph, wanted) : node.inputs.map(() => true)
}

/**
 * What the value does not depend on has a gradient of exactly 0: leaves from which no way leads to the result, and a further argument that
 * the function takes and does not look at, which has zeros of its own shape and changes no other gradient.
 */
export const unusedInputLaw = (c: Context): Finding => {
  const { subject: s, v } = c
  if (!s.source || !s.traced) return nothingFound
  const { f, argsAt, pull } = s.source
  const { graph, inputs } = s.traced()
  const used = usedInputs(
    graph,
    graph.outputs.map((o) => isFloat(o.dtype)),
  )
  const g = s.reverse(s.x, v).data
  let at = 0
  const masked = Float64Array.from(g)
  inputs.forEach((x, i) => {
    if (!isFloat(x.dtype) || at >= g.length) return
    if (!used[i]) masked.fill(0, at, at + x.size)
    at += x.size
  })
  const extra = tensor([1, 2, 3], { dtype: 'float64' }) as Tensor
  const withExtra = (_: unknown, ...xs: unknown[]): unknown => f(...xs)
  return together('unused-input', [
    () => sameNumbers(c, 'unused-input', 'gradient', masked, g),
    () => {
      const all = flattenFloats(pull(withExtra, [extra, ...argsAt(s.x)], v)).data
      return sameNumbers(c, 'unused-input', 'gradient', [0, 0, 0, ...g], all)
    },
  ])
}
