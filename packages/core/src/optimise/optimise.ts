import type { GraphIR, Node } from '../graph/ir.js'
import { mapNested, opParams } from '../graph/nested.js'
import { evaluate } from '../transforms/evaluate.js'
import { fold } from './fold.js'
import { inline } from './inline.js'
import { prune } from './prune.js'
import { share } from './share.js'
import { simplify } from './simplify.js'

// Every pass only removes nodes or leaves the graph as it is, apart from inlining, which removes a level of
// operations: this many rounds are far more than any graph needs.
const ROUNDS = 16

const round = (graph: GraphIR): GraphIR => prune(share(fold(simplify(inline(graph)))))

const sameNodes = (a: GraphIR, b: GraphIR): boolean =>
  a.nodes.length === b.nodes.length &&
  a.nodes.every((n, i) => n.op === b.nodes[i]!.op && n.inputs.every((s, k) => s === b.nodes[i]!.inputs[k]))

// What stays opaque runs its meaning as it was traced once, instead of tracing its rule at each call.
const settle = (node: Node): Node => {
  const op = opParams(node)
  if (!op) return mapNested(node, optimise)
  if (op.graph().inputs.length !== node.inputs.length) return node
  const graph = optimise(op.graph())
  const { name, opaque, recompute } = op.spec
  const spec = {
    name,
    ...(opaque && { opaque }),
    ...(recompute && { recompute }),
    expand: (...xs: Parameters<typeof op.spec.expand>) => evaluate(graph, xs),
  }
  return { ...node, params: { spec, graph: () => graph, outs: op.outs } }
}

/**
 * A graph that computes the same values with less work, for running only: rules of their own are gone. Values are the
 * same to the last bit.
 */
export const optimise = (graph: GraphIR): GraphIR => {
  let now = graph
  for (let i = 0; i < ROUNDS; i++) {
    const next = round(now)
    if (sameNodes(now, next)) break
    now = next
  }
  return { ...now, nodes: now.nodes.map(settle) }
}
