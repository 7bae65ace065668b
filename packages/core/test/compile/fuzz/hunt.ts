import { parentPort, workerData } from 'node:worker_threads'
import { familyOf, programOf } from './generate.js'
import { planOf } from './plan.js'
import { fault } from './run.js'

// The search of one worker: the first seed whose program is not computed as it should be. It says which program comes,
// so that one that does not end is known. Programs of some families may come first, more of them than there are otherwise.

/** What a worker says. */
export type Word =
  | { readonly at: number }
  | { readonly seed: number; readonly what: string }
  | { readonly none: true }

const say = (word: Word): void => parentPort!.postMessage(word)

const { from, count, first } = workerData as { from: number; count: number; first: readonly string[] }
const range = (n: number): number[] => Array.from({ length: n }, (_, k) => from + k)

// How many programs of those families come first, for each one of all, and among how many times as many seeds they are.
const [SHARE, REACH] = [0.3, 10]
const early = range(REACH * count)
  .filter((seed) => first.includes(familyOf(seed) ?? 'any'))
  .slice(0, SHARE * count)

const search = (): Word => {
  for (const seed of [...early, ...range(count).filter((s) => !early.includes(s))]) {
    say({ at: seed })
    const program = programOf(seed)
    const what = fault(program, planOf(seed, {}, program.wish), seed)
    if (what !== undefined) return { seed, what: what.split('\n')[0]! }
  }
  return { none: true }
}
say(search())
