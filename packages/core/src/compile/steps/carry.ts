import { bytesOf } from '../buffer.js'
import type { Emission } from '../step.js'
import type { View } from '../view.js'
import { choose, type I32, i32, type Local } from '../wasm/index.js'
import { addressOfView, byteSize } from './addresses.js'

/** Where the values that a loop carries are: read from one place, written to another, in turns. */
export interface Carry {
  /** Addresses to read from. */
  readonly now: readonly Local<'i32'>[]
  /** Addresses to write to. */
  readonly next: () => I32[]
  /** What was written is read from now on. */
  readonly turn: () => void
  /** Copies what is carried at the end into the results, where it is not there already. */
  readonly finish: () => void
}

/** Bytes of scratch memory that carrying these takes. */
export const carryBytes = (outputs: readonly View[]): number =>
  outputs.reduce((n, v) => n + bytesOf(v.buffer), 0)

/**
 * The first round reads the initial values where they are; rounds write to the results and to scratch memory in turns.
 */
export const emitCarry = (e: Emission, initial: readonly View[], outputs: readonly View[]): Carry => {
  const { f } = e
  const now = initial.map((v) => addressOfView(e, v))
  const results = outputs.map((v) => addressOfView(e, v))
  let offset = 0
  const spare = outputs.map((v) => {
    const at = f.let(i32.add(e.scratch, offset))
    offset += bytesOf(v.buffer)
    return at
  })
  const odd = f.local('i32')
  f.set(odd, i32.const(0))
  const next = (): I32[] => results.map((r, i) => choose(odd, spare[i]!, r))
  return {
    now,
    next,
    turn: () => {
      next().forEach((address, i) => {
        f.set(now[i]!, address)
      })
      f.set(odd, i32.xor(odd, 1))
    },
    finish: () => {
      now.forEach((from, i) => {
        f.if(i32.ne(from, results[i]!), () => f.copyMemory(results[i]!, from, byteSize(outputs[i]!.buffer)))
      })
    },
  }
}
