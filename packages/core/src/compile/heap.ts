import { CotangentError } from '../errors.js'
import { alignUp } from './buffer.js'
import { hasSharedMemory } from './wasm/index.js'

const PAGE = 65536
const MAX_PAGES = 65536
// What is dropped without being donated is freed when the garbage collector gets round to it, and nothing tells it how
// much hangs on it. So beyond FREE only that much stays here as a program needs twice; the rest is copied out, to where
// the collector sees it.
const FREE = 1 << 27
const LIMIT = 1 << 30
const SPARE = 256 // bytes behind everything that may be read

/** Views of the whole memory; new ones are made when it has grown. */
export interface Views {
  readonly buffer: ArrayBufferLike
  readonly float32: Float32Array
  readonly float64: Float64Array
  readonly int32: Int32Array
  readonly bool: Uint8Array
}

/** A stretch of memory; `bytes` is 0 once it has been freed. */
export interface Block {
  address: number
  bytes: number
}

/**
 * The memory of all programs: blocks that live as long as somebody holds them, and one arena that programs use in
 * turns while they run.
 */
export class Heap {
  readonly memory: WebAssembly.Memory
  readonly maximum: number
  readonly shared: boolean
  /** Is a program running? Then the arena is taken. */
  busy = false
  #free: Block[] = []
  #end = 1024 // address 0 is nobody's
  #arena: Block = { address: 0, bytes: 0 }
  #views: Views | undefined
  #resident = 0

  constructor() {
    this.shared = hasSharedMemory()
    const made = largest(this.shared)
    this.memory = made.memory
    this.maximum = made.maximum
  }

  get views(): Views {
    if (!this.#views) {
      const { buffer } = this.memory
      this.#views = {
        buffer,
        float32: new Float32Array(buffer),
        float64: new Float64Array(buffer),
        int32: new Int32Array(buffer),
        bool: new Uint8Array(buffer),
      }
    }
    return this.#views
  }

  /** Bytes of memory taken from the system. */
  get size(): number {
    return this.memory.buffer.byteLength
  }

  /** A block of at least so many bytes, at a multiple of 64. */
  allocate(bytes: number): Block {
    const size = alignUp(Math.max(1, bytes))
    let best: Block | undefined
    for (const hole of this.#free) if (hole.bytes >= size && (!best || hole.bytes < best.bytes)) best = hole
    if (best) {
      const block = { address: best.address, bytes: size }
      best.address += size
      best.bytes -= size
      if (best.bytes === 0) this.#free = this.#free.filter((hole) => hole !== best)
      return block
    }
    const last = this.#free[this.#free.length - 1]
    const from = last && last.address + last.bytes === this.#end ? last.address : this.#end
    this.#grow(from + size, bytes)
    if (from !== this.#end) this.#free.pop()
    this.#end = from + size
    return { address: from, bytes: size }
  }

  /** Fills memory with zeros. */
  clear(address: number, bytes: number): void {
    this.views.bool.fill(0, address, address + bytes)
  }

  free(block: Block): void {
    if (block.bytes === 0) return
    const hole = { ...block }
    block.bytes = 0
    const list = this.#free
    let i = list.findIndex((h) => h.address > hole.address)
    if (i < 0) i = list.length
    list.splice(i, 0, hole)
    for (const k of [i, i - 1]) {
      const [a, b] = [list[k], list[k + 1]]
      if (!a || !b || a.address + a.bytes !== b.address) continue
      a.bytes += b.bytes
      list.splice(k + 1, 1)
    }
  }

  /** Makes the arena at least so large; nothing in it is kept. */
  needArena(bytes: number): number {
    if (this.#arena.bytes < bytes) {
      this.free(this.#arena)
      this.#arena = this.allocate(bytes)
    }
    return this.#arena.address
  }

  /** A block for what stays here, one of those that need `all` bytes; undefined where too much is held already. */
  allocateResident(bytes: number, all: number): Block | undefined {
    if (this.#resident + bytes > Math.min(LIMIT, Math.max(FREE, 2 * all))) return undefined
    const block = this.allocate(bytes)
    this.#resident += block.bytes
    return block
  }

  releaseResident(block: Block): void {
    this.#resident -= block.bytes
    this.free(block)
  }

  #grow(end: number, wanted: number): void {
    const pages = Math.ceil((end + SPARE) / PAGE)
    const have = this.size / PAGE
    if (pages <= have) return
    // A third more than asked for, so that many small blocks do not mean many small steps.
    const generous = Math.min(this.maximum, Math.ceil(pages + (pages - have) / 3))
    for (const target of [generous, pages]) {
      if (target < pages || target > this.maximum) continue
      try {
        this.memory.grow(target - have)
        this.#views = undefined
        return
      } catch {
        // less may still be had
      }
    }
    throw new CotangentError(
      'Memory',
      `the WebAssembly memory cannot grow: ${wanted} bytes were asked for, ${this.size} are in use and ` +
        `${this.maximum * PAGE} are the limit. Use smaller batches, or split the program.`,
      {},
    )
  }
}

// Address space is reserved for the maximum; where that is refused, a smaller maximum will do.
const largest = (shared: boolean): { memory: WebAssembly.Memory; maximum: number } => {
  for (let maximum = MAX_PAGES; maximum > 1024; maximum /= 2)
    try {
      return { memory: new WebAssembly.Memory({ initial: 16, maximum, shared }), maximum }
    } catch {
      // try less
    }
  return { memory: new WebAssembly.Memory({ initial: 16, maximum: 1024, shared }), maximum: 1024 }
}

let heap: Heap | undefined

/** The one memory of this process, made when it is first needed. */
export const theHeap = (): Heap => {
  heap ??= new Heap()
  return heap
}
