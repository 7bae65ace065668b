import { BYTES } from '../../dtype.js'
import { sizeOf } from '../../shape.js'
import type { DType } from '../../types/index.js'
import type { Buffer } from '../buffer.js'
import type { Library } from '../library.js'
import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  int,
  type Local,
  type V128,
} from '../wasm/index.js'
import { Accumulators } from './accumulators.js'
import { ColumnSums, columnBytes } from './columns.js'
import { isCheap, splatConstant, writeLanes } from './lanes.js'
import { loadDense, loadStrided, storeDense, storeStrided } from './memory.js'
import { type Nest, nestOf } from './nest.js'
import type { LoopSpec, LoopValue } from './spec.js'
import type { Mode, Sums } from './sums.js'

/**
 * A loop nest as a function (from, to, scratch, addresses) over its outermost axis. Nests that differ only in where their
 * operands lie are one function: the layers of a network have many that are alike.
 */
export interface LoopFunction {
  readonly ref: FunctionRef
  /** Where the accesses of this nest begin. */
  readonly addresses: (f: FunctionBuilder, addressOf: AddressOf) => I32[]
}

type AddressOf = (f: FunctionBuilder, buffer: Buffer) => I32

// Where a body is long one vector at a time keeps enough of the machine busy, and the code short.
const unrollOf = (spec: LoopSpec): number => {
  const work = spec.values.reduce((n, v) => n + (v.kind === 'map' ? (isCheap(v.op) ? 1 : 8) : 0), 0)
  return work <= 4 ? 4 : work <= 16 ? 2 : 1
}

class NestWriter {
  readonly nest: Nest
  readonly unroll: number
  readonly #levels: number[]
  readonly #across: boolean[]
  readonly #accessOf: number[]
  readonly #pointers: I32[]
  readonly #registers: V128[][]
  readonly #sums: Sums | undefined
  /** Loops outside of which nothing is summed. */
  readonly #kept: number

  constructor(
    readonly f: FunctionBuilder,
    readonly lib: Library,
    readonly spec: LoopSpec,
    nest: Nest,
    pointers: readonly I32[],
    scratch: I32,
  ) {
    this.nest = nest
    const { axes, vector, lanes } = nest
    this.unroll = Math.min(unrollOf(spec), Math.max(1, Math.ceil(axes[vector]!.size / lanes)))
    const firstReduced = axes.findIndex((a) => a.reduced)
    this.#kept = firstReduced < 0 ? axes.length : firstReduced
    this.#pointers = [...pointers]
    let k = 0
    this.#accessOf = spec.values.map((v) => (v.kind === 'load' ? k++ : -1))
    this.#levels = []
    this.#across = []
    for (const [i, v] of spec.values.entries()) {
      this.#levels.push(this.#levelOf(v, i))
      this.#across.push(this.#differs(v, i))
    }
    this.#registers = spec.values.map(() => [])
    if (nest.columns) this.#sums = new ColumnSums(f, spec, nest, this.#kept, scratch)
    else if (spec.reductions.length > 0) this.#sums = new Accumulators(f, spec, nest, this.unroll, this.#kept)
  }

