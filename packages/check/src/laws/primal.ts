import { type Context, type Finding, fails, holds, nothingFound } from './context.js'

// Compiled code may sum in another order than the kernels by which a graph is read: the last digits may differ.
const ROUNDING = 1e-5

/** The first entry that rounding does not explain; -1 if there is none. */
const firstFar = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let size = 0
  for (let i = 0; i < a.length; i++) if (Number.isFinite(a[i])) size = Math.max(size, Math.abs(a[i]!))
  for (let i = 0; i < a.length; i++)
    if (!Object.is(a[i], b[i]) && !(Math.abs(a[i]! - b[i]!) <= ROUNDING * size)) return i
  return -1
}

/**
 * A transform computes the function on its way: the values that vjp, jvp and linearize return are those of the function,
 * up to rounding; and what `linearize` returns is the tangent map of jvp.
 */
export const primalLaw = (c: Context): Finding => {
  const { subject: s } = c
  if (!s.primals) return nothingFound
  const y = s.value(s.x).data
  const all = s.primals(s.x, c.v, c.rng.normals(s.x.length))
  for (const value of all) {
    const i = firstFar(y, value.data)
    if (i >= 0 || value.data.length !== y.length)
      return fails({ ...c.common('primal'), _tag: 'Impure', what: 'value', values: [y[i]!, value.data[i]!] })
  }
  return holds('primal', all.length)
}
