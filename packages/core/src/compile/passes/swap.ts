import type { GraphIR, Node, Sym } from '../../graph/ir.js'
import { rewrite } from '../../optimise/rewrite.js'
import type { DotParams } from '../../primitives/contraction.js'
import { range } from '../../shape.js'

const uses = (graph: GraphIR): Map<Sym, number> => {
  const count = new Map<Sym, number>()
  for (const s of [...graph.nodes.flatMap((n) => n.inputs), ...graph.outputs])
    count.set(s, (count.get(s) ?? 0) + 1)
  return count
}

/** Does the permutation exchange the free axes of the two operands of a contraction, and nothing else? */
const exchanges = (dot: Node, perm: readonly number[]): boolean => {
  const { contract, batch } = dot.params as unknown as DotParams
  const shared = batch[0].length
  const left = dot.inputs[0]!.shape.length - contract[0].length - shared
  const right = perm.length - shared - left
  const wanted = [
    ...range(shared),
    ...range(right).map((i) => shared + left + i),
    ...range(left).map((i) => shared + i),
  ]
  return perm.every((p, i) => p === wanted[i])
}

/**
 * (A·B)ᵀ = Bᵀ·Aᵀ: a transposed product is the product of the operands the other way round, so it is written in the order
 * in which it is wanted. Gradients of weights are such products.
 */
export const swapTransposed = (graph: GraphIR): GraphIR => {
  const count = uses(graph)
  return rewrite(graph, (node, r) => {
    const dot = node.op.name === 'permute' ? r.producer(node.inputs[0]!) : undefined
    if (dot?.op.name !== 'dot' || count.get(node.inputs[0]!) !== 1) return r.keep(node)
    if (!exchanges(dot, node.params.perm as readonly number[])) return r.keep(node)
    const { contract, batch } = dot.params as unknown as DotParams
    r.keep({
      op: dot.op,
      params: { contract: [contract[1], contract[0]], batch: [batch[1], batch[0]] },
      inputs: [dot.inputs[1]!, dot.inputs[0]!],
      outputs: node.outputs,
      path: dot.path,
    })
  })
}
