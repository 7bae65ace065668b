import { type Context, type Finding, fails, holds, nothingFound } from './context.js'
import { firstDifferent } from './purity.js'

/**
 * A transform computes the function on its way: the values that vjp, jvp and linearize return are those of the function,
 * bit by bit; and what `linearize` returns is the tangent map of jvp.
 */
export const primalLaw = (c: Context): Finding => {
  const { subject: s } = c
  if (!s.primals) return nothingFound
  const y = s.value(s.x).data
  const all = s.primals(s.x, c.v, c.rng.normals(s.x.length))
  for (const value of all) {
    const i = firstDifferent(y, value.data)
    if (i >= 0 || value.data.length !== y.length)
      return fails({ ...c.common('primal'), _tag: 'Impure', what: 'value', values: [y[i]!, value.data[i]!] })
  }
  return holds('primal', all.length)
}
