import { type FunctionBuilder, f64x2, type I32, type Local, type V128 } from '../wasm/index.js'
import type { Nest } from './nest.js'
import { acrossLanes, demoted, promoted } from './reduce.js'
import type { LoopSpec } from './spec.js'
import { type Mode, Rules, type Store, type Sums } from './sums.js'

interface Slot {
  /** One sum for each vector of a round. */
  readonly partial: Local<'v128'>[]
  /** For single elements behind the last vector: only lane 0 counts. */
  readonly tail: Local<'v128'>
  /** Wider sums, two for each partial where lanes stay apart, else one. */
  readonly wide: Local<'v128'>[]
}

/** Sums in registers: over a reduced innermost axis, or for a few columns at a time. */
export class Accumulators implements Sums {
  readonly #slots: Slot[]
  readonly #rules: Rules
  /** Are the lanes of a vector summed too? */
  readonly #inner: boolean

  constructor(
    readonly f: FunctionBuilder,
    spec: LoopSpec,
    nest: Nest,
    unroll: number,
    kept: number,
  ) {
    this.#rules = new Rules(spec, nest, unroll, kept)
    this.#inner = nest.axes[nest.vector]!.reduced
    this.#slots = spec.reductions.map((_, r) => ({
      partial: Array.from({ length: unroll }, () => f.local('v128')),
      tail: f.local('v128'),
      wide: this.#rules.isWide(r) ? Array.from({ length: 2 * unroll }, () => f.local('v128')) : [],
    }))
  }

  chunkOf(level: number): number | undefined {
    return this.#rules.chunkOf(level)
  }

  #isWide(r: number): boolean {
    return this.#rules.isWide(r)
  }

  #combine(r: number) {
    return this.#rules.combine(r)
  }

  #identity(r: number): V128 {
    return this.#rules.identity(r)
  }

  begin({ unroll }: Mode): void {
    this.#slots.forEach(({ partial, tail, wide }, r) => {
      const used = this.#inner ? partial : partial.slice(0, unroll)
      for (const p of used) this.f.set(p, this.#identity(r))
      if (this.#inner) this.f.set(tail, this.#identity(r))
      if (this.#isWide(r)) for (const w of wide.slice(0, 2 * used.length)) this.f.set(w, f64x2.const(-0))
    })
  }

  at(_: I32): void {}

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
  finish(mode: Mode, store: Store): void {
    this.#slots.forEach((slot, r) => {
      if (this.#inner) store(r, this.#total(r, slot), 1, 0)
      else for (let u = 0; u < mode.unroll; u++) store(r, this.#column(r, slot, u), mode.count, u)
    })
  }

  #column(r: number, { partial, wide }: Slot, u: number): V128 {
    if (!this.#isWide(r)) return partial[u]!
    const [low, high] = promoted(this.f, partial[u]!)
    return demoted(f64x2.add(wide[2 * u]!, low), f64x2.add(wide[2 * u + 1]!, high))
  }

  #total(r: number, { partial, tail, wide }: Slot): V128 {
    const { f } = this
    const { dtype, lanes } = this.#rules.of(r)
    if (this.#isWide(r)) {
      const terms: V128[] = [...wide, ...partial.flatMap((p) => promoted(f, p))]
      const all = acrossLanes(f, f64x2.add, 'float64', 2, tree(terms, f64x2.add))
      const last = f64x2.promoteLowF32x4(tail)
      const sum = f.let(f64x2.add(all, last))
      return demoted(sum, sum)
    }
    const combine = this.#combine(r)
    const all = acrossLanes(f, combine, dtype, lanes, tree(partial, combine))
    return combine(all, tail)
  }
}

/** Combines in pairs. */
const tree = (xs: readonly V128[], combine: (a: V128, b: V128) => V128): V128 =>
  xs.length === 1
    ? xs[0]!
    : combine(tree(xs.slice(0, xs.length >> 1), combine), tree(xs.slice(xs.length >> 1), combine))
