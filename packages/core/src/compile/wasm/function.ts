import { Bytes } from './bytes.js'
import { i32, int, memarg } from './scalar.js'
import type { I32, Local, Num, V128, ValType, Value } from './value.js'
import { TYPE_CODE, value } from './value.js'

/** A function of a module, to be called: its place in the index space and its type. */
export interface FunctionRef {
  readonly name: string
  readonly params: readonly ValType[]
  readonly results: readonly ValType[]
  /** Known once all imports are. */
  readonly index: () => number
}

/** A variable of a module. */
export interface GlobalRef<T extends ValType = ValType> extends Value<T> {
  readonly index: number
}

const SCALAR_STORE = {
  i32: [0x36, 2],
  i64: [0x37, 3],
  f32: [0x38, 2],
  f64: [0x39, 3],
  i8: [0x3a, 0],
} as const

/** Writes the body of one function, statement by statement. */
export class FunctionBuilder {
  readonly code = new Bytes()
  readonly #prologue = new Bytes()
  readonly #constants = new Map<string, Local>()
  readonly #locals: ValType[] = []
  readonly #params: number
  #depth = 0

  constructor(params: readonly ValType[]) {
    this.#params = params.length
  }

  /**
   * From here on vector constants are computed once, at the beginning of the function, instead of where they stand:
   * engines do not move them out of loops.
   */
  hoistConstants(): void {
    const known = new Map<readonly number[], number>()
    this.code.literal = (bytes) => {
      let index = known.get(bytes)
      if (index === undefined) {
        index = this.hoist({ type: 'v128', write: (to) => to.byte(0xfd).byte(12).bytes(bytes) }).index
        known.set(bytes, index)
      }
      return index
    }
  }

  // --- variables

  /** A new variable, 0 at first. */
  local<T extends ValType>(type: T): Local<T> {
    const index = this.#params + this.#locals.push(type) - 1
    return { type, index, write: (to) => to.byte(0x20).u32(index) }
  }

  set<T extends ValType>(local: Local<T>, x: Value<T>): void {
    x.write(this.code)
    this.code.byte(0x21).u32(local.index)
  }

  /** Computes a value once, into a new variable. */
  let<T extends ValType>(x: Value<T>): Local<T> {
    const local = this.local(x.type)
    this.set(local, x)
    return local
  }

  /**
   * A constant in a variable that is set once, at the beginning of the function: engines that do not take constants out
   * of loops themselves would build it each time round.
   */
  hoist<T extends ValType>(x: Value<T>): Local<T> {
    const bytes = new Bytes()
    x.write(bytes)
    const key = bytes.view().join()
    const known = this.#constants.get(key)
    if (known) return known as Local<T>
    const local = this.local(x.type)
    this.#prologue.append(bytes).byte(0x21).u32(local.index)
    this.#constants.set(key, local)
    return local
  }

  setGlobal<T extends ValType>(global: GlobalRef<T>, x: Value<T>): void {
    x.write(this.code)
    this.code.byte(0x24).u32(global.index)
  }

  /** local += by. */
  increase(local: Local<'i32'>, by: Num<'i32'>): void {
    this.set(local, i32.add(local, by))
  }

  // --- memory

  store(type: keyof typeof SCALAR_STORE, address: Num<'i32'>, x: Value, offset = 0): void {
    const [code, align] = SCALAR_STORE[type]
    int(address).write(this.code)
    x.write(this.code)
    memarg(this.code.byte(code), align, offset)
  }

  storeVector(address: Num<'i32'>, x: V128, offset = 0): void {
    int(address).write(this.code)
    x.write(this.code)
    memarg(this.code.byte(0xfd).u32(11), 4, offset)
  }

  /** Writes one lane of `bits` bits. */
  storeLane(bits: 8 | 16 | 32 | 64, address: Num<'i32'>, x: V128, lane: number, offset = 0): void {
    const log = Math.log2(bits / 8)
    int(address).write(this.code)
    x.write(this.code)
    memarg(this.code.byte(0xfd).u32(88 + log), log, offset).byte(lane)
  }

  copyMemory(to: I32, from: I32, bytes: Num<'i32'>): void {
    to.write(this.code)
    from.write(this.code)
    int(bytes).write(this.code)
    this.code.bytes([0xfc, 10, 0, 0])
  }

  fillMemory(to: I32, byte: Num<'i32'>, bytes: Num<'i32'>): void {
    to.write(this.code)
    int(byte).write(this.code)
    int(bytes).write(this.code)
    this.code.bytes([0xfc, 11, 0])
  }

