import type { Buffer } from './buffer.js'
import type { Library } from './library.js'
import type { FunctionBuilder, I32 } from './wasm/index.js'

/** What a kernel needs while its call is written into a procedure. */
export interface Emission {
  readonly f: FunctionBuilder
  readonly lib: Library
  /** The address of a buffer, in any function of the module. */
  readonly addressOf: (f: FunctionBuilder, buffer: Buffer) => I32
  /** The address of this kernel's scratch memory. */
  readonly scratch: I32
  /** Leaves the procedure when `status` is not 0; `value` is what the message is about. */
  readonly failIf: (status: I32, value: (position: I32) => I32, fault: Fault) => void
}

/** Says what was wrong, from the value that the program left. */
export type Fault = (value: number) => Error

/** One step of a program: reads and writes buffers. */
export interface Kernel {
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
  /** Names given by `tag`. */
  readonly path: string
  emit(to: Emission): void
}
