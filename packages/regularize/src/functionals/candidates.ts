import {
  abs,
  add,
  div,
  equal,
  isNaN,
  less,
  maximum,
  minimum,
  mul,
  type Num,
  sign,
  stopGradient,
  sub,
  type Tensor,
  where,
} from '@cotangent/core'

type Entry = (z: Tensor) => Tensor

/** t·r(z) + ½(z - a)² less ½a², which would swamp small differences. */
const excess = (value: Entry, z: Tensor, a: Tensor, t: Num): Tensor =>
  add(mul(value(z), t), mul(z, sub(mul(z, 0.5), a)))

/**
 * The prox of an even r by comparison: of the candidates for |x|, the one of the least objective, with the sign of x. Where
 * r is not convex, a stationary point need not be the minimum; the objective decides, whatever the step. Ties go to the
 * candidate named first.
 */
export const best = (
  x: Tensor,
  t: Num,
  value: Entry,
  candidates: (a: Tensor) => readonly [Tensor, ...Tensor[]],
): Tensor => {
  const a = abs(x)
  const [first, ...others] = candidates(a)
  let z = first
  let least = excess(value, z, a, t)
  for (const other of others) {
    const objective = excess(value, other, a, t)
    const better = less(objective, least)
    z = where(better, other, z)
    least = where(better, objective, least)
  }
  return where(equal(z, 0), 0, mul(sign(x), z))
}

/** The derivatives of r: r' odd, r'' even. */
export interface Derivatives {
  readonly value: Entry
  readonly slope: Entry
  readonly curvature: Entry
}

const newton = (z: Tensor, x: Tensor, t: Num, { slope, curvature }: Derivatives): Tensor =>
  sub(z, div(add(sub(z, x), mul(slope(z), t)), add(mul(curvature(z), t), 1)))

const ITERATIONS = 24

/** Newton's method for z - a + t·r'(z) = 0 from `start`, kept within [low, a]. */
const descend = (start: Tensor, a: Tensor, t: Num, r: Derivatives, low: Num): Tensor => {
  let z = start
  for (let i = 0; i < ITERATIONS; i++) z = minimum(maximum(newton(z, a, t, r), low), a)
  return z
}

/**
 * A root found without derivatives, given them: by the implicit function theorem each Newton step from the root doubles
 * the order up to which the result is differentiated rightly. Entries that are not `alive` are computed at 1.
 */
const attach = (
  root: Tensor,
  alive: Tensor,
  x: Tensor,
  t: Num,
  { slope, curvature }: Derivatives,
): Tensor => {
  let z = where(alive, stopGradient(root), 1)
  for (let i = 0; i < 2; i++) {
    const residual = add(sub(z, x), mul(slope(z), t))
    z = sub(z, div(residual, where(alive, add(mul(curvature(z), t), 1), 1)))
  }
  return where(alive, z, where(isNaN(x), x, 0))
}

/**
 * The prox of an even r that is concave on [0, ∞) with a convex slope (log-sum, Geman, powers below 1). Then
 * z - a + t·r'(z) is convex, so that from a Newton's method falls on its largest root, the only local minimum besides 0; the
 * objectives of the two are compared. `low` is a lower bound of z/a where z is not 0, for slopes infinite at 0.
 */
export const concaveProx = (x: Tensor, t: Num, r: Derivatives, low = 0): Tensor => {
  const size = abs(x)
  const a = where(less(0, size), size, 1)
  const z = descend(a, a, t, r, low === 0 ? 0 : mul(a, low))
  const alive = less(excess(r.value, z, a, t), 0)
  const nonzero = where(less(0, size), alive, less(size, 0))
  return attach(mul(z, sign(x)), nonzero, x, t, r)
}

/**
 * The prox of an even smooth r whose slope is concave up to some point and convex from there (Cauchy, Welsch). A local
 * minimum lies where Newton's method from 0 rises to it, or where that from a falls on it; the objectives are compared.
 */
export const smoothProx = (x: Tensor, t: Num, r: Derivatives): Tensor => {
  const a = abs(x)
  const [low, high] = [descend(mul(a, 0), a, t, r, 0), descend(a, a, t, r, 0)]
  const z = where(less(excess(r.value, high, a, t), excess(r.value, low, a, t)), high, low)
  return attach(mul(z, sign(x)), less(-1, a), x, t, r)
}

/**
 * The prox of a convex even r, by Newton's method from a `start` for |x| from which it is monotone: below the root where the
 * slope is concave on [0, ∞), above it where it is convex. Entries that are not `alive` have the prox 0.
 */
export const monotoneProx = (
  x: Tensor,
  t: Num,
  r: Derivatives,
  start: Entry,
  alive: Entry = (a) => less(-1, a),
): Tensor => {
  const a = abs(x)
  return attach(mul(descend(start(a), a, t, r, 0), sign(x)), alive(a), x, t, r)
}
