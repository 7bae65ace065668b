import type { GradFailure, LawId, Mismatch } from '../failure.js'
import type { OracleName } from '../oracles/oracle.js'
import { regularityOf } from '../regularity/regularity.js'
import { kinkSites } from '../regularity/site.js'
import { located } from '../subject/subject.js'
import { blamed, culprits } from './blamed.js'
import { type Comparison, compareAlong, type Question, sure, wrongEntry } from './compare.js'
import { type Context, DIRECTIONS, type Finding, holds, POWER } from './context.js'
import { isSubgradient, leastSubgradient } from './kink.js'

const relativeTo = (analytic: number, truth: number): number =>
  Math.abs(analytic - truth) / Math.max(Math.abs(truth), 1e-300)

/** The failure for a wrong derivative: which entry, and whose rule. */
export const mismatch = (
  c: Context,
  law: LawId,
  q: Question,
  found: Comparison,
  smooth: Mismatch['smooth'],
  atKink = false,
): Mismatch => {
  const one = wrongEntry(q, found)
  const at = one?.at ?? found
  const scale = one ? at.d[one.index]! : 1
  const projected = one && c.v.length === 1 && law !== 'second-order' ? c.v[0]! : 1
  const unit = scale * projected
  const [analytic, value] = [at.analytic / unit, at.truth!.value / unit]
  return {
    ...c.common(law),
    _tag: 'Mismatch',
    ...(one && { entry: c.subject.entries[one.index]! }),
    analytic,
    oracle: { value, error: Math.abs(at.truth!.error / unit) },
    tolerance: Math.abs(at.tolerance / unit),
    relative: relativeTo(analytic, value),
    blame: blamed(c, { order: law === 'second-order' ? 2 : 1, atKink }),
    smooth,
  }
}

const inconclusive = (c: Context, law: LawId, mde: number, reason: string): GradFailure => ({
  ...c.common(law),
  _tag: 'Inconclusive',
  reason,
  mde,
})

const reasonOf = ({ oracle, unavailable = '' }: Comparison): string =>
  oracle === 'ridders' ? unavailable : `${oracle} has no answer: ${unavailable}`

/** A claimed derivative against the truth, along a few directions. */
export const derivativeLaw = (c: Context, law: LawId, q: Question): Finding => {
  let mde = 0
  let oracle: OracleName = 'ridders'
  for (let i = 0; i < DIRECTIONS; i++) {
    const found = compareAlong(q, c.rng.normals(q.x.length))
    // Double-double has seen the same decisions on both sides.
    if (sure(found.oracle) && found.wrong)
      return { failures: [mismatch(c, law, q, found, 'smooth')], results: [] }
    if (!sure(found.oracle) && (i === 0 || found.wrong || !found.truth)) {
      const at = regularityOf(found.line)
      if (at.verdict !== 'smooth' && at.verdict !== 'unresolved') return roughLaw(c, law, q, found, at)
      if (found.wrong)
        return { failures: [mismatch(c, law, q, found, at.verdict)], results: [], regularity: at }
    }
    if (!found.truth)
      return {
        failures: [inconclusive(c, law, Number.POSITIVE_INFINITY, reasonOf(found))],
        results: [],
      }
    if (found.mde > POWER)
      return {
        failures: [inconclusive(c, law, found.mde, 'rounding hides errors of more than one percent')],
        results: [],
      }
    mde = Math.max(mde, found.mde)
    if (i === 0 || found.oracle === 'ridders') oracle = found.oracle
  }
  return { ...holds(law, DIRECTIONS), mde, oracle }
}

const roughLaw = (
  c: Context,
  law: LawId,
  q: Question,
  found: Comparison,
  at: ReturnType<typeof regularityOf>,
): Finding => {
  const skipped: Finding = { failures: [], results: [{ law, verdict: 'skipped', cases: 0 }], regularity: at }
  if (c.atKinks === 'skip') return skipped
  const traced = located(c.subject)
  const notSmooth = (): Finding => ({
    failures: [
      {
        ...c.common(law),
        ...at,
        _tag: 'NotSmooth',
        sites: traced ? kinkSites(traced.graph, traced.inputs) : [],
      },
    ],
    results: [],
    regularity: at,
  })
  if (c.atKinks === 'fail') return notSmooth()
  // The gradient itself has a kink or a jump: there is no second derivative to compare with.
  if (law === 'second-order') return skipped
  if (at.verdict !== 'kink') return notSmooth()
  const { subject: s, v } = c
  const g = s.reverse(s.x, v).data
  const slope = q.claim.along(found.d)
  const nearest = Math.min(Math.max(slope, Math.min(at.left, at.right)), Math.max(at.left, at.right))
  const wrong = (value: number, index?: number, analytic = slope): Finding => {
    const blame = culprits(c, { atKink: true })
    const scale = s.value(s.x).data.length === 1 && index !== undefined ? v[0]! : 1
    return {
      failures: [
        {
          ...c.common(law),
          _tag: 'Mismatch',
          ...(index !== undefined && { entry: s.entries[index]! }),
          analytic: analytic / scale,
          oracle: { value: value / scale, error: at.slack },
          tolerance: at.slack,
          relative: relativeTo(analytic, value),
          blame,
          smooth: at.verdict,
        },
      ],
      results: [],
      regularity: at,
    }
  }
  if (!isSubgradient(s, v, g, found.d, at, c.rng)) return wrong(nearest)
  if (c.atKinks === 'min-norm') {
    if (traced) {
      const [first] = culprits(c, { atKink: true })
      if (first) return wrong(first.expected.value, undefined, first.local)
    } else {
      const least = leastSubgradient(s, v, c.rng)
      const size = Math.max(...g.map(Math.abs))
      const off = least?.findIndex((p, i) => Math.abs(p - g[i]!) > 1e-3 * size) ?? -1
      if (least && off >= 0) return wrong(least[off]!, off, g[off]!)
    }
  }
  return { failures: [], results: [{ law, verdict: 'subgradient', cases: 1 }], regularity: at }
}
