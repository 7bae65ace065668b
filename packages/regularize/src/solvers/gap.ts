// A correlation that has to be 0, of a column without a penalty, counts as 0 up to this share of ‖y‖.
const ROUNDING = 1e-10

/** What a gap is computed from, over the columns that are looked at. */
export interface GapInput {
  /** ‖r‖²/n, yᵀr/n and ‖y‖²/n for the residual r. */
  readonly rr: number
  readonly yr: number
  readonly yy: number
  readonly count: number
  /** xⱼᵀr/n. */
  readonly corr: Float64Array
  readonly w: Float64Array
  readonly a: Float64Array
  readonly b: Float64Array
  readonly positive: boolean
}

/**
 * The duality gap of 1/2n·‖y - Xw‖² + Σ aⱼ|wⱼ| + ½bⱼwⱼ²: the objective is at most so far from its minimum. The dual point is
 * r/s with the least s ≥ 1 that makes it feasible. Columns with bⱼ > 0 have a finite conjugate, (|u| - a)₊²/2b, or may be
 * seen as a lasso on augmented data (Zou & Hastie 2005); each gives a bound, and the better one counts.
 */
export const dualityGap = (at: GapInput): number => {
  for (let j = 0; j < at.count; j++) if (at.b[j] !== 0) return Math.min(byConjugate(at), byAugmentation(at))
  return byConjugate(at)
}

const byConjugate = ({ rr, yr, yy, count, corr, w, a, b, positive }: GapInput): number => {
  let s = 1
  let penalty = 0
  for (let j = 0; j < count; j++) {
    penalty += (a[j]! + 0.5 * b[j]! * Math.abs(w[j]!)) * Math.abs(w[j]!)
    if (b[j] !== 0) continue
    const size = positive ? corr[j]! : Math.abs(corr[j]!)
    if (a[j]! > 0) {
      if (size > a[j]! * s) s = size / a[j]!
    } else if (Math.abs(size) > ROUNDING * Math.sqrt(yy)) return Number.POSITIVE_INFINITY
  }
  let conjugate = 0
  for (let j = 0; j < count; j++) {
    if (b[j] === 0) continue
    const over = (positive ? corr[j]! : Math.abs(corr[j]!)) / s - a[j]!
    if (over > 0) conjugate += (over * over) / b[j]!
  }
  return Math.max(rr / 2 + penalty - yr / s + rr / (2 * s * s) + conjugate / 2, 0)
}

const byAugmentation = ({ rr, yr, yy, count, corr, w, a, b, positive }: GapInput): number => {
  let s = 1
  let penalty = 0
  let ridge = 0
  for (let j = 0; j < count; j++) {
    const pull = b[j]! * w[j]!
    penalty += a[j]! * Math.abs(w[j]!)
    ridge += pull * w[j]!
    const size = positive ? corr[j]! - pull : Math.abs(corr[j]! - pull)
    if (a[j]! > 0) {
      if (size > a[j]! * s) s = size / a[j]!
    } else if (Math.abs(size) > ROUNDING * Math.sqrt(yy)) return Number.POSITIVE_INFINITY
  }
  return Math.max((rr + ridge) / 2 + penalty - yr / s + (rr + ridge) / (2 * s * s), 0)
}
