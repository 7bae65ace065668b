import { batchBlame, batchDifference } from '../blame/batch.js'
import { located } from '../subject/subject.js'
import { type Context, type Finding, fails, holds, nothingFound } from './context.js'

/** vmap is a loop: f over a batch of three points is f at each of them, up to the order of sums. */
export const batchLaw = (c: Context): Finding => {
  const { subject: s } = c
  const found = batchDifference(s, c.rng)
  if (found === undefined) return nothingFound
  if (found === null) return holds('batch', 3)
  const traced = c.withBlame ? located(s) : undefined
  return fails({
    ...c.common('batch'),
    _tag: 'Mismatch',
    analytic: found.batched,
    oracle: { value: found.alone, error: found.tolerance },
    tolerance: found.tolerance,
    relative: Math.abs(found.batched - found.alone) / Math.max(Math.abs(found.alone), 1e-300),
    blame: traced ? batchBlame(traced, c.rng) : [],
    smooth: 'smooth',
  })
}
