import { blamed } from './agree.js'
import { type Context, type Finding, fails, holds, nothingFound } from './context.js'

/** vmap is a loop: f over a batch of three points is f at each of them, up to the order of sums. */
export const batchLaw = (c: Context): Finding => {
  const { subject: s } = c
  if (!s.batched) return nothingFound
  const step = (): Float64Array => s.x.map((x) => x * (1 + c.rng.normal() / 64))
  const points = [s.x, step(), step()]
  const all = s.batched(points)
  if (!all) return nothingFound
  for (const [k, x] of points.entries()) {
    const [one, many] = [s.value(x).data, all[k]!]
    const size = one.reduce((m, y) => Math.max(m, Math.abs(y)), 0)
    const tolerance = 1024 * s.eps * size
    const i = one.findIndex((y, j) => !(Object.is(y, many[j]) || Math.abs(y - many[j]!) <= tolerance))
    if (i < 0) continue
    return fails({
      ...c.common('batch'),
      _tag: 'Mismatch',
      analytic: many[i]!,
      oracle: { value: one[i]!, error: tolerance },
      tolerance,
      relative: Math.abs(many[i]! - one[i]!) / Math.max(Math.abs(one[i]!), 1e-300),
      blame: blamed(c),
      smooth: 'smooth',
    })
  }
  return holds('batch', points.length)
}
