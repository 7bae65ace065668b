import {
  atomic,
  choose,
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  type ModuleBuilder,
} from '../wasm/index.js'
import { POOL, REGION } from './control.js'

/** A step that can be done in pieces: (from, to, thread), for ranges of 0 ... extent that begin at multiples of grain. */
export interface Task {
  readonly ref: FunctionRef
  readonly extent: number
  readonly grain: number
  /** Nanoseconds that it takes on one thread, guessed. */
  readonly work: number
}

const SPINS = 40_000 // about 200 µs: to be woken takes as long on a virtual machine
// Pieces for each thread, since some threads are slower than others: more where there is much to do.
const [FEWEST, MOST] = [4, 16]
const PIECE = 100_000 // ns
const NAP = 2_000_000n // ns: nobody sleeps longer without looking again

const upper = (x: I64): I32 => i32.wrapI64(i64.shrU(x, i64.const(32n)))
const lower = (x: I64): I32 => i32.wrapI64(x)
const pair = (high: I32, low: I32): I64 =>
  i64.or(i64.shl(i64.extendI32U(high), i64.const(32n)), i64.extendI32U(low))

/** The code of one program that shares work between threads. */
export class Regions {
  readonly #tasks: Task[] = []
  readonly #pieces: FunctionRef

  constructor(
    readonly module: ModuleBuilder,
    /** Address of the words of the pool. */
    readonly pool: number,
    /** Address of the words of this program. */
    readonly control: number,
    readonly threads: number,
    /** Thread 0 may sleep. */
    readonly sleeps = true,
  ) {
    this.#pieces = this.#definePieces()
  }

  #at(word: keyof typeof REGION): I32 {
    return i32.const(this.control + REGION[word])
  }

  /** Runs a task on all threads that come, and returns when it is done. */
  fork(f: FunctionBuilder, task: Task): void {
    const id = this.#tasks.push(task) - 1
    const units = Math.ceil(task.extent / task.grain)
    const each = Math.round(task.work / this.threads / PIECE)
    const pieces = Math.min(units, Math.max(FEWEST, Math.min(MOST, each)) * this.threads)
    const step = Math.ceil(units / pieces) * task.grain
    const count = Math.ceil(task.extent / step)
    atomic.store32(f, this.#at('task'), id)
    atomic.store32(f, this.#at('extent'), task.extent)
    atomic.store32(f, this.#at('step'), step)
    atomic.store32(f, this.#at('done'), 0)
    const region = f.let(i32.add(upper(atomic.load64(this.#at('next'))), 1))
    atomic.store64(f, this.#at('count'), pair(region, i32.const(count)))
    atomic.store64(f, this.#at('next'), pair(region, i32.const(0)))
    atomic.store32(f, this.#at('region'), region)
    atomic.wakeAll(f, this.#at('region'))
    f.call(this.#pieces, [i32.const(0)])
    // Pieces that others took may still be worked on.
    const [spins, done] = [f.local('i32'), f.local('i32')]
    f.set(spins, i32.const(0))
    f.block((leave) => {
      f.loop((again) => {
        f.set(done, atomic.load32(this.#at('done')))
        leave(i32.geS(done, count))
        if (this.sleeps) {
          f.increase(spins, 1)
          f.if(i32.gtS(spins, SPINS), () => atomic.wait32(f, this.#at('done'), done, i64.const(NAP)))
        }
        again()
      })
    })
  }

  /** (thread): takes pieces of whatever region there is until none is left. */
  #definePieces(): FunctionRef {
    return this.module.function(
      'pieces',
      { thread: 'i32' },
      [],
      (f, { thread }) => {
        const [taken, count] = [f.local('i64'), f.local('i64')]
        const [piece, from, to] = [f.local('i32'), f.local('i32'), f.local('i32')]
        f.loop((again) => {
          f.set(taken, atomic.add64(this.#at('next'), i64.const(1n)))
          f.set(count, atomic.load64(this.#at('count')))
          f.set(piece, lower(taken))
          const mine = i32.and(i32.eq(upper(taken), upper(count)), i32.ltS(piece, lower(count)))
          f.if(mine, () => {
            f.set(from, i32.mul(piece, atomic.load32(this.#at('step'))))
            f.set(to, i32.add(from, atomic.load32(this.#at('step'))))
            const extent = f.let(atomic.load32(this.#at('extent')))
            f.set(to, choose(i32.ltS(to, extent), to, extent))
            f.switch(
              atomic.load32(this.#at('task')),
              this.#tasks.map(
                ({ ref }) =>
                  () =>
                    f.call(ref, [from, to, thread]),
              ),
            )
            f.set(piece, i32.add(atomic.add32(this.#at('done'), 1), 1))
            f.if(i32.eq(piece, lower(count)), () => atomic.wakeAll(f, this.#at('done')))
            again()
          })
        })
      },
      { late: true },
    )
  }

  /** (thread, program): what a helping thread does while the program runs. */
  defineWork(): void {
    this.module.function(
      'work',
      { thread: 'i32', program: 'i32' },
      [],
      (f, { thread, program }) => {
        const [region, seen, spins] = [f.local('i32'), f.local('i32'), f.local('i32')]
        const join = (now: Local<'i32'>): void => {
          f.set(seen, now)
          f.call(this.#pieces, [thread])
          f.set(spins, i32.const(0))
        }
        // The pool may have more threads than the program has scratch memory for.
        f.if(i32.geS(thread, this.threads), () => f.return())
        f.set(seen, i32.const(-1))
        f.block((leave) => {
          f.loop((again) => {
            leave(i32.ne(atomic.load32(this.pool + POOL.program), program))
            f.set(region, upper(atomic.load64(this.#at('next'))))
            f.if(
              i32.ne(region, seen),
              () => join(region),
              () => {
                f.increase(spins, 1)
                f.if(i32.gtS(spins, SPINS), () =>
                  atomic.wait32(f, this.#at('region'), region, i64.const(NAP)),
                )
              },
            )
            again()
          })
        })
      },
      { export: true },
    )
  }
}
