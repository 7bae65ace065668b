import { abs, add, div, mul, type Num, pow, sign, square, type Tensor } from '@cotangent/core'
import { concaveProx } from './candidates.js'
import { type Entrywise, entrywise } from './entrywise.js'
import { over, times } from './scalars.js'
import { above, show, strength } from './strength.js'

/**
 * R(x) = σ·Σ|xᵢ|/(|xᵢ| + γ), which saturates at σ. Its prox is a root of (z - |x|)(z + γ)² + tσγ or 0, whichever has the
 * lower objective. Geman & Yang 1995, https://doi.org/10.1109/83.392335
 *
 * @example
 * geman(2, 1).value(tensor([1, -3])) // => 2.5
 * geman(1, 1).prox(tensor([0.25, 4]), 1) // => [0, 3.9592]
 */
export const geman = (sigma: Num, gamma: Num): Entrywise => {
  strength('geman', sigma)
  above('geman', 'γ', gamma, 0)
  const both = times(sigma, gamma)
  const value = (x: Tensor): Tensor => {
    const a = abs(x)
    return mul(div(a, add(a, gamma)), sigma)
  }
  const slope = (x: Tensor): Tensor => div(mul(sign(x), both), square(add(abs(x), gamma)))
  const curvature = (x: Tensor): Tensor => div(times(both, -2), pow(add(abs(x), gamma), 3))
  return entrywise({
    name: `geman(${show(sigma)}, ${show(gamma)})`,
    traits: { convex: false, smooth: false, weakConvexity: over(times(sigma, 2), times(gamma, gamma)) },
    value,
    slope,
    kink: over(sigma, gamma),
    prox: (x, t) => concaveProx(x, t, { value, slope, curvature }),
  })
}
