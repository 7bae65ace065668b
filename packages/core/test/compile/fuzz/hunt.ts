import { parentPort, workerData } from 'node:worker_threads'
import { planOf } from './check.js'
import { programOf } from './generate.js'
import { fault } from './run.js'

// The search of one worker: the first seed whose program is not computed as it should be.

const { from, count } = workerData as { from: number; count: number }
let found: { seed: number; what: string } | undefined
for (let seed = from; seed < from + count && !found; seed++) {
  const program = programOf(seed)
  const what = fault(program, planOf(seed, {}, program.wish), seed)
  if (what !== undefined) found = { seed, what: what.split('\n')[0]! }
}
parentPort!.postMessage(found)
