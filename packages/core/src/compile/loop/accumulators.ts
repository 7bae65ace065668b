import { type FunctionBuilder, f64x2, type Local, type V128 } from '../wasm/index.js'
import type { Nest } from './nest.js'
import { acrossLanes, combiner, demoted, identityOf, promoted } from './reduce.js'
import type { LoopSpec } from './spec.js'

// Long sums go in two steps: at most CHUNK additions in one register, then into a wider (float64) sum. So the error of
// a float32 sum of n terms is about CHUNK·eps of the sum of their sizes, whatever n is.
const CHUNK = 64

interface Mode {
  readonly count: number
  readonly unroll: number
}

interface Slot {
  /** One sum for each vector of a round. */
  readonly partial: Local<'v128'>[]
  /** For single elements behind the last vector: only lane 0 counts. */
  readonly tail: Local<'v128'>
  /** Wider sums, two for each partial where lanes stay apart, else one. */
  readonly wide: Local<'v128'>[]
}

/** The registers in which the reductions of a nest are combined. */
export class Accumulators {
  readonly #slots: Slot[]
  /** The loop that is cut into chunks, and the rounds of a chunk. */
  readonly #fold: { level: number; chunk: number } | undefined
  /** Are the lanes of a vector summed too? */
  readonly #inner: boolean

  constructor(
    readonly f: FunctionBuilder,
    readonly spec: LoopSpec,
    readonly nest: Nest,
    unroll: number,
    kept: number,
  ) {
    this.#inner = nest.axes[nest.vector]!.reduced
    this.#slots = spec.reductions.map(({ view }) => ({
      partial: Array.from({ length: unroll }, () => f.local('v128')),
      tail: f.local('v128'),
      wide: view.buffer.dtype === 'float32' ? Array.from({ length: 2 * unroll }, () => f.local('v128')) : [],
    }))
    this.#fold = this.#chunks(kept, unroll)
  }

  // The innermost loop at which more than a chunk of terms has come together is cut.
  #chunks(kept: number, unroll: number): { level: number; chunk: number } | undefined {
    const { axes, vector, lanes } = this.nest
    let inside = 1
    for (let level = axes.length - 1; level >= kept; level--) {
      const rounds = level === vector ? Math.ceil(axes[level]!.size / (lanes * unroll)) : axes[level]!.size
      if (inside * rounds > CHUNK) return { level, chunk: Math.max(1, Math.floor(CHUNK / inside)) }
      inside *= rounds
    }
    return undefined
  }

  /** The rounds after which a loop folds; undefined for loops that do not. */
  chunkOf(level: number): number | undefined {
    return this.#fold?.level === level ? this.#fold.chunk : undefined
  }

  #isWide(r: number): boolean {
    const { reducer, view } = this.spec.reductions[r]!
    return (
      this.#fold !== undefined &&
      this.nest.lanes === 4 &&
      reducer === 'sum' &&
      view.buffer.dtype === 'float32'
    )
  }

  #dtype(r: number) {
    return this.spec.reductions[r]!.view.buffer.dtype
  }

  #combine(r: number) {
    return combiner(this.spec.reductions[r]!.reducer, this.#dtype(r))
  }

  #identity(r: number): V128 {
    return identityOf(this.spec.reductions[r]!.reducer, this.#dtype(r), this.nest.lanes)
  }

  begin({ unroll }: Mode): void {
    this.#slots.forEach(({ partial, tail, wide }, r) => {
      const used = this.#inner ? partial : partial.slice(0, unroll)
      for (const p of used) this.f.set(p, this.#identity(r))
      if (this.#inner) this.f.set(tail, this.#identity(r))
      if (this.#isWide(r)) for (const w of wide.slice(0, 2 * used.length)) this.f.set(w, f64x2.const(-0))
    })
  }

  add(r: number, u: number, { count }: Mode, x: V128): void {
    const { partial, tail } = this.#slots[r]!
    const to = this.#inner && count === 1 ? tail : partial[u]!
    this.f.set(to, this.#combine(r)(to, x))
  }

  /** Moves partial sums into the wider ones. */
  fold({ unroll }: Mode): void {
    const { f } = this
    this.#slots.forEach(({ partial, wide }, r) => {
      if (!this.#isWide(r)) return
      for (let u = 0; u < (this.#inner ? partial.length : unroll); u++) {
        const [low, high] = promoted(f, partial[u]!)
        f.set(wide[2 * u]!, f64x2.add(wide[2 * u]!, low))
        f.set(wide[2 * u + 1]!, f64x2.add(wide[2 * u + 1]!, high))
        f.set(partial[u]!, this.#identity(r))
      }
    })
  }

  /** Hands the results over: vectors of `count` elements, or one element in lane 0. */
  finish(mode: Mode, store: (r: number, u: number, x: V128, count: number) => void): void {
    this.#slots.forEach((slot, r) => {
      if (this.#inner) store(r, 0, this.#total(r, slot), 1)
      else for (let u = 0; u < mode.unroll; u++) store(r, u, this.#column(r, slot, u), mode.count)
    })
  }

  #column(r: number, { partial, wide }: Slot, u: number): V128 {
    if (!this.#isWide(r)) return partial[u]!
    const [low, high] = promoted(this.f, partial[u]!)
    return demoted(f64x2.add(wide[2 * u]!, low), f64x2.add(wide[2 * u + 1]!, high))
  }

  #total(r: number, { partial, tail, wide }: Slot): V128 {
    const { f, nest } = this
    const dtype = this.#dtype(r)
    if (this.#isWide(r)) {
      const terms: V128[] = [...wide, ...partial.flatMap((p) => promoted(f, p))]
      const all = acrossLanes(f, f64x2.add, 'float64', 2, tree(terms, f64x2.add))
      const last = f64x2.promoteLowF32x4(tail)
      const sum = f.let(f64x2.add(all, last))
      return demoted(sum, sum)
    }
    const combine = this.#combine(r)
    const all = acrossLanes(f, combine, dtype, nest.lanes, tree(partial, combine))
    return combine(all, tail)
  }
}

/** Combines in pairs. */
const tree = (xs: readonly V128[], combine: (a: V128, b: V128) => V128): V128 =>
  xs.length === 1
    ? xs[0]!
    : combine(tree(xs.slice(0, xs.length >> 1), combine), tree(xs.slice(xs.length >> 1), combine))
