import type { Line } from '../oracles/line.js'

/**
 * What a function looks like along a line: differentiable; one-sided slopes that differ; slopes that grow without
 * bound; a step; the edge of the domain; or none that the digits can tell.
 */
export type Verdict = 'smooth' | 'kink' | 'cusp' | 'jump' | 'boundary' | 'unresolved'

/** A verdict with what led to it. */
export interface Regularity {
  readonly verdict: Verdict
  /** Slope of log|D⁺ - D⁻| against log h; NaN where rounding hides it. */
  readonly order: number
  /** One-sided slopes at the smallest resolved step; NaN on a side where the function is not defined. */
  readonly left: number
  readonly right: number
  /** How far the one-sided slopes may be off. */
  readonly slack: number
}

const FIRST = 3
const LAST = 42
/** Differences below this many times their rounding are not looked at. */
const RESOLVED = 16

/**
 * Slopes from the right and from the left at steps h differ by O(h) where the function is smooth, O(√h) where only
 * its gradient is Hölder, O(1) at a kink, O(1/√h) at a cusp, O(1/h) at a jump. The exponent is fitted over the smallest
 * steps that stand out of the rounding.
 */
export const regularityOf = (line: Line): Regularity => {
  const noise = line.noise(2 ** -18)
  const slopes: { logH: number; logGap: number }[] = []
  const points: { logH: number; logGap: number; left: number; right: number; k: number; floor: number }[] = []
  let [leftSeen, rightSeen] = [false, false]
  let defined = 0
  let quiet: { k: number; floor: number; left: number; right: number } | undefined
  for (let k = FIRST; k <= LAST; k++) {
    const [hi, lo] = [line.probe(k, 1), line.probe(k, -1)]
    rightSeen ||= !Number.isNaN(hi)
    leftSeen ||= !Number.isNaN(lo)
    const [right, left] = [(hi - line.at0) * 2 ** k, (line.at0 - lo) * 2 ** k]
    const gap = Math.abs(right - left)
    if (Number.isNaN(gap)) continue
    defined++
    const floor = RESOLVED * noise * 2 ** k
    const steep = Math.max(Math.abs(right), Math.abs(left))
    if (steep > floor) slopes.push({ logH: -k, logGap: Math.log2(steep) })
    if (gap > floor) points.push({ logH: -k, logGap: Math.log2(gap), left, right, k, floor })
    else if (!quiet || points.at(-1)?.k === k - 1) quiet = { k, floor, left, right }
  }
  if (defined === 0)
    return {
      verdict: leftSeen !== rightSeen ? 'boundary' : 'unresolved',
      order: Number.NaN,
      left: Number.NaN,
      right: Number.NaN,
      slack: Number.NaN,
    }
  const last = points.at(-1)
  // An odd step or an upright tangent shows in the slopes themselves, not in their difference.
  const growth = slopes.length < 8 ? 0 : slopeOf(slopes.slice(-8))
  if (growth < -0.2 && (!last || slopes.at(-1)!.logH <= -last.k))
    return {
      verdict: growth < -0.8 ? 'jump' : 'cusp',
      order: growth,
      left: Number.NaN,
      right: Number.NaN,
      slack: Number.NaN,
    }
  if (!last) return smoothly(quiet!)
  const tail = points.slice(-10)
  const order = slopeOf(tail)
  // The one-sided slopes: at small steps, but where rounding is small too.
  const clear = points.findLastIndex((p) => p.floor < 1e-5 * 2 ** p.logGap)
  const chosen = points[Math.max(clear, 0)]!
  const { left, right } = chosen
  const before = points[Math.max(clear - 1, 0)]!
  const slack = chosen.floor + 2 * (Math.abs(left - before.left) + Math.abs(right - before.right))
  // A gap that vanishes at once, far above the rounding there, was a kink nearby, not here.
  if (quiet && quiet.k > last.k && quiet.floor < 0.02 * 2 ** last.logGap) return smoothly(quiet)
  if (tail.length < 3)
    return { verdict: order > 0.25 || points.length < 2 ? 'smooth' : 'unresolved', order, left, right, slack }
  const verdict: Verdict = order > 0.2 ? 'smooth' : order > -0.2 ? 'kink' : order > -0.8 ? 'cusp' : 'jump'
  return { verdict, order, left, right, slack }
}

const smoothly = (at: { floor: number; left: number; right: number }): Regularity => ({
  verdict: 'smooth',
  order: Number.NaN,
  left: at.left,
  right: at.right,
  slack: at.floor,
})

/** Least squares. */
const slopeOf = (points: readonly { logH: number; logGap: number }[]): number => {
  const n = points.length
  const mx = points.reduce((s, p) => s + p.logH, 0) / n
  const my = points.reduce((s, p) => s + p.logGap, 0) / n
  const sxx = points.reduce((s, p) => s + (p.logH - mx) ** 2, 0)
  return sxx === 0 ? Number.NaN : points.reduce((s, p) => s + (p.logH - mx) * (p.logGap - my), 0) / sxx
}
