// How threads are started: by Node as its own worker threads, by browsers as Web Workers.

/** A thread that helps. */
export interface Helper {
  postMessage(message: unknown): void
}

/** What a helper is told first. */
export interface Start {
  readonly memory: WebAssembly.Memory
  /** Address of the words of the pool. */
  readonly control: number
  /** Its number; the thread that asks for help is 0. */
  readonly thread: number
}

interface NodeWorker extends Helper {
  unref(): void
  on(event: 'error', listener: (error: unknown) => void): void
}

interface WorkerThreads {
  readonly Worker: new (code: string, options: object) => NodeWorker
}

interface Builtins {
  getBuiltinModule?(name: string): unknown
}

const builtin = (name: string): unknown =>
  (globalThis as unknown as { process?: Builtins }).process?.getBuiltinModule?.(name)

/** How many threads a program may use here unless it is told otherwise: in browsers one, where pages decide. */
export const defaultThreads = (): number => {
  const os = builtin('node:os') as { availableParallelism?(): number } | undefined
  return Math.min(8, os?.availableParallelism?.() ?? 1)
}

/** May this thread sleep? The main thread of a page may not, and has to look again and again. */
export const maySleep = (): boolean => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1)
    return true
  } catch {
    return false
  }
}

// A helper sleeps until a program wants it, fetches the program's module if it does not know it yet, and works until
// the program ends.
const COMMON = `
const programs = new Map()
const learn = (memory, { id, module }) => {
  if (!module) programs.delete(id)
  else programs.set(id, new WebAssembly.Instance(module, { env: { memory, host: () => { throw new Error('host') } } }))
}
let served = 0
const help = (words, thread) => {
  Atomics.add(words, 16, 1)
  const id = Atomics.load(words, 1)
  const known = programs.get(id)
  if (known) {
    known.exports.work(thread, id)
    served++
  }
  Atomics.sub(words, 16, 1)
  return id === 0 || known !== undefined
}
`

// Messages are read without returning to the event loop. Programs often follow each other at once, and to be woken takes
// long: so a helper looks for a while before it sleeps.
const NODE = `${COMMON}
const { parentPort, receiveMessageOnPort, workerData } = require('node:worker_threads')
const { memory, control, thread } = workerData
const words = new Int32Array(memory.buffer, control, 32)
let seen = 0
for (;;) {
  const until = performance.now() + 0.2
  while (Atomics.load(words, 0) === seen && performance.now() < until);
  Atomics.wait(words, 0, seen)
  seen = Atomics.load(words, 0)
  while (!help(words, thread)) {
    const m = receiveMessageOnPort(parentPort)
    if (!m) break
    learn(memory, m.message)
  }
}
`

// A Web Worker reads messages in its event loop only. So it sleeps for a short while, in which a step that follows finds
// it at once; then, and when it does not know a program, the event loop has its turn.
const WEB = `${COMMON}
const { port1, port2 } = new MessageChannel()
const turn = () => new Promise((resolve) => {
  port1.onmessage = resolve
  port2.postMessage(0)
})
const run = async ({ memory, control, thread }) => {
  const words = new Int32Array(memory.buffer, control, 32)
  onmessage = ({ data }) => learn(memory, data)
  let seen = 0
  for (;;) {
    if (Atomics.wait(words, 0, seen, 20) === 'timed-out') {
      const waiting = Atomics.waitAsync?.(words, 0, seen)
      await (waiting?.async ? waiting.value : turn())
    }
    seen = Atomics.load(words, 0)
    if (!help(words, thread)) await turn()
  }
}
onmessage = ({ data }) => run(data)
`

const startInNode = (start: Start): Helper | undefined => {
  const threads = builtin('node:worker_threads') as WorkerThreads | undefined
  if (!threads) return undefined
  const worker = new threads.Worker(NODE, { eval: true, workerData: start, execArgv: [], stdin: false })
  worker.on('error', () => {}) // nobody waits for a thread by name: the work goes on without it
  worker.unref()
  return worker
}

let script: string | undefined

const startInPage = (start: Start): Helper | undefined => {
  if (typeof Worker !== 'function' || typeof Blob !== 'function') return undefined
  try {
    script ??= URL.createObjectURL(new Blob([WEB], { type: 'text/javascript' }))
    const worker = new Worker(script)
    worker.onerror = (event) => event.preventDefault()
    worker.postMessage(start)
    return worker
  } catch {
    return undefined // a content security policy without worker-src blob:
  }
}

/** A helper, or undefined where there are none; it comes when it has started. */
export const startHelper = (start: Start): Helper | undefined => startInNode(start) ?? startInPage(start)
