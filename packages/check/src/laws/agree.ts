import type { GradFailure, LawId } from '../failure.js'
import { innerSize } from '../oracles/direction.js'
import { blamed } from './blamed.js'
import type { Context } from './context.js'

/** Two numbers that should agree up to rounding, with the noise of their terms measured before anything is said. */
export const agree = (
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
export const gradientOf = (c: Context, v: Float64Array): Float64Array =>
  c.exact?.gradient(v) ?? c.subject.reverse(c.subject.x, v).data
export const tangentOf = (c: Context, d: Float64Array): Float64Array =>
  c.exact?.tangent(d) ?? c.subject.forward!(c.subject.x, d).data