  #levelOf(v: LoopValue, i: number): number {
    if (v.kind === 'uniform') return 0
    if (v.kind === 'map') return Math.max(0, ...v.args.map((a) => this.#levels[a]!))
    const k = this.#accessOf[i]!
    return 1 + this.nest.axes.findLastIndex((a) => a.strides[k] !== 0)
  }

  /** Does the value differ between the lanes of a vector? */
  #differs(v: LoopValue, i: number): boolean {
    if (v.kind === 'uniform') return false
    if (v.kind === 'map') return v.args.some((a) => this.#across[a])
    return this.nest.axes[this.nest.vector]!.strides[this.#accessOf[i]!] !== 0
  }

  #dense(k: number): boolean {
    return this.nest.axes[this.nest.vector]!.strides[k] === BYTES[this.nest.accesses[k]!.dtype]
  }

  #load(k: number, u: number, { count }: Mode): V128 {
    const { lanes, axes, vector, accesses } = this.nest
    const { dtype } = accesses[k]!
    const stride = axes[vector]!.strides[k]!
    const at = this.#pointers[k]!
    if (stride === 0) return loadDense(dtype, lanes, 1, at, 0)
    if (this.#dense(k)) return loadDense(dtype, lanes, count, at, u * lanes * BYTES[dtype])
    const from = u === 0 ? at : i32.add(at, u * lanes * stride)
    return count === 1 ? loadDense(dtype, lanes, 1, from, 0) : loadStrided(this.f, dtype, lanes, from, stride)
  }

  #store(k: number, u: number, { count }: Mode, x: V128): void {
    const { lanes, axes, vector, accesses } = this.nest
    const { dtype } = accesses[k]!
    const stride = axes[vector]!.strides[k]!
    const at = this.#pointers[k]!
    if (this.#dense(k) || stride === 0) {
      storeDense(this.f, dtype, lanes, stride === 0 ? 1 : count, at, x, u * lanes * BYTES[dtype])
      return
    }
    const to = u === 0 ? at : i32.add(at, u * lanes * stride)
    if (count === 1) storeDense(this.f, dtype, lanes, 1, to, x, 0)
    else storeStrided(this.f, dtype, lanes, to, stride, x)
  }

  #value(i: number, u: number, mode: Mode): V128 {
    const { f, lib, nest, spec } = this
    const v = spec.values[i]!
    if (v.kind === 'uniform') return splatConstant(v.dtype, nest.lanes, v.value)
    if (v.kind === 'load') return this.#load(this.#accessOf[i]!, u, mode)
    const args = v.args.map((a) => this.#registers[a]![u] ?? this.#registers[a]![0]!)
    // The dtype of the last operand says which lanes: the first of `select` is its mask.
    const dtype: DType = spec.values[v.args[v.args.length - 1]!]!.dtype
    return writeLanes(v.op, { f, lib, lanes: nest.lanes, dtype, params: v.params }, args)
  }

  /** Computes the values that are the same in all loops further in. */
  #valuesAt(level: number, mode: Mode): void {
    const inside = level > this.nest.vector
    for (let u = 0; u < (inside ? mode.unroll : 1); u++)
      this.spec.values.forEach((_, i) => {
        if (this.#levels[i] !== level || (u > 0 && !this.#across[i])) return
        this.#registers[i]![u] = this.f.let(this.#value(i, u, mode))
      })
  }

