import type { Row } from './mutant.js'

/** Bugs of work that is shared between threads. */
export const threads: readonly Row[] = [
  [
    "threads' regions",
    'pieces cut anywhere',
    'threads/region.ts',
    'const step = Math.ceil(units / pieces) * task.grain',
    'const step = Math.ceil(task.extent / pieces)',
  ],
  [
    "threads' regions",
    'pieces of others not waited for',
    'threads/region.ts',
    'leave(i32.geS(done, count))',
    'leave(i32.const(1))',
  ],
  [
    "threads' regions",
    'pieces of the region before are done for this one',
    'threads/region.ts',
    "atomic.store32(f, this.#at('done'), 0)",
    "atomic.store32(f, this.#at('done'), atomic.load32(this.#at('done')))",
  ],
  [
    "threads' regions",
    'more threads help than there is memory for',
    'threads/region.ts',
    'f.if(i32.geS(thread, this.threads), () => f.return())',
    '',
  ],
  [
    "threads' regions",
    'memory for one thread only, of loops',
    'steps/loop.ts',
    'scratch: own * (work >= worthSharing(unit.lib.target) ? (unit.lib.target.threads ?? 1) : 1)',
    'scratch: own',
  ],
  [
    "threads' regions",
    'memory for one thread only, of products',
    'steps/job.ts',
    'scratch: packed + own * (work >= worthSharing(unit.lib.target) ? (unit.lib.target.threads ?? 1) : 1)',
    'scratch: packed + own',
  ],
]
