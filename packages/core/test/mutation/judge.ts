import fc from 'fast-check'
import { hold, laws } from '../laws/laws.js'
import { primitives } from '../laws/primitives.js'
import { probeFrom } from '../laws/probe.js'
import { samples } from '../laws/samples.js'
import { type Mutant, mutantsOf, watch } from './mutants.js'

/** What became of one mutant. */
export interface Verdict {
  readonly primitive: string
  readonly rule: Mutant['rule']
  readonly kind: string
  /** The law that refused it; undefined if all laws held. */
  readonly killer: string | undefined
}

export const seed = 20260119

/** Plants every mutant of a primitive and runs the laws over its samples until one of them fails. */
export const judge = (name: string, numRuns = 20): Verdict[] => {
  const row = primitives.get(name)!
  const entry = samples[name]!
  // The richest cases first: operands with many elements tell more than empty ones.
  const size = (draws: readonly (readonly { readonly size: number }[])[]) =>
    draws[0]!.reduce((n, x) => n + x.size, 0)
  const cases = fc.sample(entry.cases, { seed, numRuns }).sort((a, b) => size(b.draws) - size(a.draws))
  const broken = (): string | undefined => {
    for (const [index, c] of cases.entries())
      for (const [title, law] of Object.entries(laws))
        try {
          hold(law, row, c, probeFrom(index), entry)
        } catch {
          return title
        }
    return undefined
  }
  let sound: string | undefined
  const reached = watch(row, () => {
    sound = broken()
  })
  if (sound !== undefined) throw new Error(`${name} breaks a law without being mutated: ${sound}`)
  const widest = cases.reduce((a, b) => (b.draws[0]!.length > a.draws[0]!.length ? b : a))
  return mutantsOf(row, widest, reached).map(({ rule, kind, plant }) => {
    const restore = plant()
    try {
      return { primitive: name, rule, kind, killer: broken() }
    } finally {
      restore()
    }
  })
}
