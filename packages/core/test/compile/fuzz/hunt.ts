import { parentPort, workerData } from 'node:worker_threads'
import { familyOf, programOf } from './generate.js'
import { planOf } from './plan.js'
import { fault } from './run.js'

// The search of one worker: the first seed whose program is not computed as it should be. It says which program comes,
// so that one that does not end is known. Programs of some families may come first.

/** What a worker says. */
export type Word =
  | { readonly at: number }
  | { readonly seed: number; readonly what: string }
  | { readonly none: true }

const say = (word: Word): void => parentPort!.postMessage(word)

const { from, count, first } = workerData as { from: number; count: number; first: readonly string[] }
const search = (): Word => {
  const seeds = Array.from({ length: count }, (_, k) => from + k)
  const early = seeds.filter((seed) => first.includes(familyOf(seed) ?? 'any'))
  for (const seed of [...early, ...seeds.filter((s) => !early.includes(s))]) {
    say({ at: seed })
    const program = programOf(seed)
    const what = fault(program, planOf(seed, {}, program.wish), seed)
    if (what !== undefined) return { seed, what: what.split('\n')[0]! }
  }
  return { none: true }
}
say(search())
