import { deviation, mean } from './stats.js'

/** Whether a claim holds; `undecided` where what was measured is within what chance makes of it. */
export type Verdict = boolean | 'undecided'

/** How it is written. */
export const inWords = (verdict: Verdict): string =>
  verdict === 'undecided' ? 'Undecided at this size' : verdict ? 'Holds' : 'Does not hold'

/** Two-sided 5 % limits of Student's t for 1, 2, ... degrees of freedom. */
const T = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26]

/**
 * Whether `a` is lower than `b`, seed by seed: a paired t test. One seed has no deviation: where the numbers are errors
 * in per cent of `count` examples, the test is that of two shares, and elsewhere nothing is decided. A `margin` is how
 * much lower it has to be.
 */
export const lower = (
  a: readonly number[],
  b: readonly number[],
  { count, margin = 0 }: { readonly count?: number; readonly margin?: number } = {},
): Verdict => {
  const gaps = b.map((v, i) => v - a[i]! - margin)
  const variance = (p: number) => Math.max(p * (100 - p), 100) / (count ?? 0)
  const error =
    gaps.length > 1
      ? (T[gaps.length - 2] ?? 2) * (deviation(gaps) / Math.sqrt(gaps.length))
      : 2 * Math.sqrt(variance(a[0]!) + variance(b[0]!))
  const gap = mean(gaps)
  return Math.abs(gap) < error ? 'undecided' : gap > 0
}

/** Holds where all do, does not where one does not. */
export const every = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes(false) ? false : verdicts.includes('undecided') ? 'undecided' : true
