import {
  add,
  div,
  greater,
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

/** Which axes a norm is taken over; default all. */
export interface NormAxes {
  readonly axis?: number | readonly number[]
}

/** Norms over the axes, with the axes kept. */
export const normsOf = (x: Tensor, { axis }: NormAxes): Tensor =>
  axis === undefined ? norm(x) : norm(x, { axis, keepDims: true })

const ITERATIONS = 24

/**
 * The nearest x with norms over the axes of at most r: scaled back where it is longer, and exactly as it is elsewhere. In the
 * metric d it is d·x/(d + ν) with ‖d·x/(d + ν)‖ = r. Like that of trust regions, 1/‖·‖ is concave in ν, so that Newton's
 * method rises from ν = 0 to the root.
 */
export const intoBall = (x: Tensor, r: Num, metric: Tensor | undefined, axes: NormAxes): Tensor => {
  const n = normsOf(x, axes)
  const outside = greater(n, r)
  if (metric === undefined) return where(outside, mul(x, div(r, where(outside, n, 1))), x)
  const total = (v: Tensor): Tensor =>
    axes.axis === undefined ? sum(v) : sum(v, { axis: axes.axis, keepDims: true })
  // What is inside, and all if the radius is 0, is computed as if it were 1 long.
  const safe = where(outside, x, 1)
  const radius = add(mul(n, 0), r)
  const alive = where(greater(radius, 0), radius, 1)
  let nu = mul(n, 0)
  for (let i = 0; i < ITERATIONS; i++) {
    const down = add(metric, nu)
    const z = div(mul(metric, safe), down)
    const length = normsOf(z, axes)
    const slope = total(div(square(z), down))
    const newton = div(mul(sub(length, alive), square(length)), mul(alive, slope))
    nu = add(nu, maximum(newton, 0))
  }
  const near = div(mul(metric, safe), add(metric, nu))
  return where(outside, where(greater(radius, 0), near, 0), x)
}
