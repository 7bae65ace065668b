/** Reproducible random choices: mulberry32. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
    for (let i = 0; i < 4; i++) this.next() // neighbouring seeds part
  }

  /** From 0 to 1, without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  /** A whole number from lo to hi, both included. */
  int(lo: number, hi: number): number {
    return lo + Math.floor(this.next() * (hi - lo + 1))
  }

  chance(p: number): boolean {
    return this.next() < p
  }

  pick<T>(xs: readonly T[]): T {
    return xs[this.int(0, xs.length - 1)]!
  }

  /** One of the values, each as often as its weight says. */
  weighted<T>(rows: readonly (readonly [number, T])[]): T {
    let at = this.next() * rows.reduce((s, [w]) => s + w, 0)
    for (const [w, x] of rows) {
      at -= w
      if (at < 0) return x
    }
    return rows[rows.length - 1]![1]
  }

  subset<T>(xs: readonly T[], p = 0.5): T[] {
    return xs.filter(() => this.chance(p))
  }

  shuffle<T>(xs: readonly T[]): T[] {
    const out = [...xs]
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.int(0, i)
      const [a, b] = [out[i]!, out[j]!]
      out[i] = b
      out[j] = a
    }
    return out
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next())
  }
}
