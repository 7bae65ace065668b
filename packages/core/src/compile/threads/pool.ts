import type { Block, Heap } from '../heap.js'
import { POOL, POOL_BYTES, REGION_BYTES } from './control.js'
import { type Helper, maySleep, startHelper } from './workers.js'

// Threads that help programs. They run whatever main thread asks for while it waits for them, so nothing else changes:
// results are the same with any number of threads.

/** The helping threads of one memory. */
export class Pool {
  readonly control: number
  /** The thread that asks for help may sleep until it is done. */
  readonly sleeps = maySleep()
  readonly #workers: Helper[] = []
  #programs = 0
  /** Words of programs that are gone, until no thread can be reading them. */
  #leaving: Block[] = []

  constructor(readonly heap: Heap) {
    this.control = heap.allocate(POOL_BYTES).address
    heap.clear(this.control, POOL_BYTES)
  }

  /** Starts threads until there are `threads`, the calling one included; gives how many there will be. */
  grow(threads: number): number {
    if (!this.heap.shared) return 1
    while (this.#workers.length + 1 < threads) {
      const { memory } = this.heap
      const helper = startHelper({ memory, control: this.control, thread: this.#workers.length + 1 })
      if (!helper) return this.#workers.length + 1
      this.#workers.push(helper)
    }
    return threads
  }

  /** Memory for the words of a new program. */
  words(): Block {
    this.#sweep()
    const block = this.heap.allocate(REGION_BYTES)
    this.heap.clear(block.address, block.bytes)
    return block
  }

  /** Tells the threads of a program; its number calls them. */
  register(module: WebAssembly.Module): number {
    const id = ++this.#programs
    for (const worker of this.#workers) worker.postMessage({ id, module })
    return id
  }

  forget(id: number, words: Block): void {
    for (const worker of this.#workers) worker.postMessage({ id })
    this.#leaving.push(words)
    this.#sweep()
  }

  #sweep(): void {
    if (Atomics.load(this.heap.views.int32, (this.control + POOL.active) >> 2) !== 0) return
    for (const block of this.#leaving) this.heap.free(block)
    this.#leaving = []
  }

  /** Wakes the threads for a program. */
  begin(id: number): void {
    const words = this.heap.views.int32
    const at = this.control >> 2
    Atomics.store(words, at + (POOL.program >> 2), id)
    Atomics.add(words, at + (POOL.epoch >> 2), 1)
    Atomics.notify(words, at + (POOL.epoch >> 2))
  }

  end(): void {
    Atomics.store(this.heap.views.int32, (this.control + POOL.program) >> 2, 0)
  }
}

const pools = new WeakMap<Heap, Pool>()

/** The threads of a memory, made when they are first needed. */
export const poolOf = (heap: Heap): Pool => {
  const known = pools.get(heap)
  if (known) return known
  const pool = new Pool(heap)
  pools.set(heap, pool)
  return pool
}
