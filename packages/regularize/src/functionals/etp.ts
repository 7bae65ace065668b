import { abs, exp, expm1, mul, type Num, sign, type Tensor } from '@cotangent/core'
import { concaveProx } from './candidates.js'
import { type Entrywise, entrywise } from './entrywise.js'
import { minus, over, times } from './scalars.js'
import { above, show, strength } from './strength.js'

/**
 * The exponential-type penalty R(x) = σ·Σ(1 - e^{-γ|xᵢ|})/(1 - e^{-γ}), between {@link l1} (γ → 0) and {@link l0}
 * (γ → ∞). Gao et al. 2011, https://doi.org/10.1609/aaai.v25i1.7864
 *
 * @example
 * etp(2, 1).value(tensor([1, 0])) // => 2
 * etp(1, 1).prox(tensor([0.5, 3]), 1) // => [0, 2.9143]
 */
export const etp = (sigma: Num, gamma: Num): Entrywise => {
  strength('etp', sigma)
  above('etp', 'γ', gamma, 0)
  const full = typeof gamma === 'number' ? -Math.expm1(-gamma) : minus(expm1(minus(gamma)))
  const scale = over(sigma, full)
  const decay = (x: Tensor): Tensor => exp(mul(abs(x), minus(gamma)))
  const value = (x: Tensor): Tensor => mul(expm1(mul(abs(x), minus(gamma))), minus(scale))
  const slope = (x: Tensor): Tensor => mul(mul(sign(x), decay(x)), times(scale, gamma))
  const bend = times(times(scale, gamma), gamma)
  const curvature = (x: Tensor): Tensor => mul(decay(x), minus(bend))
  return entrywise({
    name: `etp(${show(sigma)}, ${show(gamma)})`,
    traits: { convex: false, smooth: false, weakConvexity: bend },
    value,
    slope,
    kink: times(scale, gamma),
    prox: (x, t) => concaveProx(x, t, { value, slope, curvature }),
  })
}
