import { type BlameOptions, blameIn } from '../blame/blame.js'
import type { Blame } from '../failure.js'
import { located } from '../subject/subject.js'
import type { Context } from './context.js'

/** The operations whose rules are wrong; searched for once in a check, whichever law asks first. */
export const culprits = (c: Context, options: BlameOptions = {}): readonly Blame[] => {
  const key = `${options.order ?? 1} ${options.atKink ?? false}`
  const old = c.blames.get(key)
  if (old) return old
  const traced = located(c.subject)
  const found = traced ? blameIn(traced, c.rng, options) : []
  c.blames.set(key, found)
  return found
}

/** The operations that are to blame, where they are asked for. */
export const blamed = (c: Context, options: BlameOptions = {}): readonly Blame[] =>
  c.withBlame ? culprits(c, options) : []
