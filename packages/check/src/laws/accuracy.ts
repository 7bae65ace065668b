import { nodeSubject } from '../blame/local.js'
import type { Accuracy, Blame, Mismatch } from '../failure.js'
import { run } from '../graph/visit.js'
import { exactOracle } from '../oracles/exact.js'
import { EPS, located, type Subject } from '../subject/subject.js'
import type { Context, Finding } from './context.js'

/** 2^(e-52) for 2^e <= |x| < 2^(e+1). */
export const ulp = (x: number): number => 2 ** (Math.floor(Math.log2(Math.max(Math.abs(x), 2 ** -1022))) - 52)

interface Worst {
  readonly index: number
  readonly ulps: number
  readonly ofLargest: number
}

/** Beyond this many binary digits below the largest value on the way, double-double has none left either. */
const NOTHING = 2 ** -96

const worst = (given: Float64Array, exact: Float64Array, level: number): Worst => {
  const largest = ulp(exact.reduce((m, v) => Math.max(m, Math.abs(v)), NOTHING * level))
  let found: Worst = { index: 0, ulps: 0, ofLargest: 0 }
  for (const [i, g] of given.entries()) {
    const off = Math.abs(g - exact[i]!)
    // An entry that cancels to nothing has no last place of its own.
    const ulps = off / ulp(Math.abs(exact[i]!) > NOTHING * level ? exact[i]! : level)
    if (i === 0 || ulps > found.ulps) found = { ...found, index: i, ulps }
    if (off / largest > found.ofLargest) found = { ...found, ofLargest: off / largest }
  }
  return found
}

/**
 * Certificate B: the floating-point gradient is accurate. That the rules are right says nothing about their rounding: for the
 * sigmoid, y(1 - y) and σ(x)σ(-x) are the same rule, and far out the first has no digit left. The gradient in float64 is
 * held against the same graph in double-double; the difference is rounding alone.
 *
 * It is always measured and is part of the certificate; it fails only where a limit was asked for.
 */
export const accuracyLaw = (c: Context): Finding => {
  const { subject: s, v, exact } = c
  const truth = s.eps === EPS ? exact?.gradient(v) : undefined
  const given = s.reverse(s.x, v).data
  if (!truth || truth.length !== given.length || truth.length === 0) return { failures: [], results: [] }
  const { index, ulps, ofLargest } = worst(given, truth, exact!.level)
  const accuracy: Accuracy = {
    ulps,
    ofLargest,
    entry: s.entries[index]!,
    given: given[index]!,
    exact: truth[index]!,
  }
  if (c.ulps === undefined) return { failures: [], results: [], accuracy }
  if (ulps <= c.ulps)
    return { failures: [], results: [{ law: 'accuracy', verdict: 'holds', cases: 1 }], accuracy }
  const [analytic, value] = [given[index]!, truth[index]!]
  const failure: Mismatch = {
    ...c.common('accuracy'),
    _tag: 'Mismatch',
    entry: accuracy.entry,
    analytic,
    oracle: { value, error: ulp(value) },
    tolerance: c.ulps * ulp(value),
    relative: Math.abs(analytic - value) / Math.max(Math.abs(value), 1e-300),
    blame: c.withBlame ? inaccurate(s, c.ulps) : [],
    smooth: 'smooth',
  }
  return { failures: [failure], results: [], accuracy }
}

/** Operations whose own derivative loses digits at the operands they had; none where digits cancel between operations. */
const inaccurate = (s: Subject, limit: number): Blame[] => {
  const traced = located(s)
  if (!traced) return []
  return run(traced.graph, traced.inputs).visits.flatMap((visit): Blame[] => {
    try {
      const local = nodeSubject(visit)
      const ones = local && new Float64Array(local.value(local.x).data.length).fill(1)
      const oracle = local && exactOracle(local)
      const exact = oracle?.gradient(ones!)
      if (!local || !oracle || !exact) return []
      const given = local.reverse(local.x, ones!).data
      const { index, ulps } = worst(given, exact, oracle.level)
      if (ulps <= limit) return []
      const { op, path, site } = visit
      const expected = { value: exact[index]!, error: ulp(exact[index]!) }
      return [{ op, path, ...(site && { site }), rule: 'accuracy', local: given[index]!, expected }]
    } catch {
      // An operation that cannot be derived by itself is not the one that is sought.
      return []
    }
  })
}
