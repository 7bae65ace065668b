import { inner } from '../oracles/direction.js'
import { around, everywhere, minus, type ProxLaw } from './claim.js'

/** Fermat's rule for convex R: (x - p)/t is a subgradient at p, R(z) ≥ R(p) + ⟨(x - p)/t, z - p⟩ for all z. */
export const optimality: ProxLaw = (k) => {
  if (!k.convex) return 'it is not said to be convex'
  return everywhere(k, (x, step, p) => {
    const y = minus(x, p).map((v) => v / step)
    const base = k.value(p)
    for (const z of [x, ...around(k.rng, p, 30)]) {
      const [value, bound] = [k.value(z), base + inner(y, minus(z, p))]
      if (!(value >= bound - 1e-9 * (1 + Math.abs(bound) + Math.abs(base))))
        return `R is ${value}, below ${bound} of the support with slope (x - p)/t`
    }
    return null
  })
}
