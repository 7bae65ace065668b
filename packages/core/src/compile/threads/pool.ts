import type { Block, Heap } from '../heap.js'
import { POOL, POOL_BYTES, REGION_BYTES } from './control.js'

// Threads that help programs. They run whatever main thread asks for while it waits for them, so nothing else changes:
// results are the same with any number of threads.

interface NodeWorker {
  postMessage(message: unknown): void
  unref(): void
  on(event: 'error', listener: (error: unknown) => void): void
}

interface WorkerThreads {
  readonly Worker: new (code: string, options: object) => NodeWorker
}

interface Builtins {
  getBuiltinModule?(name: string): unknown
}

const threadsOfNode = (): WorkerThreads | undefined => {
  const { process } = globalThis as unknown as { process?: Builtins }
  return process?.getBuiltinModule?.('node:worker_threads') as WorkerThreads | undefined
}

/** How many threads a program may use here unless it is told otherwise: in browsers one, where pages decide. */
export const defaultThreads = (): number => {
  const { process } = globalThis as unknown as { process?: Builtins }
  const os = process?.getBuiltinModule?.('node:os') as { availableParallelism?(): number } | undefined
  return Math.min(8, os?.availableParallelism?.() ?? 1)
}

// A helper sleeps until a program wants it, fetches the program's module if it does not know it yet, and works until
// the program ends. Messages are read without returning to the event loop.
const HELPER = `
const { parentPort, receiveMessageOnPort, workerData } = require('node:worker_threads')
const { memory, control, thread } = workerData
const programs = new Map()
const fetch = () => {
  for (let m = receiveMessageOnPort(parentPort); m; m = receiveMessageOnPort(parentPort)) {
    const { id, module } = m.message
    if (!module) programs.delete(id)
    else programs.set(id, new WebAssembly.Instance(module, { env: { memory, host: () => { throw new Error('host') } } }))
  }
}
const words = new Int32Array(memory.buffer, control, 32)
let seen = 0
for (;;) {
  Atomics.wait(words, 0, seen)
  seen = Atomics.load(words, 0)
  Atomics.add(words, 16, 1)
  const id = Atomics.load(words, 1)
  if (id !== 0) {
    if (!programs.has(id)) fetch()
    programs.get(id)?.exports.work(thread, id)
  }
  Atomics.sub(words, 16, 1)
}
`

/** The helping threads of one memory. */
export class Pool {
  readonly control: number
  readonly #workers: NodeWorker[] = []
  #programs = 0
  /** Words of programs that are gone, until no thread can be reading them. */
  #leaving: Block[] = []

  constructor(readonly heap: Heap) {
    this.control = heap.allocate(POOL_BYTES).address
    heap.clear(this.control, POOL_BYTES)
  }

  /** Starts threads until there are `threads`, the calling one included; gives how many there will be. */
  grow(threads: number): number {
    const { Worker } = threadsOfNode() ?? {}
    if (!Worker || !this.heap.shared) return 1
    while (this.#workers.length + 1 < threads) {
      const worker = new Worker(HELPER, {
        eval: true,
        workerData: {
          memory: this.heap.memory,
          control: this.control,
          thread: this.#workers.length + 1,
        },
        execArgv: [],
        stdin: false,
      })
      worker.on('error', () => {}) // nobody waits for a thread by name: the work goes on without it
      worker.unref()
      this.#workers.push(worker)
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
