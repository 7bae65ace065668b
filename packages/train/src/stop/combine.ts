import type { Reaction } from '../fit/callback.js'
import type { Plain } from '../fit/state.js'
import type { Criterion } from './criterion.js'

/** What the combined criteria remember, and which of them have wanted to stop. */
export type Combined = { readonly memories: readonly Plain[]; readonly fired: readonly boolean[] }

const combined = (
  word: 'any' | 'all',
  parts: readonly Criterion[],
  over: (fired: readonly boolean[]) => boolean,
): Criterion<Combined> => {
  const name = `${word}(${parts.map((c) => c.name).join(', ')})`
  const reasonOf = (reactions: readonly (Reaction | undefined)[]) =>
    reactions.flatMap((r) => (r?.stop === undefined ? [] : [r.stop])).join('; ')
  return {
    name,
    start: { memories: parts.map((c) => c.start), fired: parts.map(() => false) },
    judge({ memories, fired }, losses) {
      const judged = parts.map((c, i) => c.judge(memories[i], losses))
      const next = { memories: judged.map((j) => j.memory), fired: judged.map((j, i) => fired[i]! || j.stop) }
      return { memory: next, stop: over(next.fired) }
    },
    async onEpoch(epoch, { memories, fired }) {
      const reactions = await Promise.all(parts.map((c, i) => c.onEpoch?.(epoch, memories[i])))
      const next = {
        memories: reactions.map((r, i) => (r !== undefined && 'memory' in r ? r.memory : memories[i])),
        fired: reactions.map((r, i) => fired[i]! || r?.stop !== undefined),
      }
      return { memory: next, ...(over(next.fired) && { stop: reasonOf(reactions) || name }) }
    },
    restore({ memories }) {
      for (const [i, c] of parts.entries()) {
        const found = c.restore?.(memories[i])
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

/**
 * Stops as soon as one of the criteria does.
 *
 * @example
 * stopsAt(any(prechelt.gl(1), earlyStopping({ patience: 5 })), [3, 2, 2.5]) // => 3
 */
export const any = (...criteria: readonly Criterion[]): Criterion<Combined> =>
  combined('any', criteria, (fired) => fired.some(Boolean))

/**
 * Stops once each of the criteria has wanted to, at whatever epoch.
 *
 * @example
 * stopsAt(all(prechelt.gl(1), earlyStopping({ patience: 3 })), [3, 2, 2.5, 2, 2, 2]) // => 5
 */
export const all = (...criteria: readonly Criterion[]): Criterion<Combined> =>
  combined('all', criteria, (fired) => fired.length > 0 && fired.every(Boolean))
