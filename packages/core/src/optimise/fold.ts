import type { GraphIR, Node, Primitive } from '../graph/ir.js'
import { nestedGraphs } from '../graph/nested.js'
import { constantP } from '../primitives/constant.js'
import { sizeOf } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { rewrite } from './rewrite.js'

const LARGEST = 1024 // elements of a folded result: constants are to stay small

/**
 * Computes nodes whose operands are all constants. Loops and branches are left alone (a loop may be long, or not
 * end), and so are large results, which cost more to keep than to make.
 */
export const fold = (graph: GraphIR): GraphIR =>
  rewrite(graph, (node, r) => {
    const makers = node.inputs.map(r.producer)
    const ready =
      node.op !== (constantP as unknown) &&
      makers.every((m) => m?.op === (constantP as unknown)) &&
      node.outputs.every((s) => sizeOf(s.shape) <= LARGEST) &&
      nestedGraphs(node).length === 0
    if (!ready) return r.keep(node)
    const values = attempt(
      node,
      makers.map((m) => m!.params.value as Tensor),
    )
    if (!values) return r.keep(node)
    node.outputs.forEach((s, i) => {
      r.keep({
        op: constantP as unknown as Primitive,
        params: { value: values[i]! },
        inputs: [],
        outputs: [s],
        path: node.path,
      })
    })
  })

// A kernel that refuses its operands must refuse when the graph runs, with its message, and not before.
const attempt = (node: Node, values: readonly Tensor[]): readonly Tensor[] | undefined => {
  try {
    return node.op.kernel(values, node.params, node.outputs)
  } catch {
    return undefined
  }
}
