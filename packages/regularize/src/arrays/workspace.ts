import { wasm } from '@cotangent/core/internal'
import type { Floats, Ints, Kernels } from './kernels.js'
import { SCALAR } from './scalar.js'
import { vectorKernels } from './vector.js'

const PAGE = 65536
const TYPE = { initial: 1, maximum: 65536, shared: true }
/** Numbers from which on a memory of its own pays. The tests change it, to have both kinds of loops on small problems. */
export const worth = { numbers: 1 << 14 }

/**
 * Where the arrays of one solver lie, and the loops over them. Large ones lie in a WebAssembly memory, with loops in
 * WebAssembly; it is shared only because such a memory can grow under the arrays that look at it. Where there is none,
 * or no more of it to be had, arrays and loops are those of JavaScript. The garbage collector takes the whole at once.
 */
export class Workspace {
  kernels: Kernels = SCALAR
  private readonly memory: WebAssembly.Memory | undefined
  /** The first free byte, and the first that was never used, so that it is 0. */
  private end = 64
  private fresh = 64

  /** For data of so many numbers, in at most so many pages of memory. */
  constructor(size: number, maximum = TYPE.maximum) {
    if (size < worth.numbers || !wasm.hasSimd() || !wasm.hasSharedMemory()) return
    try {
      this.memory = new WebAssembly.Memory({ ...TYPE, maximum })
      this.kernels = vectorKernels(this.memory, TYPE)
    } catch {
      this.memory = undefined
    }
  }

  /** Zeros. */
  floats(n: number): Floats {
    const at = this.take(8 * n)
    return (at === undefined ? new Float64Array(n) : new Float64Array(this.memory!.buffer, at, n)) as Floats
  }

  /** Zeros. */
  ints(n: number): Ints {
    const at = this.take(4 * n)
    return (at === undefined ? new Int32Array(n) : new Int32Array(this.memory!.buffer, at, n)) as Ints
  }

  /** A copy. */
  floatsOf(x: ArrayLike<number>): Floats {
    const out = this.floats(x.length)
    out.set(x)
    return out
  }

  /** 0, 1, …, n - 1. */
  iota(n: number): Ints {
    const out = this.ints(n)
    for (let i = 0; i < n; i++) out[i] = i
    return out
  }

  /** Gives back at its end what was taken within; nothing of it may be used afterwards. */
  within<T>(body: () => T): T {
    const { end } = this
    try {
      return body()
    } finally {
      this.end = end
    }
  }

  /** The address of so many bytes, cleared; undefined where there are none, and from then on the loops are SCALAR's. */
  private take(bytes: number): number | undefined {
    const { memory, end } = this
    if (memory === undefined || this.kernels === SCALAR) return undefined
    const next = end + 64 * Math.ceil(bytes / 64)
    const have = memory.buffer.byteLength
    // Half as much again, so that many small arrays do not mean many small steps; where that is not to be had, less.
    if (next > have && !grown(memory, Math.max(next, 1.5 * have)) && !grown(memory, next)) {
      this.kernels = SCALAR
      return undefined
    }
    if (end < this.fresh) new Uint8Array(memory.buffer, end, Math.min(this.fresh, next) - end).fill(0)
    this.fresh = Math.max(this.fresh, next)
    this.end = next
    return end
  }
}

const grown = (memory: WebAssembly.Memory, bytes: number): boolean => {
  try {
    memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / PAGE))
    return true
  } catch {
    return false
  }
}

/** For few numbers, or where nothing is known of how many there will be. */
export const plain = (): Workspace => new Workspace(0)
