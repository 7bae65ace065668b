import { blameIn } from '../blame/blame.js'
import { type Birthplace, backwardBirthplace, birthplace } from '../blame/born.js'
import type { Blame, GradFailure, LawId } from '../failure.js'
import { inner, innerSize, lineAlong, moved } from '../oracles/direction.js'
import { located, type Result } from '../subject/subject.js'
import { type Context, type Finding, fails, holds, nothingFound } from './context.js'

// Laws that need no differences: they hold exactly, or up to the rounding of a sum.

const firstDifferent = (a: Float64Array, b: Float64Array): number =>
  a.findIndex((v, i) => !Object.is(v, b[i]))

/** Two runs give the same bits. */
export const purityLaw = (c: Context, what: 'value' | 'gradient', run: () => Result): Finding => {
  const [a, b] = [run(), run()]
  const i = firstDifferent(a.data, b.data)
  if (i < 0 && a.data.length === b.data.length) return holds('purity', 1)
  return fails({
    ...c.common('purity'),
    _tag: 'Impure',
    what,
    values: [a.data[i]!, b.data[i]!],
  })
}

/** Shapes and dtypes do not depend on values nearby. */
export const shapeLaw = (c: Context): Finding => {
  const { subject: s } = c
  const { layout, data } = s.value(s.x)
  const drift = (what: string, expected: string, got: string): Finding =>
    fails({ ...c.common('shape'), _tag: 'ShapeDrift', what, expected, got })
  if (data.length === 0) return drift('the result', 'a float tensor', layout || 'nothing')
  if (!s.forward && data.length !== 1) return drift('the result', 'one number', `${data.length} numbers`)
  for (const k of [3, 6, 10, 20, 30])
    for (const sign of [1, -1]) {
      const d = c.rng.normals(s.x.length).map((n, i) => n * (Math.abs(s.x[i]!) || 1))
      let near: string
      try {
        near = s.value(moved(s.x, d, sign * 2 ** -k)).layout
      } catch {
        continue
      }
      if (near !== layout) return drift('the result nearby', layout, near)
    }
  const g = s.reverse(s.x, c.v)
  if (g.data.length !== s.x.length)
    return drift('the gradient', `${s.x.length} numbers`, `${g.data.length} numbers`)
  return holds('shape', 10)
}

/** The value and the gradient are finite; if not, where that began. */
export const finiteLaw = (c: Context): Finding => {
  const { subject: s } = c
  const y = s.value(s.x).data
  const bad = y.findIndex((v) => !Number.isFinite(v))
  if (bad >= 0) {
    const traced = located(s)
    const at = traced && birthplace(traced)
    return fails({
      ...c.common('finite'),
      _tag: 'NonFinite',
      what: 'value',
      value: y[bad]!,
      ...(at && { born: { ...at, pass: 'forward' as const } }),
    })
  }
  const g = s.reverse(s.x, c.v).data
  const i = g.findIndex((v) => !Number.isFinite(v))
  if (i < 0) return holds('finite', 1)
  const traced = located(s)
  const forward = traced && birthplace(traced)
  const backward = (): Birthplace | undefined =>
    (traced && backwardBirthplace(traced)) ?? (s.tracedGradient && birthplace(s.tracedGradient(c.v)))
  const at = forward ?? backward()
  return fails({
    ...c.common('finite'),
    _tag: 'NonFinite',
    what: 'gradient',
    value: g[i]!,
    entry: s.entries[i]!,
    ...(at && { born: { ...at, pass: forward ? ('forward' as const) : ('backward' as const) } }),
  })
}

const blamed = (c: Context): readonly Blame[] => {
  if (!c.withBlame) return []
  const traced = located(c.subject)
  return traced ? blameIn(traced, c.rng) : []
}

/** Two numbers that should agree up to rounding, with the noise of their terms measured before anything is said. */
const agree = (
  c: Context,
  law: LawId,
  a: number,
  b: number,
  size: number,
  noise: () => number,
): GradFailure | null => {
  const { subject: s } = c
  const scale = s.x.reduce((m, x) => Math.max(m, Math.abs(x)), 1e-3)
  // A gradient that cancels to nothing keeps the rounding of the value.
  const nothing =
    (innerSize(
      s.value(s.x).data,
      c.v.map((w) => Math.abs(w) + 1),
    ) *
      s.x.length) /
    scale
  // Linearity fails by much or not at all; and what both modes owe to rounding, double-double has already judged.
  const coarse = law === 'linearity' || (law === 'adjoint' && c.exact)
  let tolerance = (coarse ? Math.max(1e-7, 256 * s.eps) : 256 * s.eps) * size + 256 * s.eps * nothing + 1e-300
  if (Math.abs(a - b) <= tolerance) return null
  tolerance += 100 * noise()
  if (Math.abs(a - b) <= tolerance) return null
  return {
    ...c.common(law),
    _tag: 'Mismatch',
    analytic: a,
    oracle: { value: b, error: tolerance },
    tolerance,
    relative: Math.abs(a - b) / Math.max(Math.abs(b), 1e-300),
    blame: blamed(c),
    smooth: 'smooth',
  }
}