  #register(i: number, u: number): V128 {
    return this.#registers[i]![u] ?? this.#registers[i]![0]!
  }

  /** Everything inside `level` loops. */
  write(level: number, mode: Mode, from: I32, to: I32): void {
    this.#valuesAt(level, mode)
    if (level === this.#kept) this.#sums?.begin(mode)
    const { axes, vector } = this.nest
    if (level === axes.length) this.#body(mode)
    else if (level === vector) this.#vectorLoop(level, from, to)
    else this.#scalarLoop(level, mode, from, to)
    if (level === this.#kept)
      this.#sums?.finish(mode, (r, x, count, u, i) => {
        const k = this.nest.accesses.length - this.spec.reductions.length + r
        this.#from(k, i, () => this.#store(k, u, { ...mode, count }, x))
      })
  }

  /** Does something at element `i` of the vector axis. */
  #from(k: number, i: I32 | undefined, act: () => void): void {
    const before = this.#pointers[k]!
    const stride = this.nest.axes[this.nest.vector]!.strides[k]!
    if (i) this.#pointers[k] = this.f.let(i32.add(before, scaled(i, stride)))
    act()
    this.#pointers[k] = before
  }

  #body(mode: Mode): void {
    const { spec } = this
    const first = this.nest.accesses.length - spec.reductions.length - spec.stores.length
    for (let u = 0; u < mode.unroll; u++) {
      spec.stores.forEach(({ value }, s) => {
        this.#store(first + s, u, mode, this.#register(value, u))
      })
      spec.reductions.forEach(({ value }, r) => {
        this.#sums!.add(r, u, mode, this.#register(value, u))
      })
    }
  }

  /** Variables for the pointers that a loop moves. */
  #moving(level: number): { k: number; pointer: Local<'i32'>; stride: number }[] {
    return this.nest.axes[level]!.strides.flatMap((stride, k) => {
      if (stride === 0) return []
      const pointer = this.f.let(this.#pointers[k]!)
      return [{ k, pointer, stride }]
    })
  }

  #scalarLoop(level: number, mode: Mode, from: I32, to: I32): void {
    const { f } = this
    const before = [...this.#pointers]
    const moving = this.#moving(level)
    for (const { k, pointer, stride } of moving) {
      if (level === 0) f.set(pointer, i32.add(pointer, i32.mul(from, stride)))
      this.#pointers[k] = pointer
    }
    const size = this.nest.axes[level]!.size
    const inner = int(this.nest.axes[level + 1]?.size ?? 0)
    const i = f.local('i32')
    const round = (): void => {
      this.write(level + 1, mode, int(0), inner)
      for (const { pointer, stride } of moving) f.increase(pointer, stride)
    }
    const chunk = this.#sums?.chunkOf(level)
    if (chunk === undefined) f.for(i, from, level === 0 ? to : int(size), 1, round)
    else this.#chunked(i, int(0), size, 1, chunk, mode, round)
    before.forEach((p, k) => {
      this.#pointers[k] = p
    })
  }

  /** A loop over a long sum: every `chunk` rounds the sums are folded into wider ones. */
  #chunked(
    i: Local<'i32'>,
    from: I32,
    end: number,
    step: number,
    chunk: number,
    mode: Mode,
    round: () => void,
  ): void {
    const { f } = this
    const limit = f.local('i32')
    f.set(i, from)
    f.while(i32.ltS(i, end), () => {
      f.set(limit, i32.add(i, chunk * step))
      f.if(i32.gtS(limit, end), () => f.set(limit, int(end)))
      f.loop((again) => {
        round()
        f.increase(i, step)
        again(i32.ltS(i, limit))
      })
      this.#sums!.fold(mode)
    })
  }

  #vectorLoop(level: number, from: I32, to: I32): void {
    const { f, unroll } = this
    const { axes, lanes, overrun } = this.nest
    const { size, strides } = axes[level]!
    const i = f.local('i32')
    const block = lanes * unroll
    const blocks = overrun ? Math.ceil(size / block) * block : size - (size % block)
    const vectors = overrun ? blocks : size - (size % lanes)
    const before = [...this.#pointers]
    const inner = int(axes[level + 1]?.size ?? 0)

    const round = (mode: Mode) => (): void => {
      strides.forEach((stride, k) => {
        if (stride !== 0) this.#pointers[k] = f.let(i32.add(before[k]!, scaled(i, stride)))
      })
      this.#sums?.at(i)
      this.write(level + 1, mode, int(0), inner)
    }
    const cut = level === 0
    const chunk = this.#sums?.chunkOf(level)
    const full: Mode = { count: lanes, unroll }
    if (blocks > 0) {
      if (chunk === undefined) {
        const end = f.local('i32')
        if (cut) {
          f.set(end, to)
          f.if(i32.gtS(end, blocks), () => f.set(end, int(blocks)))
        }
        f.for(i, cut ? from : 0, cut ? end : blocks, block, round(full))
      } else this.#chunked(i, int(0), blocks, block, chunk, full, round(full))
    }
    const rest = (): void => {
      if (vectors > blocks) f.for(i, blocks, vectors, lanes, round({ count: lanes, unroll: 1 }))
      if (size > vectors) f.for(i, vectors, size, 1, round({ count: 1, unroll: 1 }))
    }
    if (size > blocks) {
      if (cut) f.if(i32.geS(to, size), rest)
      else rest()
    }
    before.forEach((p, k) => {
      this.#pointers[k] = p
    })
  }
}

const scaled = (i: I32, by: number): I32 => {
  const log = Math.log2(by)
  return by === 1 ? i : Number.isInteger(log) ? i32.shl(i, log) : i32.mul(i, by)
}

