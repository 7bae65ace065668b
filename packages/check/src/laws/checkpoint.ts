import { type Context, type Finding, fails, holds, nothingFound } from './context.js'
import { firstDifferent } from './purity.js'

/** What is computed again is computed the same: the gradient of `checkpoint(f)` is that of f, bit by bit. */
export const checkpointLaw = (c: Context): Finding => {
  const { subject: s, v } = c
  const again = s.checkpointed?.(s.x, v)
  if (!again) return nothingFound
  const g = s.reverse(s.x, v).data
  const i = firstDifferent(g, again.data)
  if (i < 0) return holds('checkpoint', 1)
  return fails({
    ...c.common('checkpoint'),
    _tag: 'Impure',
    what: 'gradient',
    values: [g[i]!, again.data[i]!],
  })
}
