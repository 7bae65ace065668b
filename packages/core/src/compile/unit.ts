import { dataOf, type Tensor } from '../tensor.js'
import type { DType } from '../types/index.js'
import { type Buffer, bytesOf } from './buffer.js'
import { type Library, worthSharing } from './library.js'
import type { Step } from './step.js'
import type { HostCall } from './steps/host.js'
import type { Regions } from './threads/region.js'
import { type I32, i32 } from './wasm/index.js'

/** Says what was wrong, from a value that the program left behind. */
export type Fault = (value: number) => Error

/** Data that a program needs at a fixed address. */
interface Datum {
  readonly value: Tensor
  readonly buffer: Buffer
  /** From the beginning of the constants. */
  readonly offset: number
}

const CELL = 4

/** Where a cell of a frame lies. */
export const cellAddress = (frame: number, cell: number): number => frame + CELL * cell

/** The word of a frame that holds the address of the arena while the program runs. */
export const arenaAddress = (frame: number): number => cellAddress(frame, 1)

/**
 * What the procedures of one program share: cells that hold addresses, constants, and what the host is asked for. The
 * frame of a program is one block of memory: a word for the value of a fault, one for the address of the arena, the cells,
 * then the constants.
 */
export class Unit {
  #cells = 2
  #constantBytes = 0
  #buffers = 0
  readonly #data: Datum[] = []
  readonly #known = new Map<Tensor, Buffer>()
  readonly faults: Fault[] = []
  readonly hostCalls: HostCall[] = []
  /** Where the frame lies; set once its size is known. */
  frame = 0
  /** Nanoseconds of work in steps that threads can share. */
  sharedWork = 0
  /** How steps are shared, if the program has several threads. */
  regions: Regions | undefined

  constructor(
    /** The functions of the module. */
    readonly lib: Library,
  ) {}

  buffer(dtype: DType, size: number, padded = true): Buffer {
    return { id: this.#buffers++, dtype, size, padded, place: { kind: 'arena', offset: -1 } }
  }

  /** A buffer whose address is known when the program runs. */
  cellBuffer(dtype: DType, size: number, padded = true): Buffer {
    return { ...this.buffer(dtype, size, padded), place: { kind: 'cell', cell: this.cell() } }
  }

  /** A word of the frame. */
  cell(): number {
    return this.#cells++
  }

  cellAddress(cell: number): number {
    return cellAddress(this.frame, cell)
  }

  /** Where a fault leaves its value. */
  get faultAddress(): number {
    return this.frame
  }

  /** Holds the address of the arena while the program runs. */
  get arenaAddress(): number {
    return arenaAddress(this.frame)
  }

  /** Where the arena begins. */
  get arena(): I32 {
    return i32.load(i32.const(this.arenaAddress))
  }

  /** Is a step worth the work of several threads? To be asked when all steps are known. */
  isShared(step: Pick<Step, 'work'>): boolean {
    return this.regions !== undefined && step.work >= worthSharing(this.lib.target)
  }

  /** Notes how much work there is to share. */
  note(steps: readonly Step[]): void {
    for (const { work, divisible } of steps)
      if (divisible && work >= worthSharing(this.lib.target)) this.sharedWork += work
  }

  constant(value: Tensor): Buffer {
    const known = this.#known.get(value)
    if (known) return known
    const buffer = this.buffer(value.dtype, value.size)
    this.#known.set(value, buffer)
    this.#data.push({ value, buffer, offset: this.#constantBytes })
    this.#constantBytes += bytesOf(buffer)
    return buffer
  }

  get frameBytes(): number {
    return this.#constantsAt + this.#constantBytes
  }

  get #constantsAt(): number {
    return Math.ceil((CELL * this.#cells) / 64) * 64
  }

  /** Gives the frame its place and the constants theirs. */
  settle(frame: number): void {
    this.frame = frame
    for (const { buffer, offset } of this.#data)
      buffer.place = { kind: 'fixed', address: frame + this.#constantsAt + offset }
  }

  /** Writes the constants to memory. */
  writeConstants(memory: ArrayBufferLike): void {
    for (const { value, buffer } of this.#data) {
      const { address } = buffer.place as { address: number }
      const data = dataOf(value)
      new Uint8Array(memory, address, data.byteLength).set(
        new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      )
    }
  }

  fault(fault: Fault): number {
    return this.faults.push(fault)
  }
}
