import type { PlainForm } from './formOf.js'

/** What the gap is computed from: see {@link groupGap}. */
export interface GroupGapInput {
  /** ‖r‖²/n, yᵀr/n for the residual r. */
  readonly rr: number
  readonly yr: number
  /** xⱼᵀr/n, and the coefficients. */
  readonly corr: Float64Array
  readonly w: Float64Array
  readonly form: PlainForm
  /** The groups that are looked at; all of them decide about the whole problem. */
  readonly groups: readonly Int32Array[]
  readonly c: ArrayLike<number>
}

/** S(x, t) = sign(x)·max(|x| - t, 0). */
const soft = (x: number, t: number): number => (x > t ? x - t : x < -t ? x + t : 0)

/** The least s with ‖S(u_g/s, a)‖ ≤ c for u = corr - b·w: in closed form without a, by bisection with it. */
export const groupThreshold = (
  corr: Float64Array,
  w: Float64Array,
  { a, b, positive }: PlainForm,
  group: Int32Array,
  c: number,
): number => {
  const length = (s: number): number => {
    let total = 0
    for (const j of group) {
      const u = (corr[j]! - b[j]! * w[j]!) / s
      const v = positive ? Math.max(u - a[j]!, 0) : soft(u, a[j]!)
      total += v * v
    }
    return Math.sqrt(total)
  }
  if (group.every((j) => a[j] === 0)) return length(1) === 0 ? 0 : length(1) / c
  let [low, high] = [0, 1]
  while (length(high) > c && high < 1e300) high *= 2
  for (let i = 0; i < 80 && high - low > 1e-16 * high; i++) {
    const middle = (low + high) / 2
    if (length(middle) > c) low = middle
    else high = middle
  }
  return high
}

/** The same where it is more than 1: what residuals are divided by. */
export const groupScale = (
  corr: Float64Array,
  w: Float64Array,
  form: PlainForm,
  group: Int32Array,
  c: number,
): number => Math.max(groupThreshold(corr, w, form, group, c), 1)

/**
 * The duality gap of 1/2n·‖y - Xw‖² + Σ c_g‖w_g‖ + Σ aⱼ|wⱼ| + ½bⱼwⱼ². The ridge is seen as more rows of X; the dual point is
 * the residual over the least s that makes it feasible.
 */
export const groupGap = ({ rr, yr, corr, w, form, groups, c }: GroupGapInput): number => {
  const { a, b } = form
  let s = 1
  let penalty = 0
  let ridge = 0
  groups.forEach((group, g) => {
    s = Math.max(s, groupScale(corr, w, form, group, c[g]!))
    let square = 0
    for (const j of group) {
      square += w[j]! * w[j]!
      penalty += a[j]! * Math.abs(w[j]!)
      ridge += b[j]! * w[j]! * w[j]!
    }
    penalty += c[g]! * Math.sqrt(square)
  })
  return Math.max((rr + ridge) / 2 + penalty - yr / s + (rr + ridge) / (2 * s * s), 0)
}
