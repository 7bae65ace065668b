import type { GraphIR, Node, Sym } from '../graph/ir.js'
import { opParams } from '../graph/nested.js'
import { freshLike, type Rewriter, rewrite } from './rewrite.js'

// These say something to derivatives and policies, and nothing to values.
const MARKERS = new Set(['tag', 'stopGradient'])

const join = (outer: string, inner: string): string =>
  outer === '' || inner === '' ? outer + inner : `${outer}/${inner}`

const paste = (node: Node, graph: GraphIR, r: Rewriter): void => {
  const here = new Map<Sym, Sym>()
  graph.inputs.forEach((s, i) => {
    here.set(s, node.inputs[i]!)
  })
  for (const inner of graph.nodes) {
    const outputs = inner.outputs.map(freshLike)
    r.keep({
      ...inner,
      inputs: inner.inputs.map((s) => here.get(s)!),
      outputs,
      path: join(node.path, inner.path),
    })
    inner.outputs.forEach((s, i) => {
      here.set(s, outputs[i]!)
    })
  }
  node.outputs.forEach((s, i) => {
    r.replace(s, here.get(graph.outputs[i]!)!)
  })
}

/**
 * Puts the meaning of operations in their place and drops markers. Rules of their own are lost, so this comes after
 * differentiation. What is computed again to save memory stays a node.
 */
export const inline = (graph: GraphIR): GraphIR =>
  rewrite(graph, (node, r) => {
    const op = opParams(node)
    if (MARKERS.has(node.op.name)) r.replace(node.outputs[0]!, node.inputs[0]!)
    else if (op && !op.spec.opaque && !op.spec.recompute && op.graph().inputs.length === node.inputs.length)
      paste(node, op.graph(), r)
    else r.keep(node)
  })