  // --- calls

  /** Calls a function without results. */
  call(f: FunctionRef, args: readonly Value[] = []): void {
    for (const x of args) x.write(this.code)
    this.code.byte(0x10).u32(f.index())
    for (const _ of f.results) this.code.byte(0x1a)
  }

  /** Calls a function and binds its results to new variables. */
  callAll(f: FunctionRef, args: readonly Value[]): readonly Local[] {
    for (const x of args) x.write(this.code)
    this.code.byte(0x10).u32(f.index())
    const results = f.results.map((type) => this.local(type))
    for (const local of [...results].reverse()) this.code.byte(0x21).u32(local.index)
    return results
  }

  /** Returns from the function with these results. */
  return(...results: readonly Value[]): void {
    for (const x of results) x.write(this.code)
    this.code.byte(0x0f)
  }

  /** Leaves a result on the stack: the last statement of a function with results. */
  result(...results: readonly Value[]): void {
    for (const x of results) x.write(this.code)
  }

  unreachable(): void {
    this.code.byte(0x00)
  }

  // --- control

  #nested(open: number, body: (depth: number) => void): void {
    this.code.bytes([open, 0x40])
    this.#depth++
    body(this.#depth)
    this.#depth--
    this.code.byte(0x0b)
  }

  /** A block; `leave` jumps behind it, if a condition holds or always. */
  block(body: (leave: (condition?: I32) => void) => void): void {
    this.#nested(0x02, (depth) => body((condition) => this.#branch(depth, condition)))
  }

  /** A loop; `again` jumps to its beginning. Without a jump it is left at its end. */
  loop(body: (again: (condition?: I32) => void) => void): void {
    this.#nested(0x03, (depth) => body((condition) => this.#branch(depth, condition)))
  }

  #branch(depth: number, condition?: I32): void {
    const target = this.#depth - depth
    if (condition === undefined) {
      this.code.byte(0x0c).u32(target)
      return
    }
    condition.write(this.code)
    this.code.byte(0x0d).u32(target)
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    condition.write(this.code)
    this.code.bytes([0x04, 0x40])
    this.#depth++
    then()
    if (otherwise) {
      this.code.byte(0x05)
      otherwise()
    }
    this.#depth--
    this.code.byte(0x0b)
  }

  /** for (i = from; i < to; i += step), tested before the first round; all signed. */
  for(
    i: Local<'i32'>,
    from: Num<'i32'>,
    to: Num<'i32'>,
    step: Num<'i32'>,
    body: (leave: (condition?: I32) => void) => void,
  ): void {
    this.set(i, int(from))
    this.block((leave) => {
      leave(i32.geS(i, to))
      this.loop((again) => {
        body(leave)
        this.increase(i, step)
        again(i32.ltS(i, to))
      })
    })
  }

  /** while (condition) body. */
  while(condition: I32, body: (leave: (condition?: I32) => void) => void): void {
    this.block((leave) => {
      this.loop((again) => {
        leave(i32.eqz(condition))
        body(leave)
        again()
      })
    })
  }

  /** One of several statements, by number; none where the number is beyond them. */
  switch(which: I32, cases: readonly (() => void)[]): void {
    const n = cases.length
    // Behind block i stands case i; the outermost block ends behind all of them.
    for (let i = 0; i <= n; i++) {
      this.code.bytes([0x02, 0x40])
      this.#depth++
    }
    which.write(this.code)
    this.code.byte(0x0e).u32(n)
    for (let i = 0; i < n; i++) this.code.u32(i)
    this.code.u32(n)
    cases.forEach((write, i) => {
      this.code.byte(0x0b)
      this.#depth--
      write()
      this.code.byte(0x0c).u32(n - 1 - i)
    })
    this.code.byte(0x0b)
    this.#depth--
  }

  /** The function as the binary format has it: variables, code, end. */
  encode(): Bytes {
    const runs: { type: ValType; n: number }[] = []
    for (const type of this.#locals) {
      const last = runs[runs.length - 1]
      if (last?.type === type) last.n++
      else runs.push({ type, n: 1 })
    }
    const body = new Bytes().u32(runs.length)
    for (const { type, n } of runs) body.u32(n).byte(TYPE_CODE[type])
    return body.append(this.#prologue).append(this.code).byte(0x0b)
  }
}

/** The result of a call, for functions with one. */
export const callValue = <T extends ValType>(f: FunctionRef, type: T, args: readonly Value[]): Value<T> =>
  value(type, args, (to) => to.byte(0x10).u32(f.index()))
