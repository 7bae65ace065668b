import { opParams } from '@cotangent/core/internal'
import type { Blame } from '../failure.js'
import { inside, run, type Visit } from '../graph/visit.js'
import type { Rng } from '../random.js'
import type { Subject, Traced } from '../subject/subject.js'
import { nodeSubject } from './local.js'

/** An entry of a batch that is not what the function gives by itself. */
export interface BatchDifference {
  readonly batched: number
  readonly alone: number
  readonly tolerance: number
}

/** A batch of three points near x against the function at each: undefined where it cannot be batched, null where all agree. */
export const batchDifference = (s: Subject, rng: Rng): BatchDifference | null | undefined => {
  const step = (): Float64Array => s.x.map((x) => x * (1 + rng.normal() / 64))
  const points = [s.x, step(), step()]
  const all = s.batched?.(points)
  if (!all) return undefined
  for (const [k, x] of points.entries()) {
    const [one, many] = [s.value(x).data, all[k]!]
    const tolerance = 1024 * s.eps * one.reduce((m, y) => Math.max(m, Math.abs(y)), 0)
    const i = one.findIndex((y, j) => !(Object.is(y, many[j]) || Math.abs(y - many[j]!) <= tolerance))
    if (i >= 0) return { batched: many[i]!, alone: one[i]!, tolerance }
  }
  return null
}

/** The operations whose batch rules are no loops; one without a batch rule of its own is searched inside. */
export const batchBlame = ({ graph, inputs }: Traced, rng: Rng): Blame[] => {
  const judged = (visit: Visit): Blame[] => {
    const s = nodeSubject(visit)
    const found = s && batchDifference(s, rng)
    if (!found) return []
    if (!opParams(visit.node)?.spec.batch)
      for (const inner of inside(visit)) {
        const blamed = search(inner.visits)
        if (blamed.length > 0) return blamed
      }
    const { op, path, site } = visit
    const expected = { value: found.alone, error: found.tolerance }
    return [{ op, path, ...(site && { site }), rule: 'batch', local: found.batched, expected }]
  }
  const search = (visits: readonly Visit[]): Blame[] =>
    visits.flatMap((visit) => {
      try {
        return judged(visit)
      } catch {
        // What cannot run by itself is not the one that is sought.
        return []
      }
    })
  return search(run(graph, inputs).visits)
}
