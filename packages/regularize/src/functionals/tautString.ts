import {
  add,
  any,
  arange,
  argmax,
  cast,
  concat,
  cummax,
  cummin,
  cumsum,
  div,
  equal,
  greater,
  less,
  lessEqual,
  logicalAnd,
  max,
  min,
  mul,
  type Num,
  reshape,
  stopGradient,
  sub,
  sum,
  type Tensor,
  take,
  where,
  whileLoop,
} from '@cotangent/core'

const INF = Number.POSITIVE_INFINITY

/**
 * argmin_z τΣ|z_{k+1} - z_k| + ½‖z - x‖², exactly: the slopes of the shortest string from (0, 0) to (n, r_n) that stays
 * within τ of the cumulative sums r. From each knot the funnel of slopes that stay inside narrows until it closes; the
 * string bends where the side that closed it was touched. One pass for each segment. Davies & Kovac 2001,
 * https://doi.org/10.1214/aos/996986501
 */
export const tautString = (x: Tensor, tau: Num): Tensor => {
  const n = x.size
  const { dtype } = x
  const like = stopGradient(x)
  const t = add(mul(sum(like), 0), stopGradient(tau))
  const k = cast(add(arange(n), 1), dtype)
  const r = cumsum(like)
  const last = equal(k, n)
  // The ends are held.
  const [upper, lower] = [where(last, r, add(r, t)), where(last, r, sub(r, t))]
  const zero = mul(t, 0)
  const zeros = mul(like, 0)
  const at = (v: Tensor, place: Tensor): Tensor => sum(where(equal(k, place), v, 0))

  // The knot, its height and side; and of each entry, the ends of its segment and their sides.
  const init = [zero, zero, zero, zeros, zeros, zeros, zeros]
  const path = whileLoop(
    ([i]: Tensor[]) => less(i!, n),
    ([i, height, side, from, to, fromSide, toSide]: Tensor[]) => {
      const ahead = greater(k, i!)
      const run = where(ahead, sub(k, i!), 1)
      const up = where(ahead, div(sub(upper, height!), run), INF)
      const low = where(ahead, div(sub(lower, height!), run), -INF)
      const closed = greater(cummax(low), cummin(up))
      const first = where(any(closed), add(cast(argmax(cast(closed, 'int32')), dtype), 1), n + 1)
      const before = less(k, first)
      const least = min(where(before, up, INF))
      const most = max(where(before, low, -INF))
      // Without a closing the string runs to the end, where both sides meet.
      const above = greater(where(lessEqual(first, n), at(where(ahead, low, 0), first), INF), least)
      const touched = where(above, equal(up, least), equal(low, most))
      const knot = max(where(logicalAnd(before, touched), k, 0))
      const end = equal(knot, n)
      const newSide = where(end, zero, where(above, add(zero, 1), sub(zero, 1)))
      const here = logicalAnd(ahead, lessEqual(k, knot))
      return [
        knot,
        where(above, at(upper, knot), at(lower, knot)),
        newSide,
        where(here, i!, from!),
        where(here, knot, to!),
        where(here, side!, fromSide!),
        where(here, newSide, toSide!),
      ]
    },
    init,
  )
  const [from, to, fromSide, toSide] = path.slice(3) as [Tensor, Tensor, Tensor, Tensor]
  // With the segments known the slopes are linear in x and τ; these carry the derivatives.
  const sums = concat([reshape(mul(sum(x), 0), [1]), cumsum(x)], { axis: 0 })
  const rise = sub(take(sums, cast(to, 'int32')), take(sums, cast(from, 'int32')))
  return div(add(rise, mul(sub(toSide, fromSide), tau)), sub(to, from))
}
