import { inner, innerSize, lineAlong } from '../oracles/direction.js'
import { agree, gradientOf, tangentOf } from './agree.js'
import { type Context, type Finding, fails, holds, nothingFound } from './context.js'

/**
 * Forward and reverse mode are adjoint: ⟨v, Jd⟩ = ⟨Jᵀv, d⟩ for all v and d. Where reverse mode is made from forward mode this
 * tests the transposes; together with the first-order law of one mode it proves the other.
 */
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
