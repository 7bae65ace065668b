import type { GraphIR, Node, Sym } from '@cotangent/core/internal'

/** A graph takes other operands than it was given: a rule closes over a value of a function around it. */
export class Unbound extends Error {
  override readonly name = 'Unbound'
}

/** Reads a graph: operands bound, each node applied in turn. What values are is up to `apply`. */
export const interpret = <V>(
  graph: GraphIR,
  inputs: readonly V[],
  apply: (node: Node, operands: readonly V[]) => readonly V[],
): V[] => {
  if (graph.inputs.length > inputs.length)
    throw new Unbound(
      `a graph takes ${graph.inputs.length} operands and was given ${inputs.length}: its rule closes over a traced value.`,
    )
  const env = new Map<Sym, V>()
  graph.inputs.forEach((s, i) => {
    env.set(s, inputs[i]!)
  })
  for (const node of graph.nodes) {
    const outs = apply(
      node,
      node.inputs.map((s) => env.get(s)!),
    )
    node.outputs.forEach((s, i) => {
      env.set(s, outs[i]!)
    })
  }
  return graph.outputs.map((s) => env.get(s)!)
}
