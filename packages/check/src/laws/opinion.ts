import type { LawResult, Opinion } from '../failure.js'
import type { Oracle } from '../oracles/oracle.js'
import { gradientOf } from './agree.js'
import { type Comparison, compare, gradientClaim, type Question, scaled } from './compare.js'
import { type Context, type Finding, nothingFound } from './context.js'
import { mismatch } from './derivative.js'
import { putTo, reverseQuestion } from './questions.js'

/** Steps of a quarter: sums of them and of dyadic numbers are exact. */
const quartered = (d: Float64Array): Float64Array => d.map((v) => Math.round(4 * v) / 4 || 1 / 4)

/** Along steps in proportion to every entry, and at least of length 1: of the two the first that has an answer. */
const asked = (q: Question, normals: Float64Array): Comparison => {
  const relative = compare(q, scaled(normals, q.x, 'relative'))
  return relative.truth ? relative : compare(q, scaled(normals, q.x, 'absolute'))
}

/**
 * The truth does not depend on who is asked: imaginary steps through the graph, which take no difference, and exact differences of the
 * function itself where it is bilinear, give the derivative that is claimed. Neither reads a derivative rule, and they share
 * nothing with double-double but the graph. One that has no answer says which operation it cannot read.
 */
export const opinionLaw = (c: Context): Finding => {
  const { subject: s } = c
  if (s.x.length === 0 || c.opinions.length === 0) return nothingFound
  const opinions: Opinion[] = []
  for (const oracle of c.opinions) {
    const found = opinionOf(c, oracle)
    if (!found.truth) {
      opinions.push({ oracle: oracle.name, verdict: 'unavailable', reason: found.unavailable ?? '' })
      continue
    }
    if (found.wrong) {
      const q = questionFor(c, oracle)
      return { failures: [mismatch(c, 'second-opinion', q, found, 'smooth')], results: [] }
    }
    opinions.push({ oracle: oracle.name, verdict: 'agrees' })
  }
  const cases = opinions.filter((o) => o.verdict === 'agrees').length
  const result: LawResult = { law: 'second-opinion', verdict: cases > 0 ? 'holds' : 'skipped', cases }
  return { failures: [], results: [result], opinions }
}

// What the rules say without rounding, where that can be had: the law is about them.
const questionFor = (c: Context, oracle: Oracle): Question => {
  const { subject: s, v } = c
  const claim = gradientClaim(gradientOf(c, v), (x) => s.reverse(x, v).data, s.x, s.eps)
  return putTo(oracle, { ...reverseQuestion(s, v), claim }, (who, d) => who.first(v, d))
}

const opinionOf = (c: Context, oracle: Oracle): Comparison =>
  asked(questionFor(c, oracle), quartered(c.rng.normals(c.subject.x.length)))
