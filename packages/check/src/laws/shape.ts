import { moved } from '../oracles/direction.js'
import { type Context, type Finding, fails, holds } from './context.js'

/**
 * A derivative at x is about values near x, and those must be comparable: shapes and dtypes do not depend on values nearby,
 * and the gradient has the structure of the argument.
 */
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
