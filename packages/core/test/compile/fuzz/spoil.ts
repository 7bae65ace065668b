import { theHeap } from '../../../src/compile/heap.js'
import type { Program as Compiled } from '../../../src/compile/program.js'

const BYTES = { nan: 0xff, zero: 0 } as const

export type Unread = keyof typeof BYTES

/** Fills the memory that a program uses while it runs with what it may not read. */
export const spoil = (compiled: Compiled, unread: Unread): void => {
  const bytes = compiled.plan!.procedure.arena
  const at = theHeap().needArena(bytes)
  theHeap().views.bool.fill(BYTES[unread], at, at + bytes)
}
