import type { Tensor } from '@cotangent/core'
import { dataOf, type GraphIR, isFloat } from '@cotangent/core/internal'
import { allVisits } from '../graph/visit.js'

/** Where a decision is made exactly at its edge. */
export interface Site {
  readonly op: string
  readonly path: string
  /** `file.ts:12`, where that is known. */
  readonly site?: string
  readonly text: string
}

/** Operations that sit exactly on their kink, each once however often it is passed. */
export const kinkSites = (graph: GraphIR, inputs: readonly Tensor[]): Site[] => {
  const found = new Map<unknown, Site>()
  for (const { node, op, path, site, inputs: xs, outputs } of allVisits(graph, inputs)) {
    const { kinks } = node.op
    if (found.has(node) || kinks === 'none' || !kinks.distance || outputs.length === 0) continue
    if (!xs.every((x) => isFloat(x.dtype))) continue
    const data = xs.map(dataOf)
    const n = dataOf(outputs[0]!).length
    for (let i = 0; i < n; i++)
      if (kinks.distance(...data.map((x) => x[x.length === 1 ? 0 : i]!)) === 0) {
        found.set(node, { op, path, ...(site && { site }), text: kinks.text })
        break
      }
  }
  return [...found.values()]
}
