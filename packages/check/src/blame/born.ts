import { allVisits, finite, inside, run, type Visit } from '../graph/visit.js'
import type { Traced } from '../subject/subject.js'
import { nodeSubject, ownRule } from './local.js'

/** An operation by name, with where it stands. */
export interface Birthplace {
  readonly op: string
  readonly path: string
  readonly site?: string
}

const placeOf = ({ op, path, site }: Visit): Birthplace => ({ op, path, ...(site && { site }) })

/** The first operation with finite operands and a result that is not finite. */
export const birthplace = ({ graph, inputs }: Traced): Birthplace | undefined => {
  for (const v of allVisits(graph, inputs))
    if (v.node.op.name !== 'constant' && v.inputs.length > 0 && finite(v.inputs) && !finite(v.outputs))
      return placeOf(v)
  return undefined
}

/**
 * The operation where a gradient stops to be finite: the first on the way back whose own derivative is not, although its
 * operands and its value are.
 */
export const backwardBirthplace = ({ graph, inputs }: Traced): Birthplace | undefined => {
  const found = search(run(graph, inputs).visits)
  return found && placeOf(found)
}

const search = (visits: readonly Visit[]): Visit | undefined => {
  for (const v of visits.toReversed()) {
    if (!steep(v)) continue
    if (ownRule(v.node)) return v
    for (const inner of [...inside(v)].reverse()) {
      const found = search(inner.visits)
      if (found) return found
    }
    return v
  }
  return undefined
}

const steep = (v: Visit): boolean => {
  if (!finite(v.inputs) || v.outputs.length === 0 || !finite(v.outputs)) return false
  try {
    const s = nodeSubject(v)
    if (!s) return false
    const ones = new Float64Array(s.value(s.x).data.length).fill(1)
    return !s.reverse(s.x, ones).data.every(Number.isFinite)
  } catch {
    // An operation that cannot be derived by itself is not the one that is sought.
    return false
  }
}
