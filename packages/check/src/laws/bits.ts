import type { Impure, LawId } from '../failure.js'
import type { Context, Finding } from './context.js'
import { fails, holds } from './context.js'

/** How far numbers may be apart that are sums in another order, in proportion to the largest of them. */
export const REORDERED = 1e-9

/** Two vectors that a law says are the same numbers, whatever the sign of a zero; up to a tolerance, if one is given. */
export const sameNumbers = (
  c: Context,
  law: LawId,
  what: Impure['what'],
  expected: ArrayLike<number>,
  got: ArrayLike<number>,
  tolerance = 0,
): Finding => {
  const n = Math.max(expected.length, got.length)
  for (let i = 0; i < n; i++)
    if (
      expected[i] !== got[i] &&
      !(Number.isNaN(expected[i]) && Number.isNaN(got[i])) &&
      !(Math.abs(expected[i]! - got[i]!) <= tolerance)
    )
      return fails({
        ...c.common(law),
        _tag: 'Impure',
        what,
        values: [expected[i] ?? Number.NaN, got[i] ?? Number.NaN],
        ...(what === 'gradient' && c.subject.entries[i] && { entry: c.subject.entries[i] }),
      })
  return holds(law, 1)
}

/** The first that fails, or all of them as one. */
export const together = (law: LawId, parts: readonly (() => Finding)[]): Finding => {
  for (const part of parts) {
    const found = part()
    if (found.failures.length > 0) return found
  }
  return holds(law, parts.length)
}

/** Undefined where a function refuses what a law asks of it: not every function can be traced without its values. */
export const possibly = <R>(f: () => R): R | undefined => {
  try {
    return f()
  } catch {
    return undefined
  }
}