// What the rules say, in double-double where that reaches: an identity is no place for rounding.
const gradientOf = (c: Context, v: Float64Array): Float64Array =>
  c.exact?.gradient(v) ?? c.subject.reverse(c.subject.x, v).data
const tangentOf = (c: Context, d: Float64Array): Float64Array =>
  c.exact?.tangent(d) ?? c.subject.forward!(c.subject.x, d).data

/** ⟨v, Jd⟩ = ⟨Jᵀv, d⟩. */
export const adjointLaw = (c: Context): Finding => {
  const { subject: s, v } = c
  if (!s.forward) return nothingFound
  const d = c.rng.normals(s.x.length)
  const [t, g] = [tangentOf(c, d), gradientOf(c, v)]
  const noise = (): number =>
    lineAlong((x) => s.reverse(x, v).data, s.x, d, d, s.eps).noise() +
    lineAlong((x) => s.forward!(x, d).data, s.x, v, d, s.eps).noise()
  const wrong = agree(c, 'adjoint', inner(g, d), inner(v, t), innerSize(v, t) + innerSize(g, d), noise)
  return wrong ? fails(wrong) : holds('adjoint', 1)
}

/** Pullbacks and pushforwards are linear, and take zero to zero. */
export const linearityLaw = (c: Context): Finding => {
  const { subject: s } = c
  if (!s.forward) return nothingFound
  const [m, n] = [c.v.length, s.x.length]
  const combine = (a: Float64Array, b: Float64Array): Float64Array => a.map((p, i) => 2 * p - 3 * b[i]!)
  const [v, w, u] = [c.rng.normals(m), c.rng.normals(m), c.rng.normals(n)]
  const back = (ct: Float64Array): Float64Array => gradientOf(c, ct)
  const [gv, gw, both] = [back(v), back(w), back(combine(v, w))]
  const expected = combine(gv, gw)
  const size = 2 * innerSize(gv, u) + 3 * innerSize(gw, u)
  const noise = (): number => lineAlong((x) => s.reverse(x, v).data, s.x, u, u, s.eps).noise()
  const wrong = agree(c, 'linearity', inner(both, u), inner(expected, u), size, noise)
  if (wrong) return fails(wrong)
  const [p, q] = [c.rng.normals(n), c.rng.normals(n)]
  const push = (d: Float64Array): Float64Array => tangentOf(c, d)
  const [tp, tq, t] = [push(p), push(q), push(combine(p, q))]
  const tangentSize = 2 * innerSize(tp, v) + 3 * innerSize(tq, v)
  const off = agree(c, 'linearity', inner(t, v), inner(combine(tp, tq), v), tangentSize, () => 0)
  return off ? fails(off) : holds('linearity', 2)
}

/** A zero cotangent gives exact zeros. */
export const zeroLaw = (c: Context): Finding => {
  const { subject: s } = c
  if (!s.forward) return nothingFound
  const g = s.reverse(s.x, new Float64Array(c.v.length)).data
  const i = g.findIndex((x) => x !== 0)
  if (i < 0) return holds('zero-cotangent', 1)
  return fails({
    ...c.common('zero-cotangent'),
    _tag: 'Mismatch',
    entry: s.entries[i]!,
    analytic: g[i]!,
    oracle: { value: 0, error: 0 },
    tolerance: 0,
    relative: Number.POSITIVE_INFINITY,
    blame: blamed(c),
    smooth: 'smooth',
  })
}

/** ⟨u, Hd⟩ = ⟨d, Hu⟩. */
export const symmetryLaw = (c: Context): Finding => {
  const { subject: s, v } = c
  if (!s.second) return nothingFound
  const [u, d] = [c.rng.normals(s.x.length), c.rng.normals(s.x.length)]
  const along = (e: Float64Array): Float64Array => c.exact?.curvature(v, e) ?? s.second!(s.x, v, e).data
  const [hd, hu] = [along(d), along(u)]
  if (!hd.every(Number.isFinite) || !hu.every(Number.isFinite)) return nothingFound
  const noise = (): number =>
    lineAlong((x) => s.second!(x, v, d).data, s.x, u, d, s.eps).noise() +
    lineAlong((x) => s.second!(x, v, u).data, s.x, d, d, s.eps).noise()
  const wrong = agree(c, 'symmetry', inner(u, hd), inner(d, hu), innerSize(u, hd) + innerSize(d, hu), noise)
  return wrong ? fails(wrong) : holds('symmetry', 1)
}
