import type { Tensor } from '@cotangent/core'
import {
  bind,
  dataOf,
  type GraphIR,
  isFloat,
  nestedGraphs,
  opParams,
  type Sym,
} from '@cotangent/core/internal'

/** A value of a graph that was computed node by node, with the names of operations around it. */
export interface Visit {
  readonly node: GraphIR['nodes'][number]
  /** Name of the primitive, or of the defined operation. */
  readonly op: string
  readonly path: string
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
}

/** Every node at its actual operands, in order. */
export const visits = (graph: GraphIR, inputs: readonly Tensor[], around = ''): Visit[] => {
  const env = new Map<Sym, Tensor>(graph.inputs.map((s, i) => [s, inputs[i]!]))
  return graph.nodes.map((node) => {
    const operands = node.inputs.map((s) => env.get(s)!)
    const outputs =
      node.op.name === 'constant' ? [node.params.value as Tensor] : bind(node.op, operands, node.params)
    node.outputs.forEach((s, i) => {
      env.set(s, outputs[i]!)
    })
    const path = [around, node.path].filter((p) => p !== '').join('/')
    return { node, op: opParams(node)?.spec.name ?? node.op.name, path, inputs: operands, outputs }
  })
}

/** The visits inside a node whose derivative is that of its meaning. */
export const inside = (visit: Visit): Visit[] => {
  const params = opParams(visit.node)
  if (!params) return []
  const [meaning] = nestedGraphs(visit.node)
  const around = [visit.path, visit.op].filter((p) => p !== '').join('/')
  return meaning ? visits(meaning.graph, visit.inputs, around) : []
}

/** All visits, those inside of defined operations included. */
export const allVisits = (graph: GraphIR, inputs: readonly Tensor[]): Visit[] => {
  const deep = (v: Visit): Visit[] => [...inside(v).flatMap(deep), v]
  return visits(graph, inputs).flatMap(deep)
}

/** Where a decision is made exactly at its edge. */
export interface Site {
  readonly op: string
  readonly path: string
  readonly text: string
}

/** Operations that sit exactly on their kink. */
export const kinkSites = (graph: GraphIR, inputs: readonly Tensor[]): Site[] =>
  allVisits(graph, inputs).flatMap(({ node, op, path, inputs: xs, outputs }) => {
    const { kinks } = node.op
    if (kinks === 'none' || !kinks.distance || !xs.every((x) => isFloat(x.dtype))) return []
    const data = xs.map(dataOf)
    const n = dataOf(outputs[0]!).length
    for (let i = 0; i < n; i++)
      if (kinks.distance(...data.map((x) => x[x.length === 1 ? 0 : i]!)) === 0)
        return [{ op, path, text: kinks.text }]
    return []
  })
