import { inner, innerSize, lineAlong } from '../oracles/direction.js'
import { agree, gradientOf, tangentOf } from './agree.js'
import { type Context, type Finding, fails, holds, nothingFound } from './context.js'

/** Derivatives are linear maps: Jᵀ(2v - 3w) = 2Jᵀv - 3Jᵀw, and J(2p - 3q) = 2Jp - 3Jq. */
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
