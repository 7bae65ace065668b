import { SCALAR } from '../arrays/scalar.js'
import type { Design } from './design.js'
import type { Family } from './family.js'
import type { PlainForm } from './formOf.js'
import { groupScale } from './groupGap.js'

/** A linear model with its penalty at given coefficients, looked at whole. */
export interface Outlook {
  /** Mean loss, and with the penalty. */
  readonly loss: number
  readonly objective: number
  /** The objective is at most so far from its minimum. */
  readonly gap: number
  /** -∂loss/∂w. */
  readonly corr: Float64Array
}

/** The value of the penalty. */
export const penaltyOf = ({ a, b, norms }: PlainForm, w: Float64Array): number => {
  let total = 0
  for (let j = 0; j < w.length; j++) total += (a[j]! + 0.5 * b[j]! * Math.abs(w[j]!)) * Math.abs(w[j]!)
  norms?.groups.forEach((group, g) => {
    let square = 0
    for (const j of group) square += w[j]! * w[j]!
    total += norms.c[g]! * Math.sqrt(square)
  })
  return total
}

/** A dual point: the slopes over s, and the conjugate of the penalty there. */
interface Dual {
  readonly s: number
  readonly conjugate: number
}

/**
 * Two ways to a dual point: a ridge seen as more rows of X, whose residuals are scaled with the others; and, entry by entry,
 * its finite conjugate (|u| - a)₊²/2b. See {@link dualityGap}.
 */
const duals = (corr: Float64Array, w: Float64Array, form: PlainForm, free: number): Dual[] => {
  const { a, b, positive, norms } = form
  let ridge = 0
  for (let j = 0; j < w.length; j++) ridge += b[j]! * w[j]! * w[j]!
  const rows = (s: number): Dual => ({ s, conjugate: ridge / (2 * s * s) })
  if (norms !== undefined) {
    const { groups, c } = norms
    return [rows(groups.reduce((s, group, g) => Math.max(s, groupScale(corr, w, form, group, c[g]!)), 1))]
  }
  const sizeOf = (u: number): number => (positive ? u : Math.abs(u))
  const scale = (skip: boolean): number => {
    let s = 1
    for (let j = 0; j < corr.length; j++) {
      if (skip && b[j]! > 0) continue
      const size = sizeOf(corr[j]! - b[j]! * w[j]!)
      if (a[j]! > 0) s = Math.max(s, size / a[j]!)
      else if (Math.abs(size) > free) return Number.POSITIVE_INFINITY
    }
    return s
  }
  const s = scale(true)
  let conjugate = 0
  for (let j = 0; j < corr.length; j++)
    if (b[j]! > 0) conjugate += Math.max(sizeOf(corr[j]!) / s - a[j]!, 0) ** 2 / (2 * b[j]!)
  return [rows(scale(false)), { s, conjugate }].filter((d) => d.s < Number.POSITIVE_INFINITY)
}

/**
 * Objective and duality gap: by Fenchel, P(w) + 1/n·Σ ℓ*(vᵢ/s) + R* bounds the distance to the minimum for the slopes v of the
 * loss over an s that makes them feasible. The slopes must have mean 0 where there is an intercept.
 */
export const outlook = (
  design: Design,
  family: Family,
  form: PlainForm,
  w: Float64Array,
  z: Float64Array,
): Outlook => {
  const { work, n, p, x, y } = design
  const slopes = new Float64Array(n)
  let loss = 0
  for (let i = 0; i < n; i++) {
    loss += family.at(z[i]!, y[i]!) / n
    slopes[i] = family.slope(z[i]!, y[i]!)
  }
  const corr = work.within(() => {
    const out = work.floats(p)
    work.kernels.dots(x, n, work.iota(p), p, work.floatsOf(slopes), 0, -1 / n, out, 0)
    return Float64Array.from(out)
  })
  const objective = loss + penaltyOf(form, w)
  const free = 1e-10 * Math.sqrt(SCALAR.dot(slopes, 0, slopes, 0, n) / n)
  let gap = Number.POSITIVE_INFINITY
  for (const { s, conjugate } of duals(corr, w, form, free)) {
    let dual = conjugate
    for (let i = 0; i < n; i++) dual += family.conjugate(slopes[i]! / s, y[i]!) / n
    gap = Math.min(gap, Math.max(objective + dual, 0))
  }
  return { loss, objective, gap, corr }
}
