import type { LawResult } from '../failure.js'
import { inner } from '../oracles/direction.js'
import type { Line } from '../oracles/line.js'
import { regularityOf } from '../regularity/regularity.js'
import { gradientOf } from './agree.js'
import { compare, type Question, scaled } from './compare.js'
import type { Context, Finding } from './context.js'
import { mismatch } from './derivative.js'
import { reverseQuestion, secondQuestion } from './questions.js'

/** Rates this far from a whole number are those of no expansion: the steps are not small enough, or rounding has a part in them. */
const CLEAR = 0.2
/** A remainder below so many times the rounding of the values says nothing. */
const RESOLVED = 256
const FIRST = 3
const LAST = 40

/**
 * The rate at which |φ(t) - φ(0) - slope·t - ½ bend·t²| shrinks as t is halved, over the smallest four steps where it stands out of
 * rounding of the given size; null where none does, or where the rates of those steps do not settle.
 */
export const remainderRate = (line: Line, slope: number, bend: number, rounding: number): number | null => {
  const remainders: number[] = []
  for (let k = FIRST; k <= LAST; k++) {
    const t = 2 ** -k
    const r = Math.abs(line.probe(k, 1) - line.at0 - slope * t - (bend / 2) * t * t)
    const floor = RESOLVED * (rounding + 2 ** -52 * (Math.abs(line.at0) + Math.abs(slope) * t))
    if (!(r > floor)) break
    remainders.push(r)
  }
  if (remainders.length < 4) return null
  const rates = remainders.slice(-4).flatMap((r, i, all) => (i === 0 ? [] : [Math.log2(all[i - 1]! / r)]))
  return Math.max(...rates) - Math.min(...rates) < CLEAR
    ? rates.reduce((a, b) => a + b, 0) / rates.length
    : null
}

/**
 * Taylor's theorem as a second opinion, on values alone: f(x + td) - f(x) is of order t, of order t² after the gradient is
 * taken off, and of order t³ after half the second derivative is. A remainder that keeps the order before belongs to a wrong
 * derivative, or to a function whose graph is not what it computes: one that reads a number from a tensor and calculates
 * with it, say, which no reader of the graph can see.
 *
 * A rate alone accuses nobody: adaptive differences have to see the error too. Where remainders are lost in rounding, or the
 * function is not smooth, the law says nothing.
 */
export const taylorLaw = (c: Context): Finding => {
  const { subject: s, v } = c
  const d = scaled(c.rng.normals(s.x.length), s.x, 'relative')
  const line = reverseQuestion(s, v).line(d)
  const slope = inner(gradientOf(c, v), d)
  const curved = c.order === 2 && s.second
  const hd = curved && (c.exact?.curvature(v, d) ?? s.second!(s.x, v, d).data)
  const orders: readonly Remainder[] = [
    { order: 1, slope: 0, bend: 0 },
    { order: 2, slope, bend: 0, question: () => reverseQuestion(s, v) },
    ...(hd ? [{ order: 3, slope, bend: inner(hd, d), question: () => secondQuestion(s, v, d) }] : []),
  ]
  let cases = 0
  for (const { order, slope: a, bend, question } of orders) {
    const seen = remainderRate(line, a, bend, 2 ** -52 * (c.exact?.level ?? 0))
    const suspect = (rate: number | null): boolean => rate !== null && Math.abs(rate - (order - 1)) < CLEAR
    if (seen !== null) cases++
    // Rounding is measured only where it matters: from nearby it may look smooth, where an intermediate result does not
    // move, so it is looked for as far as there is.
    if (!question || !suspect(seen) || !suspect(remainderRate(line, a, bend, line.noise(1)))) continue
    const q = question()
    const found = compare(q, d)
    if (!found.wrong) continue
    if (regularityOf(line).verdict !== 'smooth') return { failures: [], results: [SKIPPED] }
    return { failures: [mismatch(c, 'taylor', q, found, 'smooth')], results: [] }
  }
  return { failures: [], results: [cases > 0 ? { law: 'taylor', verdict: 'holds', cases } : SKIPPED] }
}

interface Remainder {
  readonly order: number
  readonly slope: number
  readonly bend: number
  readonly question?: () => Question
}

const SKIPPED: LawResult = { law: 'taylor', verdict: 'skipped', cases: 0 }
