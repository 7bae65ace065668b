import { type FunctionBuilder, f64x2, type I32, i32, int, type V128, v128 } from '../wasm/index.js'
import type { Nest } from './nest.js'
import { demoted, promoted } from './reduce.js'
import type { LoopSpec } from './spec.js'
import { type Mode, Rules, type Store, type Sums } from './sums.js'

const VECTOR = 16 // bytes

/** Places for the sums of a block of columns: one for each vector, and one for each column behind the last vector. */
const placesOf = ({ axes, vector, lanes }: Nest): { readonly vectors: number; readonly places: number } => {
  const { size } = axes[vector]!
  const vectors = Math.floor(size / lanes)
  return { vectors, places: vectors + (size % lanes) }
}

/** Bytes of memory that the sums of a nest take; 0 where they are in registers. */
export const columnBytes = (spec: LoopSpec, nest: Nest): number =>
  // A partial sum of one vector, and wider ones of two.
  nest.columns ? spec.reductions.length * placesOf(nest).places * 3 * VECTOR : 0

/** Sums of a block of columns, in memory: rows are walked in the order in which they lie there. */
export class ColumnSums implements Sums {
  readonly #rules: Rules
  readonly #vectors: number
  readonly #places: number
  #i: I32 = int(0)

  constructor(
    readonly f: FunctionBuilder,
    readonly spec: LoopSpec,
    readonly nest: Nest,
    kept: number,
    /** Memory of `columnBytes`. */
    readonly memory: I32,
  ) {
    this.#rules = new Rules(spec, nest, 1, kept)
    const { vectors, places } = placesOf(nest)
    this.#vectors = vectors
    this.#places = places
  }

  chunkOf(level: number): number | undefined {
    return this.#rules.chunkOf(level)
  }

  at(i: I32): void {
    this.#i = i
  }

  #partial(r: number): number {
    return r * this.#places * 3 * VECTOR
  }

  #wide(r: number): number {
    return this.#partial(r) + this.#places * VECTOR
  }

  /** For each place, one after another: its distance from the first, in bytes. */
  #each(body: (at: I32) => void): void {
    const at = this.f.local('i32')
    this.f.for(at, 0, this.#places * VECTOR, VECTOR, () => body(at))
  }

  begin(): void {
    const { f, memory } = this
    this.#each((at) =>
      this.spec.reductions.forEach((_, r) => {
        f.storeVector(i32.add(memory, at), this.#rules.identity(r), this.#partial(r))
        if (!this.#rules.isWide(r)) return
        const wide = f.let(i32.add(memory, i32.shl(at, 1)))
        for (const half of [0, VECTOR]) f.storeVector(wide, f64x2.const(-0), this.#wide(r) + half)
      }),
    )
  }

  add(r: number, u: number, { count }: Mode, x: V128): void {
    const { lanes } = this.nest
    const { f } = this
    const size = VECTOR / lanes
    // Behind the vectors a column has a place of its own.
    const at =
      count === 1
        ? i32.mul(i32.add(this.#i, this.#vectors - this.#vectors * lanes), VECTOR)
        : i32.mul(this.#i, size)
    const place = f.let(i32.add(this.memory, at))
    const offset = this.#partial(r) + u * VECTOR
    f.storeVector(place, this.#rules.combine(r)(v128.load(place, offset), x), offset)
  }

  fold(): void {
    const { f, memory } = this
    this.#each((at) =>
      this.spec.reductions.forEach((_, r) => {
        if (!this.#rules.isWide(r)) return
        const place = f.let(i32.add(memory, at))
        const wide = f.let(i32.add(place, at))
        promoted(f, v128.load(place, this.#partial(r))).forEach((x, half) => {
          const offset = this.#wide(r) + half * VECTOR
          f.storeVector(wide, f64x2.add(v128.load(wide, offset), x), offset)
        })
        f.storeVector(place, this.#rules.identity(r), this.#partial(r))
      }),
    )
  }

  finish(_: Mode, store: Store): void {
    const { f, memory } = this
    const { lanes, axes, vector } = this.nest
    const i = f.local('i32')
    const at = f.local('i32')
    const each = (from: number, to: number, count: number): void => {
      if (from === to) return
      f.for(i, from, to, count, () => {
        this.spec.reductions.forEach((_, r) => {
          store(r, f.let(this.#total(r, at)), count, 0, i)
        })
        f.increase(at, VECTOR)
      })
    }
    f.set(at, memory)
    each(0, this.#vectors * lanes, lanes)
    each(this.#vectors * lanes, axes[vector]!.size, 1)
  }

  /** A place's sum. */
  #total(r: number, place: I32): V128 {
    const partial = v128.load(place, this.#partial(r))
    if (!this.#rules.isWide(r)) return partial
    const wide = this.f.let(i32.sub(i32.shl(place, 1), this.memory))
    const [low, high] = promoted(this.f, partial)
    return demoted(
      f64x2.add(v128.load(wide, this.#wide(r)), low),
      f64x2.add(v128.load(wide, this.#wide(r) + VECTOR), high),
    )
  }
}
