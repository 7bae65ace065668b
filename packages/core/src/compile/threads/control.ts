// The words through which the threads of a pool agree, in memory that they share; each that is written often lies on a
// cache line of its own.
//
// A region is one step of a program that several threads work on. Its pieces are handed out by a counter whose upper
// half is the number of the region: whoever takes a piece knows from the counter itself to which region it belongs, and
// a region cannot end before every piece that was taken is done. So it does not matter which threads come, or when.
// Every program has counters of its own, because a thread that comes late may still run the code of an earlier one.

/** Words of the pool; offsets in bytes. */
export const POOL = {
  /** Counts program runs that want help; threads sleep on it. */
  epoch: 0,
  /** The program that runs; 0 when it has ended. */
  program: 4,
  /** Threads that may be reading words of a program. */
  active: 64,
} as const

export const POOL_BYTES = 128

/** Words of a program. */
export const REGION = {
  /** Region (upper half) and the next piece of it (lower half). */
  next: 0,
  /** Region (upper half) and how many pieces it has (lower half). */
  count: 64,
  /** What the region does, and the numbers that say where its pieces are. */
  task: 72,
  extent: 76,
  step: 80,
  /** Region as a word to sleep on. */
  region: 128,
  /** Pieces that are done. */
  done: 192,
} as const

export const REGION_BYTES = 256
