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
  const size = norm(x) as Tensor
  const alive = greater(norm(mul(metric, x) as Tensor) as Tensor, tau) as Tensor
  // Dead blocks are computed with x = 1 and τ = 0, so that nothing in the unselected branch is infinite.
  const safeX = where(alive, x, 1) as Tensor
  const shift = where(alive, div(tau, metric) as Tensor, 0) as Tensor
  const safeSize = where(alive, size, norm(safeX) as Tensor) as Tensor
  // A lower bound: ‖p(r)‖ ≥ ‖x‖/(r + max τ/d), which is at least 1 up to there.
  let r = maximum(sub(safeSize, max(shift) as Tensor) as Tensor, 0) as Tensor
  for (let i = 0; i < ITERATIONS; i++) {
    const down = add(shift, r) as Tensor
    const p = div(safeX, down) as Tensor
    const n = norm(p) as Tensor
    const slope = sum(div(square(p) as Tensor, down) as Tensor) as Tensor
    const newton = div(mul(sub(n, 1) as Tensor, square(n) as Tensor) as Tensor, slope) as Tensor
    r = add(r, maximum(newton, 0) as Tensor) as Tensor
  }
  const z = div(mul(safeX, r) as Tensor, add(shift, r) as Tensor) as Tensor
  return where(alive, z, 0) as Tensor
}
