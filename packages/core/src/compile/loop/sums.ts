import type { DType } from '../../types/index.js'
import type { I32, V128 } from '../wasm/index.js'
import type { Nest } from './nest.js'
import { type Combine, combiner, identityOf } from './reduce.js'
import type { LoopSpec } from './spec.js'

// Long sums go in two steps: at most CHUNK additions in one register, then into a wider (float64) sum. So the error of
// a float32 sum of n terms is about CHUNK·eps of the sum of their sizes, whatever n is.
const CHUNK = 64

/** How many elements an innermost round works on. */
export interface Mode {
  /** Elements of a vector: all lanes or one. */
  readonly count: number
  /** Vectors. */
  readonly unroll: number
}

/** Takes result `r`: `count` elements, the vector `u` of a round; of column `i` on where columns are walked. */
export type Store = (r: number, x: V128, count: number, u: number, i?: I32) => void

/** Where the reductions of a nest are combined. */
export interface Sums {
  /** The rounds after which a loop folds; undefined for loops that do not. */
  chunkOf(level: number): number | undefined
  begin(mode: Mode): void
  /** The vector axis has come to element `i`. */
  at(i: I32): void
  add(r: number, u: number, mode: Mode, x: V128): void
  /** Moves partial sums into the wider ones. */
  fold(mode: Mode): void
  /** Hands the results over: vectors of `count` elements, or one element in lane 0. */
  finish(mode: Mode, store: Store): void
}

/** How the reductions of a nest are combined. */
export class Rules {
  /** The loop that is cut into chunks, and the rounds of a chunk. */
  readonly #fold: { level: number; chunk: number } | undefined

  constructor(
    readonly spec: LoopSpec,
    readonly nest: Nest,
    unroll: number,
    kept: number,
  ) {
    this.#fold = this.#chunks(kept, unroll)
  }

  // The innermost loop at which more than a chunk of terms has come together is cut.
  #chunks(kept: number, unroll: number): { level: number; chunk: number } | undefined {
    const { axes, vector, lanes } = this.nest
    let inside = 1
    for (let level = axes.length - 1; level >= kept; level--) {
      const { size, reduced } = axes[level]!
      if (!reduced) continue
      const rounds = level === vector ? Math.ceil(size / (lanes * unroll)) : size
      if (inside * rounds > CHUNK) return { level, chunk: Math.max(1, Math.floor(CHUNK / inside)) }
      inside *= rounds
    }
    return undefined
  }

  chunkOf(level: number): number | undefined {
    return this.#fold?.level === level ? this.#fold.chunk : undefined
  }

  of(r: number): { readonly dtype: DType; readonly lanes: 2 | 4 } {
    return { dtype: this.spec.reductions[r]!.view.buffer.dtype, lanes: this.nest.lanes }
  }

  /** Are there wider sums? */
  isWide(r: number): boolean {
    const { dtype, lanes } = this.of(r)
    return (
      this.#fold !== undefined &&
      lanes === 4 &&
      this.spec.reductions[r]!.reducer === 'sum' &&
      dtype === 'float32'
    )
  }

  combine(r: number): Combine {
    return combiner(this.spec.reductions[r]!.reducer, this.of(r).dtype)
  }

  identity(r: number): V128 {
    return identityOf(this.spec.reductions[r]!.reducer, this.of(r).dtype, this.nest.lanes)
  }
}
