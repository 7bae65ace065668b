import { BYTES } from '../dtype.js'
import { sizeOf } from '../shape.js'
import type { Aval, GraphIR, Node } from './ir.js'
import { nestedGraphs } from './nested.js'

/** Work of one kind of node. */
export interface Work {
  /** Applications. */
  readonly count: number
  /** Floating-point operations. */
  readonly flops: number
  /** Bytes read and written if every node goes through memory. */
  readonly bytes: number
}

/** Work of a graph. */
export interface Cost {
  readonly flops: number
  readonly bytes: number
  /** By primitive; work inside loops and branches is under the primitives that do it. */
  readonly primitives: Readonly<Record<string, Work>>
  /** Loops whose number of steps depends on values: each is counted as one step. */
  readonly unknownLoops: number
}

const bytesOf = (avals: readonly Aval[]): number =>
  avals.reduce((n, a) => n + sizeOf(a.shape) * BYTES[a.dtype], 0)

/** The work of a graph: a scan counts its length, a cond its dearer branch, a while loop one step. */
export const costOf = (graph: GraphIR): Cost => {
  const table = new Map<string, Work>()
  let unknownLoops = 0
  const add = (name: string, work: Work): void => {
    const old = table.get(name) ?? { count: 0, flops: 0, bytes: 0 }
    table.set(name, {
      count: old.count + work.count,
      flops: old.flops + work.flops,
      bytes: old.bytes + work.bytes,
    })
  }
  const addAll = (cost: Cost, times: number): void => {
    unknownLoops += cost.unknownLoops
    for (const [name, w] of Object.entries(cost.primitives))
      add(name, { count: w.count * times, flops: w.flops * times, bytes: w.bytes * times })
  }
  const visit = (node: Node): void => {
    if (node.op.name === 'constant') return
    const inner = nestedGraphs(node).map((n) => costOf(n.graph))
    if (inner.length === 0) {
      const flops = node.op.flops(node.inputs, node.outputs, node.params)
      add(node.op.name, { count: 1, flops, bytes: bytesOf(node.inputs) + bytesOf(node.outputs) })
    } else if (node.op.name === 'cond')
      addAll(
        inner.reduce((a, b) => (b.flops > a.flops ? b : a)),
        1,
      )
    else {
      const length = node.params.length
      if (node.op.name === 'while') unknownLoops++
      for (const cost of inner) addAll(cost, typeof length === 'number' ? length : 1)
    }
  }
  graph.nodes.forEach(visit)
  const works = [...table.values()]
  return {
    flops: works.reduce((n, w) => n + w.flops, 0),
    bytes: works.reduce((n, w) => n + w.bytes, 0),
    primitives: Object.fromEntries(table),
    unknownLoops,
  }
}
