import { EPS } from '../subject/subject.js'
import type { Line } from './line.js'
import type { Estimate } from './oracle.js'

/** The first and last steps tried: 2^-FIRST … 2^-LAST. */
const FIRST = 2
const LAST = 46
const LEVELS = 7

/**
 * The derivative at 0 by central differences at halved steps, extrapolated to step 0 (Richardson; the table is that of
 * Ridders 1982), from several starting steps: the one with the least bound on its error wins. The bound is what two
 * orders of extrapolation disagree by, plus the rounding of the values over the step. Steps where the function is not
 * defined are passed over, so the estimate stays inside of the domain.
 */
export const ridders = (line: Line): Estimate | null => {
  let best: Estimate | null = null
  let rough: Estimate | null = null
  for (let from = FIRST; from + 2 <= LAST; from += 4) {
    if (best && line.noise(2 ** (-from - LEVELS)) * 2 ** from > 4 * best.error) break
    const here = table(line, from)
    if (!here) continue
    if (!calm(line, from)) {
      if (!rough || here.error < rough.error) rough = here
    } else if (!best || here.error < best.error) best = here
  }
  return best ?? rough
}

/**
 * Whether the slopes from both sides approach each other over the steps of a table. Across a kink or a pole they do not,
 * and central differences can agree on a wrong value there without a sign of error.
 */
const calm = (line: Line, from: number): boolean => {
  let wide = Number.NaN
  for (let k = from; k < from + LEVELS; k++) {
    const [hi, lo] = [line.probe(k, 1), line.probe(k, -1)]
    const gap = Math.abs(hi - 2 * line.at0 + lo) * 2 ** k
    const digits = EPS * Math.max(Math.abs(hi), Math.abs(lo))
    const floor = 16 * Math.max(line.noise(2 ** (-k - 2)), digits) * 2 ** k
    if (gap > floor && gap > 0.62 * wide) return false
    wide = gap
  }
  return true
}

/** Of two values at steps ±2^-k, or of their difference where that has digits of its own. */
const roundingAt = (line: Line, k: number, hi: number, lo: number): number => {
  const digits = line.odd ? Math.abs(line.odd(k)) : Math.max(Math.abs(hi), Math.abs(lo))
  return Math.max(line.noise(2 ** (-k - 2)), EPS * digits || 0)
}

const table = (line: Line, from: number): Estimate | null => {
  let above: number[] = []
  let best: Estimate | null = null
  for (let i = 0; i < LEVELS; i++) {
    const k = from + i
    const [hi, lo] = [line.probe(k, 1), line.probe(k, -1)]
    if (Number.isNaN(hi) || Number.isNaN(lo)) {
      above = []
      continue
    }
    const here = [(line.odd?.(k) ?? hi - lo) * 2 ** (k - 1)]
    // Extrapolation amplifies noise by less than 2.
    const rounding = roundingAt(line, k, hi, lo) * 2 ** (k + 1)
    for (let j = 1; j <= above.length; j++) {
      const w = 4 ** j
      const [fine, coarse] = [here[j - 1]!, above[j - 1]!]
      const value = (w * fine - coarse) / (w - 1)
      here.push(value)
      // One comparison can agree by chance: a column is trusted from the second on.
      if (j < 2) continue
      const error = Math.max(Math.abs(value - fine), Math.abs(value - coarse)) + rounding
      if (!best || error < best.error) best = { value, error }
    }
    above = here
  }
  return best
}
