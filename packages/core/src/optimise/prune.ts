import type { GraphIR, Node, Sym } from '../graph/ir.js'

/** Drops nodes that no output depends on. Every primitive is pure, so nothing else can be lost. */
export const prune = (graph: GraphIR): GraphIR => {
  const needed = new Set<Sym>(graph.outputs)
  const kept: Node[] = []
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!
    if (!node.outputs.some((s) => needed.has(s))) continue
    kept.push(node)
    for (const s of node.inputs) needed.add(s)
  }
  return kept.length === graph.nodes.length ? graph : { ...graph, nodes: kept.reverse() }
}
