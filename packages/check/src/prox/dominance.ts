import { showNumber } from '../report/render.js'
import { around, everywhere, objective, type ProxLaw } from './claim.js'

/**
 * The definition: p = prox(x, t) minimises t·R(z) + ½‖z - x‖², so that no other z does better, whether R is convex or not.
 * Tried are points around p and x at all distances, x itself, 0, and p with single entries set to 0.
 */
export const dominance: ProxLaw = (k) =>
  everywhere(k, (x, step, p) => {
    if (p.length !== x.length) return `the prox has ${p.length} numbers, its argument ${x.length}`
    const best = objective(k, x, step, p)
    const rivals = [
      x,
      x.map(() => 0),
      ...Array.from(p, (_, i) => p.map((v, j) => (j === i ? 0 : v))),
      ...around(k.rng, p, k.rivals),
      ...around(k.rng, x, k.rivals / 4),
    ]
    const better = rivals.find((z) => !(objective(k, x, step, z) >= best - 1e-12 * (Math.abs(best) + 1)))
    if (!better) return null
    const shown = Array.from(better.slice(0, 12), (v) => showNumber(v)).join(', ')
    return `[${shown}] has the objective ${showNumber(objective(k, x, step, better), 12)}, less than ${showNumber(best, 12)}`
  })
