import type { GraphIR, Node, Sym } from '../../graph/ir.js'
import { opParams } from '../../graph/nested.js'
import { freshLike, rewrite } from '../../optimise/rewrite.js'

/**
 * Puts the meaning of the operations that the optimiser left alone in their place: those that are computed again to
 * save memory, and those that say nothing of their inside. Nothing is shared after this, so nothing is undone.
 */
export const unfold = (graph: GraphIR): GraphIR => {
  const foldable = (node: Node): GraphIR | undefined => {
    const inner = opParams(node)?.graph()
    return inner && inner.inputs.length === node.inputs.length ? inner : undefined
  }
  if (!graph.nodes.some(foldable)) return graph
  const once = rewrite(graph, (node, r) => {
    const inner = foldable(node)
    if (!inner) return r.keep(node)
    const here = new Map<Sym, Sym>()
    inner.inputs.forEach((s, i) => {
      here.set(s, node.inputs[i]!)
    })
    for (const n of inner.nodes) {
      const outputs = n.outputs.map(freshLike)
      r.keep({ ...n, inputs: n.inputs.map((s) => here.get(s)!), outputs })
      n.outputs.forEach((s, i) => {
        here.set(s, outputs[i]!)
      })
    }
    node.outputs.forEach((s, i) => {
      r.replace(s, here.get(inner.outputs[i]!)!)
    })
  })
  return unfold(once)
}
