import { innerSize, lineAlong } from '../oracles/direction.js'
import { ROUNDING } from '../oracles/doubleDouble/index.js'
import type { Exact } from '../oracles/exact.js'
import type { Line } from '../oracles/line.js'
import { type Answer, type Estimate, isEstimate, type OracleName } from '../oracles/oracle.js'
import { ridders } from '../oracles/ridders.js'

/** A derivative that somebody claims, along any direction. */
export interface Claim {
  readonly along: (d: Float64Array) => number
  /** Σ|g_i d_i|: what the rounding of `along` is measured by. */
  readonly size: (d: Float64Array) => number
  /** How much `along` itself scatters at very close points. */
  readonly noise: (d: Float64Array) => number
}

/** ⟨v, f⟩ near x, and what is claimed of its derivative there. */
export interface Question {
  readonly x: Float64Array
  readonly eps: number
  readonly line: (d: Float64Array) => Line
  /** Claim and truth without rounding, where they can be had. */
  readonly exact?: (d: Float64Array) => Exact | null
  readonly claim: Claim
  /** The oracle that was asked for, in place of the best there is. */
  readonly chosen?: Asked
  /** The size of numbers whose rounding shows in the line, if more than its own values. */
  readonly level?: number
}

/** An oracle, and what it says along a direction. */
export interface Asked {
  readonly name: OracleName
  readonly along: (d: Float64Array) => Answer
}

/** One comparison along one direction. */
export interface Comparison {
  readonly d: Float64Array
  readonly line: Line
  readonly analytic: number
  /** Null where there is no answer, such as where the function is defined on no pair of points around x. */
  readonly truth: Estimate | null
  /** Why there is no answer. */
  readonly unavailable?: string
  readonly tolerance: number
  readonly wrong: boolean
  readonly oracle: OracleName
  /** The smallest relative error that would be seen; 0 where nothing is claimed and nothing found. */
  readonly mde: number
}

/** Tolerance: what the oracle measured of its own error, and the rounding of the claim. */
export const compare = (q: Question, d: Float64Array): Comparison => {
  const line = q.line(d)
  const exact = q.exact?.(d) ?? null
  const analytic = exact ? exact.analytic : q.claim.along(d)
  const { oracle, answer } = truthOf(q, line, exact, d)
  const size = exact ? exact.size : q.claim.size(d)
  if (!isEstimate(answer)) {
    const { unavailable } = answer
    const nothing = { truth: null, tolerance: Number.NaN, wrong: false, mde: Number.POSITIVE_INFINITY }
    return { d, line, analytic, unavailable, oracle, ...nothing }
  }
  const truth = answer
  let tolerance = 10 * truth.error + 8 * q.eps * size
  const off = Math.abs(analytic - truth.value)
  let wrong = !(off <= tolerance)
  if (wrong) {
    // Cancellation inside of the gradient is not in Σ|g_i d_i|; it is measured only when it matters.
    tolerance += 20 * (exact ?? q.claim).noise(d)
    wrong = !(off <= tolerance)
  }
  const scale = Math.max(size, Math.abs(truth.value))
  // A derivative that is nothing has no size to measure errors by. In double-double it is what rounding leaves of it; a
  // claim above 0 that float64 cannot tell from 0 is shown by nothing, and stays without power.
  const level = Math.max(Math.abs(line.at0), q.level ?? 0, exact?.level ?? 0)
  const residue = exact ? 64 * ROUNDING * level : 0
  const nothing = size <= residue + 1e-280 && tolerance <= 1e-6 * (level + 1)
  return {
    d,
    line,
    analytic,
    truth,
    tolerance,
    wrong,
    oracle,
    mde: nothing ? 0 : tolerance / scale,
  }
}

const truthOf = (
  q: Question,
  line: Line,
  exact: Exact | null,
  d: Float64Array,
): { readonly oracle: OracleName; readonly answer: Answer } => {
  if (q.chosen) return { oracle: q.chosen.name, answer: q.chosen.along(d) }
  if (exact) return { oracle: 'double-double', answer: exact.truth }
  return {
    oracle: 'ridders',
    answer: ridders(line) ?? { unavailable: 'the function is not defined on both sides' },
  }
}

/** Whether what was asked has looked at the decisions, or the degree, of the function itself: its answer is no guess at a kink. */
export const sure = (oracle: OracleName): boolean => oracle !== 'ridders'

/** The step lengths of a direction: at least 1, or in proportion to every entry. */
export const scaled = (normals: Float64Array, x: Float64Array, kind: 'absolute' | 'relative'): Float64Array =>
  normals.map((n, i) => n * (kind === 'absolute' ? Math.max(Math.abs(x[i]!), 1) : Math.abs(x[i]!) || 1))

/** A comparison along a random direction, of the two scalings the one that sees more. */
export const compareAlong = (q: Question, normals: Float64Array): Comparison => {
  const first = compare(q, scaled(normals, q.x, 'absolute'))
  if (!first.wrong && first.mde <= 1e-6) return first
  const second = compare(q, scaled(normals, q.x, 'relative'))
  // Steps of length 1 leave the neighbourhood of very small entries: a sharp look from nearer by overrules them.
  if (first.wrong) return !second.wrong && second.mde <= 1e-6 ? second : first
  return second.wrong || second.mde < first.mde ? second : first
}

/** The entry that is wrong: the support of the direction is halved as long as one half is wrong by itself. */
export const wrongEntry = (q: Question, found: Comparison): { index: number; at: Comparison } | null => {
  let support = [...found.d.keys()].filter((i) => found.d[i] !== 0)
  const restricted = (some: readonly number[]): Comparison => {
    const d = new Float64Array(found.d.length)
    for (const i of some) d[i] = found.d[i]!
    return compare(q, d)
  }
  let at = found
  while (support.length > 1) {
    const half = Math.ceil(support.length / 2)
    const parts = [support.slice(0, half), support.slice(half)]
    const results = parts.map(restricted)
    const excess = results.map((r) => (r.wrong ? Math.abs(r.analytic - r.truth!.value) / r.tolerance : -1))
    // Of two that are equally wrong the first, whatever the last digits say.
    const pick = excess[0]! >= excess[1]! / 2 ? 0 : 1
    if (excess[pick]! < 0) return null
    support = parts[pick]!
    at = results[pick]!
  }
  return support.length === 1 ? { index: support[0]!, at: at === found ? restricted(support) : at } : null
}

/** The claim of a gradient vector that is the same for all directions. */
export const gradientClaim = (
  g: Float64Array,
  again: (x: Float64Array) => Float64Array,
  x: Float64Array,
  eps: number,
): Claim => ({
  along: (d) => g.reduce((s, v, i) => s + v * d[i]!, 0),
  size: (d) => innerSize(g, d),
  noise: (d) => lineAlong(again, x, d, d, eps).noise(),
})
