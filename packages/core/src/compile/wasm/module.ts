import { Bytes } from './bytes.js'
import { FunctionBuilder, type FunctionRef, type GlobalRef } from './function.js'
import type { Local, ValType } from './value.js'
import { TYPE_CODE } from './value.js'

type Names = Readonly<Record<string, ValType>>
type Locals<P extends Names> = { readonly [K in keyof P]: Local<P[K]> }

interface Defined {
  readonly name: string
  readonly type: number
  readonly body: () => Bytes
  readonly late: boolean
}

/** Memory imported by a module, in pages of 64 KiB. */
export interface MemoryImport {
  readonly initial: number
  readonly maximum: number
  readonly shared: boolean
}

/** Builds one WebAssembly module; it imports its memory as `env.memory`. */
export class ModuleBuilder {
  readonly #types = new Map<string, { index: number; bytes: Bytes }>()
  readonly #imports: { name: string; type: number }[] = []
  readonly #functions: Defined[] = []
  readonly #exports: { name: string; index: () => number }[] = []
  readonly #globals: { name: string; type: ValType }[] = []

  constructor(readonly memory: MemoryImport) {}

  #type(params: readonly ValType[], results: readonly ValType[]): number {
    const key = `${params.join()}>${results.join()}`
    const known = this.#types.get(key)
    if (known) return known.index
    const bytes = new Bytes().byte(0x60)
    for (const list of [params, results]) {
      bytes.u32(list.length)
      for (const t of list) bytes.byte(TYPE_CODE[t])
    }
    const index = this.#types.size
    this.#types.set(key, { index, bytes })
    return index
  }

  /** A mutable number of the host, imported as `env.<name>`. */
  importGlobal<T extends 'i32' | 'f64'>(name: string, type: T): GlobalRef<T> {
    const index = this.#globals.push({ name, type }) - 1
    return { type, index, write: (to) => to.byte(0x23).u32(index) }
  }

  /** A function of the host, imported as `env.<name>`. */
  importFunction(name: string, params: readonly ValType[], results: readonly ValType[]): FunctionRef {
    const at = this.#imports.push({ name, type: this.#type(params, results) }) - 1
    return { name, params, results, index: () => at }
  }

  /**
   * A function: its body is written by `write` when the module is encoded, so functions may call each other in any
   * order. With `export`, the host can call it under its name. A `late` one is written when all others are, for it
   * depends on what they ask for.
   */
  function<P extends Names>(
    name: string,
    params: P,
    results: readonly ValType[],
    write: (f: FunctionBuilder, params: Locals<P>) => void,
    options: { readonly export?: boolean; readonly late?: boolean } = {},
  ): FunctionRef {
    const types = Object.values(params)
    const body = (): Bytes => {
      const f = new FunctionBuilder(types)
      const locals = Object.fromEntries(
        Object.entries(params).map(([key, type], index) => [
          key,
          { type, index, write: (to: Bytes) => to.byte(0x20).u32(index) },
        ]),
      ) as unknown as Locals<P>
      write(f, locals)
      return f.encode()
    }
    const at =
      this.#functions.push({ name, type: this.#type(types, results), body, late: options.late ?? false }) - 1
    const index = (): number => this.#imports.length + at
    if (options.export) this.#exports.push({ name, index })
    return { name, params: types, results, index }
  }

  /** The module in the binary format. */
  encode(): Uint8Array<ArrayBuffer> {
    // Writing a body may add functions and types, so bodies come first, as long as there are new ones.
    const bodies: Bytes[] = []
    for (const late of [false, true])
      for (let i = 0; i < this.#functions.length; i++)
        if (late || !this.#functions[i]!.late) bodies[i] ??= this.#functions[i]!.body()

    const out = new Bytes().bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])
    const section = (id: number, count: number, write: (to: Bytes) => void): void => {
      const content = new Bytes().u32(count)
      write(content)
      out.byte(id).sized(content)
    }
    section(1, this.#types.size, (to) => {
      for (const { bytes } of this.#types.values()) to.append(bytes)
    })
    section(2, 1 + this.#imports.length + this.#globals.length, (to) => {
      const { initial, maximum, shared } = this.memory
      to.name('env')
        .name('memory')
        .bytes([0x02, shared ? 0x03 : 0x01])
      to.u32(initial).u32(maximum)
      for (const { name, type } of this.#imports) to.name('env').name(name).byte(0x00).u32(type)
      for (const { name, type } of this.#globals)
        to.name('env').name(name).bytes([0x03, TYPE_CODE[type], 0x01])
    })
    section(3, this.#functions.length, (to) => {
      for (const { type } of this.#functions) to.u32(type)
    })
    section(7, this.#exports.length, (to) => {
      for (const { name, index } of this.#exports) to.name(name).byte(0x00).u32(index())
    })
    section(10, bodies.length, (to) => {
      for (const body of bodies) to.sized(body)
    })
    // The names of functions, for profiles and stack traces.
    const names = new Bytes().u32(this.#functions.length)
    this.#functions.forEach(({ name }, i) => {
      names.u32(this.#imports.length + i).name(name)
    })
    const custom = new Bytes().name('name').byte(1).sized(names)
    out.byte(0).sized(custom)
    return out.view().slice() as Uint8Array<ArrayBuffer>
  }
}
