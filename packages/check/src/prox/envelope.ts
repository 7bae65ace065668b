import { lineAlong } from '../oracles/direction.js'
import { ridders } from '../oracles/ridders.js'
import { EPS } from '../subject/subject.js'
import { everywhere, minus, objective, type ProxLaw } from './claim.js'

/** The Moreau envelope of a convex function, min t·R(z) + ½‖z - x‖², is differentiable everywhere, with the gradient x - prox(x, t). */
export const envelope: ProxLaw = (k) => {
  if (!k.convex) return 'it is not said to be convex'
  return everywhere(
    k,
    (x, step, p) => {
      const g = minus(x, p)
      const d = k.rng.normals(x.length)
      const value = (z: Float64Array): Float64Array => Float64Array.of(objective(k, z, step, k.prox(z, step)))
      const slope = ridders(lineAlong(value, x, [1], d, EPS))
      const claimed = g.reduce((s, v, i) => s + v * d[i]!, 0)
      return slope && Math.abs(slope.value - claimed) > 1e-6 * (1 + Math.abs(claimed)) + 10 * slope.error
        ? `the slope of the envelope is ${slope.value}, and ⟨x - p, d⟩ is ${claimed}`
        : null
    },
    k.points.slice(0, 4),
  )
}
