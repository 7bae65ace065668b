import type { Buffer } from './buffer.js'
import type { Library } from './library.js'
import type { FunctionBuilder, I32 } from './wasm/index.js'

/** What a step needs while it is written into a procedure. */
export interface Emission {
  readonly f: FunctionBuilder
  readonly lib: Library
  /** The address of a buffer, in any function of the module. */
  readonly addressOf: (f: FunctionBuilder, buffer: Buffer) => I32
  /** Where this step's scratch memory begins in the arena. */
  readonly base: number
  /** The same as an address. */
  readonly scratch: I32
  /** Leaves the procedure with `status` if it is not 0. */
  readonly leaveWith: (status: I32) => void
}

/** How a step goes through its outermost axis, its rows: any range of them can be done by itself. */
export interface Rows {
  readonly extent: number
  /** Ranges begin at multiples of this, and end there or with the last row. */
  readonly grain: number
  /** Ranges below so many rows are slow. */
  readonly least: number
  /**
   * Bytes of a buffer from what belongs to one row to what belongs to the next, if the step touches nothing of it but
   * what belongs to the row that it is at.
   */
  pitch(buffer: Buffer): number | undefined
  /** Bytes of scratch memory when so many threads work on rows. */
  scratch(threads: number): number
  /** Once, before any row. */
  readonly prepare: ((to: Emission) => void) | undefined
  /** Rows `from` to `to` by thread `thread`; scratch memory is that of the step. */
  emit(to: Emission, from: I32, end: I32, thread: I32): void
}

/** A part of a program that reads buffers and writes buffers. */
export interface Step {
  /** What kind of work: `loop`, `dot`, ... */
  readonly kind: string
  /** For people: what it computes. */
  readonly text: string
  readonly reads: readonly Buffer[]
  readonly writes: readonly Buffer[]
  /** Pairs that may be one piece of memory, because each element is read before it is written. */
  readonly inPlace: readonly { readonly write: Buffer; readonly read: Buffer }[]
  /** Bytes of scratch memory. */
  readonly scratch: number
  /** Floating-point operations. */
  readonly flops: number
  /** How long it takes, in nanoseconds, guessed before it is measured. */
  readonly work: number
  /** Can threads share it? */
  readonly divisible: boolean
  /** Names given by `tag`. */
  readonly path: string
  /** May it end the program with an error? */
  readonly fails: boolean
  /** If it can be done a few rows at a time. */
  readonly rows: Rows | undefined
  emit(to: Emission): void
}