const numberKey = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

/** A text that is equal for nests with the same code. */
const keyOf = (spec: LoopSpec, nest: Nest): string => {
  const values = spec.values.map((v) => {
    if (v.kind === 'uniform') return `${v.dtype}=${numberKey(v.value)}`
    if (v.kind === 'load') return v.dtype
    return `${v.op}${Object.keys(v.params).length > 0 ? JSON.stringify(v.params) : ''}(${v.args.join()})${v.dtype}`
  })
  const axes = nest.axes.map((a) => `${a.size}${a.reduced ? 'r' : 'k'}${a.strides.join()}`)
  const ends = [
    ...spec.stores.map((s) => `${s.value}>${s.view.buffer.dtype}`),
    ...spec.reductions.map((r) => `${r.reducer}${r.value}>${r.view.buffer.dtype}`),
  ]
  return `loop ${values.join(';')}|${axes.join(';')}|${nest.vector}${nest.overrun ? 'o' : ''}${nest.columns ? 'c' : ''}|${ends.join(';')}`
}

/** What is known of a loop nest before it is written. */
export interface LoopFacts {
  /** Bytes of memory that each thread needs while it runs. */
  readonly scratch: number
  /** The end of the outermost axis. */
  readonly extent: number
  /** Where the axis may be cut: at multiples of this; 0 if it may not be cut. */
  readonly grain: number
  /** See `Rows.pitch`. */
  pitch(buffer: Buffer): number | undefined
}

const factsOf = (spec: LoopSpec, nest: Nest): LoopFacts => {
  const [outermost, ...inner] = nest.axes
  const { size, reduced, strides } = outermost!
  const confined = (k: number): boolean => {
    const { view, dtype } = nest.accesses[k]!
    const from = view.offset * BYTES[dtype]
    const end = inner.reduce((n, a) => n + (a.size - 1) * a.strides[k]!, from + BYTES[dtype])
    return from >= 0 && end <= strides[k]! && inner.every((a) => a.strides[k]! >= 0)
  }
  return {
    scratch: columnBytes(spec, nest),
    extent: size,
    grain: reduced ? 0 : nest.vector === 0 ? 16 : 1,
    pitch: (buffer) => {
      const all = nest.accesses.flatMap(({ view }, k) => (view.buffer === buffer ? [k] : []))
      const [first] = all
      const same = all.every((k) => strides[k] === strides[first!] && confined(k))
      return first !== undefined && same ? strides[first] : undefined
    },
  }
}

/** What is known of a loop nest before it is written. */
export const loopFacts = (spec: LoopSpec): LoopFacts => factsOf(spec, nestOf(spec))

/** The function of a loop nest, written into the module if it is not there. */
export const emitLoop = (lib: Library, spec: LoopSpec): LoopFunction => {
  const nest = nestOf(spec)
  const pointers = Object.fromEntries(nest.accesses.map((_, k) => [`p${k}`, 'i32' as const]))
  const ref = lib.get(keyOf(spec, nest), (m) =>
    m.function(
      `loop.${spec.values.flatMap((v) => (v.kind === 'map' ? [v.op] : [])).join('.')}`.slice(0, 60),
      { from: 'i32', to: 'i32', scratch: 'i32', ...pointers },
      [],
      (f, params) => {
        f.hoistConstants()
        const { from, to, scratch } = params
        const writer = new NestWriter(
          f,
          lib,
          spec,
          nest,
          nest.accesses.map((_, k) => (params as Record<string, I32>)[`p${k}`]!),
          scratch!,
        )
        writer.write(0, { count: nest.lanes, unroll: 1 }, from, to)
      },
    ),
  )
  return {
    ref,
    addresses: (f, addressOf) =>
      nest.accesses.map(({ view, dtype }) => i32.add(addressOf(f, view.buffer), view.offset * BYTES[dtype])),
  }
}

export const isEmpty = (spec: LoopSpec): boolean => sizeOf(spec.shape) === 0
