import { inner, innerSize, lineAlong } from '../oracles/direction.js'
import { agree } from './agree.js'
import { type Context, type Finding, fails, holds, nothingFound } from './context.js'

/** Second derivatives commute where they are continuous (Schwarz): ⟨u, Hd⟩ = ⟨d, Hu⟩. */
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
