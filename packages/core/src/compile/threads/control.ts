// The words through which the threads of a pool agree, in memory that they share; each that is written often lies on a
// cache line of its own.
//
// A region is one step of a program that several threads work on. Its pieces are handed out by a counter whose upper
// half is the number of the region: whoever takes a piece knows from the counter itself to which region it belongs, and
// a region cannot end before every piece that was taken is done. So it does not matter which threads come, or when.

/** Offsets in bytes from the beginning of the control block. */
export const CONTROL = {
  /** Counts program runs that want help; threads sleep on it. */
  epoch: 0,
  /** The program that runs; 0 when it has ended. */
  program: 4,
  /** Region (upper half) and the next piece of it (lower half). */
  next: 64,
  /** Region (upper half) and how many pieces it has (lower half). */
  count: 128,
  /** What the region does, and the numbers that say where its pieces are. */
  task: 136,
  extent: 140,
  step: 144,
  /** Region as a word to sleep on. */
  region: 192,
  /** Pieces that are done. */
  done: 256,
} as const

export const CONTROL_BYTES = 320
