import { blamed } from './blamed.js'
import { type Context, type Finding, fails, holds, nothingFound } from './context.js'

/** A linear map takes zero to zero: Jᵀ0 = 0, exactly, whatever is infinite on the way. */
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
