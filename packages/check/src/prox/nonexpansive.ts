import { inner } from '../oracles/direction.js'
import { everywhere, minus, type ProxLaw, squared } from './claim.js'

/**
 * The prox of a convex function is firmly non-expansive: ⟨Δp, Δx⟩ ≥ ‖Δp‖². That of any function is monotone: ⟨Δp, Δx⟩ ≥ 0
 * (Moreau 1965).
 */
export const nonexpansive: ProxLaw = (k) =>
  everywhere(k, (x, step, p) => {
    for (const z of k.points) {
      const [dx, dp] = [minus(z, x), minus(k.prox(z, step), p)]
      const [rise, least] = [inner(dp, dx), k.convex ? squared(dp) : 0]
      if (!(rise >= least - 1e-9 * (1 + squared(dx))))
        return `⟨Δp, Δx⟩ is ${rise} towards [${Array.from(z)}], less than ${k.convex ? `‖Δp‖² = ${least}` : '0'}`
    }
    return null
  })
