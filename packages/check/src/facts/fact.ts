import type { Rng } from '../random.js'

/** A scalar function with its gradient, and where to look. */
export interface Known {
  readonly value: (x: Float64Array) => number
  readonly gradient: (x: Float64Array) => Float64Array
  /** The point that was given. */
  readonly x: Float64Array
  /** Unit round-off. */
  readonly eps: number
  readonly rng: Rng
  /** Points to compare with. */
  readonly points: number
}

/** A point where a fact does not hold. */
export interface Broken {
  /** What was found, and what the fact says, in a line. */
  readonly text: string
  readonly at: Float64Array
}

/** A law about gradients that follows from a declared fact, without differences; null where it holds. */
export type FactLaw<F> = (k: Known, fact: F) => Broken | null

/** Points at all distances from x: very near, far away, and along single entries. */
export const around = ({ x, rng }: Known, i: number): Float64Array => {
  const reach = 2 ** (3 - 12 * rng.uniform())
  const only = i % 3 === 2 ? Math.floor(rng.uniform() * x.length) : -1
  return x.map((v, j) => (only >= 0 && j !== only ? v : v + reach * rng.normal()))
}

/** The first of many points where something is broken. */
export const search = (k: Known, look: (y: Float64Array) => string | null): Broken | null => {
  for (let i = 0; i < k.points; i++) {
    const at = i === 0 ? k.x : around(k, i)
    const text = look(at)
    if (text !== null) return { text, at }
  }
  return null
}

/** Rounding to allow between numbers of this size. */
export const slack = ({ eps }: Known, ...sizes: readonly number[]): number =>
  4096 * eps * sizes.reduce((m, s) => Math.max(m, Math.abs(s)), 1e-290)
