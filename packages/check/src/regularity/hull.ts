import { inner } from '../oracles/direction.js'

/**
 * The point of least norm in the convex hull of some vectors, by Frank-Wolfe steps with exact line search and
 * away-steps (Guélat and Marcotte 1986), which converge linearly on a polytope.
 */
export const leastNorm = (points: readonly Float64Array[], steps = 2000): Float64Array => {
  const weight: number[] = points.map((_, i) => (i === 0 ? 1 : 0))
  let p = Float64Array.from(points[0]!)
  for (let n = 0; n < steps; n++) {
    const score = points.map((q) => inner(p, q))
    const to = score.indexOf(Math.min(...score))
    const from = weight.reduce(
      (best, w, i) => (w > 0 && (best < 0 || score[i]! > score[best]!) ? i : best),
      -1,
    )
    const norm2 = inner(p, p)
    if (norm2 - score[to]! <= 1e-14 * norm2 || norm2 === 0) break
    const towards = norm2 - score[to]! >= score[from]! - norm2
    const q = points[towards ? to : from]!
    const d = q.map((v, i) => (towards ? v - p[i]! : p[i]! - v))
    const limit = towards ? 1 : weight[from]! / (1 - weight[from]!)
    const t = Math.min(limit, -inner(p, d) / inner(d, d))
    if (!(t > 0)) break
    p = p.map((v, i) => v + t * d[i]!)
    weight.forEach((w, i) => {
      weight[i] = towards ? w * (1 - t) : w * (1 + t)
    })
    weight[towards ? to : from]! += towards ? t : -t
    if (!towards && t === limit) weight[from] = 0
  }
  return p
}
