import {
  add,
  div,
  greater,
  max,
  maximum,
  mul,
  type Num,
  norm,
  square,
  sub,
  sum,
  type Tensor,
  where,
} from '@cotangent/core'

// From above the tangent of 1/‖p‖, which is concave, Newton converges from the left, and quadratically at the end.
const ITERATIONS = 12

/**
 * argmin_z τ‖z‖ + ½Σdᵢ(zᵢ - xᵢ)². Where ‖d·x‖ ≤ τ it is 0; otherwise zᵢ = r·pᵢ with pᵢ = xᵢ/(r + τ/dᵢ), and the length
 * r > 0 is the one with ‖p(r)‖ = 1. This is the secular equation of trust regions (Moré & Sorensen 1983), and Newton's
 * method on 1/‖p(r)‖ - 1 needs no safeguard there.
 */
export const blockShrink = (x: Tensor, tau: Num, metric: Tensor): Tensor => {
  const size = norm(x)
  const alive = greater(norm(mul(metric, x)), tau)
  // Dead blocks are computed with x = 1 and τ = 0, so that nothing in the unselected branch is infinite.
  const safeX = where(alive, x, 1)
  const shift = where(alive, div(tau, metric), 0)
  const safeSize = where(alive, size, norm(safeX))
  // A lower bound: ‖p(r)‖ ≥ ‖x‖/(r + max τ/d), which is at least 1 up to there.
  let r = maximum(sub(safeSize, max(shift)), 0)
  for (let i = 0; i < ITERATIONS; i++) {
    const down = add(shift, r)
    const p = div(safeX, down)
    const n = norm(p)
    const slope = sum(div(square(p), down))
    const newton = div(mul(sub(n, 1), square(n)), slope)
    r = add(r, maximum(newton, 0))
  }
  const z = div(mul(safeX, r), add(shift, r))
  return where(alive, z, 0)
}
