import { inner, lineAlong, moved } from '../oracles/direction.js'
import { ridders } from '../oracles/ridders.js'
import type { Rng } from '../random.js'
import { leastNorm } from '../regularity/hull.js'
import type { Regularity } from '../regularity/regularity.js'
import type { Subject } from '../subject/subject.js'

/** Entries of more than this many inputs are not differenced one by one. */
const MOST = 32

const numericGradient = (s: Subject, v: Float64Array, x: Float64Array): Float64Array =>
  x.map((_, i) => {
    const unit = new Float64Array(x.length)
    unit[i] = Math.max(Math.abs(x[i]!), 1)
    const found = ridders(lineAlong((z) => s.value(z).data, x, v, unit, s.eps))
    return found ? found.value / unit[i] : Number.NaN
  })

/** Gradients, by differences, at points very close to x, on all sides of the kinks there. */
const nearbyGradients = (s: Subject, v: Float64Array, rng: Rng): Float64Array[] => {
  if (s.x.length > MOST) return []
  const count = Math.min(64, 16 + 4 * s.x.length)
  const reach = 2 ** -16
  return Array.from({ length: count }, () => {
    const d = rng.normals(s.x.length).map((n, i) => n * Math.max(Math.abs(s.x[i]!), 1))
    return numericGradient(s, v, moved(s.x, d, reach))
  }).filter((g) => g.length === s.x.length && g.every(Number.isFinite))
}

const norm = (g: Float64Array): number => Math.sqrt(inner(g, g))

/**
 * Whether g lies in the Clarke subdifferential: between the one-sided slopes along d, which suffices where f is convex
 * or concave; otherwise in the hull of gradients nearby.
 */
export const isSubgradient = (
  s: Subject,
  v: Float64Array,
  g: Float64Array,
  d: Float64Array,
  at: Regularity,
  rng: Rng,
): boolean => {
  const slope = inner(g, d)
  const slack = at.slack + 1e-6 * (Math.abs(at.left) + Math.abs(at.right))
  if (slope >= Math.min(at.left, at.right) - slack && slope <= Math.max(at.left, at.right) + slack)
    return true
  const near = nearbyGradients(s, v, rng)
  if (near.length === 0) return false
  const size = Math.max(...near.map(norm), norm(g))
  return norm(leastNorm(near.map((q) => q.map((c, i) => c - g[i]!)))) <= 1e-4 * size
}

/** The element of least norm of the hull of gradients nearby; null where there are none. */
export const leastSubgradient = (s: Subject, v: Float64Array, rng: Rng): Float64Array | null => {
  const near = nearbyGradients(s, v, rng)
  return near.length === 0 ? null : leastNorm(near)
}
