import { type OpParams, opP } from '../transforms/op.js'
import type { GraphIR, Node } from './ir.js'

/** A graph inside a node: a branch, a loop's body, or the meaning of an operation. */
export interface Nested {
  readonly name: string
  readonly graph: GraphIR
}

export const isGraph = (x: unknown): x is GraphIR =>
  typeof x === 'object' &&
  x !== null &&
  Array.isArray((x as Partial<GraphIR>).inputs) &&
  Array.isArray((x as Partial<GraphIR>).nodes) &&
  Array.isArray((x as Partial<GraphIR>).outputs)

/** The parameters of an operation with rules of its own; undefined for every other node. */
export const opParams = (node: Node): OpParams | undefined =>
  node.op === (opP as unknown) ? (node.params as OpParams) : undefined

/** What the node is called: operations with rules of their own go by their own name. */
export const nodeName = (node: Node): string => {
  const op = opParams(node)
  return op ? `op:${op.spec.name}` : node.op.name
}

/** The graphs inside a node, by the name of the parameter that holds them. */
export const nestedGraphs = (node: Node): Nested[] => {
  const op = opParams(node)
  if (op) return [{ name: 'expand', graph: op.graph() }]
  return Object.entries(node.params).flatMap(([name, value]): Nested[] => {
    if (isGraph(value)) return [{ name, graph: value }]
    if (!Array.isArray(value)) return []
    return value.flatMap((item: unknown, i) =>
      isGraph(item) ? [{ name: `${name}[${i}]`, graph: item }] : [],
    )
  })
}

/** The node with each nested graph replaced; the meaning of an operation is left alone. */
export const mapNested = (node: Node, f: (graph: GraphIR) => GraphIR): Node => {
  if (opParams(node) || nestedGraphs(node).length === 0) return node
  const change = (value: unknown): unknown =>
    isGraph(value) ? f(value) : Array.isArray(value) ? value.map(change) : value
  return {
    ...node,
    params: Object.fromEntries(Object.entries(node.params).map(([k, v]) => [k, change(v)])),
  }
}
