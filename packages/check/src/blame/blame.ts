import type { Node } from '@cotangent/core/internal'
import type { Blame } from '../failure.js'
import { inside, run, type Visit } from '../graph/visit.js'
import { type Comparison, compareAlong, type Question, sure, wrongEntry } from '../laws/compare.js'
import { forwardQuestion, reverseQuestion, secondQuestion } from '../laws/questions.js'
import { inner } from '../oracles/direction.js'
import { exactOracle } from '../oracles/exact.js'
import type { Rng } from '../random.js'
import { regularityOf } from '../regularity/regularity.js'
import type { Subject, Traced } from '../subject/subject.js'
import { meaningSubject, nodeSubject, ownRule } from './local.js'

/** Beyond this many operations the rest is not searched. */
const MOST = 2000

const localValues = (q: Question, found: Comparison): Pick<Blame, 'local' | 'expected'> => {
  const one = wrongEntry(q, found)
  const at = one?.at ?? found
  const scale = one ? at.d[one.index]! : 1
  return {
    local: at.analytic / scale,
    expected: { value: at.truth!.value / scale, error: Math.abs(at.truth!.error / scale) },
  }
}

/** What is wrong with the rules of one operation at one point; nothing where the point is a kink. */
export const judge = (s: Subject, order: 1 | 2, rng: Rng): Omit<Blame, 'op' | 'path'> | null => {
  const v = rng.normals(s.value(s.x).data.length)
  const exact = exactOracle(s)
  const questions: [Blame['rule'], () => Question][] = [
    ['jvp', () => forwardQuestion(s, v, exact)],
    ['vjp', () => reverseQuestion(s, v, exact)],
  ]
  if (order === 2)
    questions.push(['second-order', () => secondQuestion(s, v, rng.normals(s.x.length), exact)])
  for (const [rule, question] of questions) {
    const q = question()
    for (let i = 0; i < 2; i++) {
      const found = compareAlong(q, rng.normals(s.x.length))
      if (!found.wrong) continue
      // Double-double has seen the same decisions on both sides; differences may have met a kink.
      if (!sure(found.oracle) && !['smooth', 'unresolved'].includes(regularityOf(found.line).verdict))
        continue
      return { rule, ...localValues(q, found) }
    }
  }
  return null
}

/** At a kink the rule may be no longer than what follows from the meaning: the declared choice is the least element. */
export const judgeAtKink = (visit: Visit, rng: Rng): Omit<Blame, 'op' | 'path'> | null => {
  if (!ownRule(visit.node)) return null
  const [own, meaning] = [nodeSubject(visit), meaningSubject(visit)]
  if (!own || !meaning) return null
  const v = rng.normals(own.value(own.x).data.length)
  const [g, least] = [own.reverse(own.x, v).data, meaning.reverse(own.x, v).data]
  if (!least.every(Number.isFinite) || !g.every(Number.isFinite)) return null
  const [a, b] = [Math.sqrt(inner(g, g)), Math.sqrt(inner(least, least))]
  if (a <= b * (1 + 1e-6) + 1e-12) return null
  const i = g.reduce(
    (best, c, k) => (Math.abs(c - least[k]!) > Math.abs(g[best]! - least[best]!) ? k : best),
    0,
  )
  const scale = v.length === 1 ? v[0]! : 1
  return { rule: 'at-kink', local: g[i]! / scale, expected: { value: least[i]! / scale, error: 0 } }
}

export interface BlameOptions {
  readonly order?: 1 | 2
  /** Whether a choice at a kink that is not the least element counts. */
  readonly atKink?: boolean
}

/**
 * The operations whose rules are wrong, in order of evaluation: each is compared with differences of its own kernel
 * at the operands it had. An operation without rules of its own, a branch and a loop are searched inside, at the operands
 * of each turn.
 */
export const blameIn = (
  { graph, inputs }: Traced,
  rng: Rng,
  { order = 1, atKink = false }: BlameOptions = {},
): Blame[] => {
  let left = MOST
  const known = new Set<Node>()
  const judged = (visit: Visit): Blame[] => {
    const { node, op, path, site } = visit
    if (known.has(node) || left-- <= 0) return []
    const s = nodeSubject(visit)
    if (!s) return []
    const found = (atKink ? judgeAtKink(visit, rng) : null) ?? judge(s, order, rng)
    if (!ownRule(node) && (found || atKink))
      for (const inner of inside(visit)) {
        const blamed = search(inner.visits)
        if (blamed.length > 0) return blamed
        if (left <= 0) break
      }
    if (!found) return []
    known.add(node)
    return [{ op, path, ...(site && { site }), ...found }]
  }
  const search = (visits: readonly Visit[]): Blame[] =>
    visits.flatMap((visit) => {
      try {
        return judged(visit)
      } catch {
        // An operation that cannot be derived by itself is not the one that is sought.
        return []
      }
    })
  return search(run(graph, inputs).visits)
}
