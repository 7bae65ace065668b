import type { Tensor } from '@cotangent/core'
import { bind, dataOf, type GraphIR, type Node, opParams, type Sym } from '@cotangent/core/internal'
import { unrolled } from './unroll.js'

/** A value of a graph that was computed node by node, with the names of operations around it. */
export interface Visit {
  readonly node: Node
  /** Name of the primitive, or of the defined operation. */
  readonly op: string
  /** Names of the tags, operations and turns of loops around it: `hidden/scan[3]`. */
  readonly path: string
  /** The line of code, where that was recorded. */
  readonly site: string | undefined
  readonly inputs: readonly Tensor[]
  /** Nothing where the operation threw; then it is the last. */
  readonly outputs: readonly Tensor[]
}

/** Every node at its actual operands, in order, and what came out. */
export interface Run {
  readonly visits: readonly Visit[]
  readonly outputs: readonly Tensor[]
}

/** Names of operations on the way to a visit. */
export interface Around {
  readonly path: string
  readonly site: string | undefined
}
const NOWHERE: Around = { path: '', site: undefined }

const joined = (...names: string[]): string => names.filter((p) => p !== '').join('/')

/** Evaluates node by node. A node that throws ends the run, and is its last visit. */
export const run = (graph: GraphIR, inputs: readonly Tensor[], around: Around = NOWHERE): Run => {
  const env = new Map<Sym, Tensor>(graph.inputs.map((s, i) => [s, inputs[i]!]))
  const visits: Visit[] = []
  for (const node of graph.nodes) {
    const operands = node.inputs.map((s) => env.get(s)!)
    let outputs: readonly Tensor[] = []
    try {
      outputs =
        node.op.name === 'constant' ? [node.params.value as Tensor] : bind(node.op, operands, node.params)
    } catch {
      // The reason is known to whoever ran the function; here it matters where.
    }
    visits.push({
      node,
      op: opParams(node)?.spec.name ?? node.op.name,
      path: joined(around.path, node.path),
      site: node.site ?? around.site,
      inputs: operands,
      outputs,
    })
    if (outputs.length < node.outputs.length) return { visits, outputs: [] }
    node.outputs.forEach((s, i) => {
      env.set(s, outputs[i]!)
    })
  }
  return { visits, outputs: graph.outputs.map((s) => env.get(s)!) }
}

/** The runs inside a node, one for each turn of a loop: of its meaning, its branch or its body. */
export function* inside(visit: Visit): Generator<Run> {
  for (const { name, graph, inputs, proceed } of unrolled(visit.node, visit.inputs)) {
    const inner = run(graph, inputs, { path: joined(visit.path, name), site: visit.site })
    yield inner
    if (inner.outputs.length < graph.outputs.length || !proceed(inner.outputs)) return
  }
}

/** All visits, those inside of operations, branches and loops before the one around them; at most so many. */
export function* allVisits(graph: GraphIR, inputs: readonly Tensor[], most = 20_000): Generator<Visit> {
  let count = 0
  function* deep(visits: readonly Visit[]): Generator<Visit> {
    for (const visit of visits) {
      if (count >= most) return
      for (const inner of inside(visit)) {
        yield* deep(inner.visits)
        if (count >= most) break
      }
      count++
      yield visit
    }
  }
  yield* deep(run(graph, inputs).visits)
}

/** Whether every number is finite. */
export const finite = (xs: readonly Tensor[]): boolean =>
  xs.every((x) => dataOf(x).every((v) => Number.isFinite(v)))
