import type { Rng } from '../random.js'
import type { FlatTree } from '../subject/leaves.js'

/**
 * A function and what is said to be its proximal operator, on numbers, arrays, tensors or trees of them:
 * prox(x, t) = argmin t·R(z) + ½‖z - x‖² over z.
 */
export interface Prox<X = unknown> {
  /** R; infinite outside of a set. */
  readonly value: (x: X) => unknown
  readonly prox: (x: X, step: number) => X
  readonly convex?: boolean
  /** The prox of the conjugate R*, written down apart. */
  readonly conjugate?: (y: X, step: number) => X
}

/** What the laws see: functions of vectors, and where to look. */
export interface Known {
  readonly value: (x: Float64Array) => number
  readonly prox: (x: Float64Array, step: number) => Float64Array
  readonly conjugate?: (y: Float64Array, step: number) => Float64Array
  readonly convex: boolean
  /** Whether the value is 0 or infinite at every point tried: the prox is a projection then. */
  readonly indicator: boolean
  readonly points: readonly Float64Array[]
  readonly steps: readonly number[]
  /** How many other points each answer is compared with. */
  readonly rivals: number
  readonly rng: Rng
  readonly at: FlatTree
  readonly given: Prox
}

/** What is wrong, at a point and a step. */
export interface Broken {
  readonly text: string
  readonly x: Float64Array
  readonly step: number
}

/** A law of proximal operators: how many cases hold, why it says nothing, or the first case that is broken. */
export type ProxLaw = (k: Known) => number | string | Broken

/** The first case where something is wrong, or their number. */
export const everywhere = (
  k: Known,
  look: (x: Float64Array, step: number, p: Float64Array) => string | null,
  points = k.points,
): number | Broken => {
  for (const x of points)
    for (const step of k.steps) {
      const text = look(x, step, k.prox(x, step))
      if (text !== null) return { text, x, step }
    }
  return points.length * k.steps.length
}

export const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((v, i) => v - b[i]!)
export const squared = (a: Float64Array): number => a.reduce((s, v) => s + v * v, 0)

/** t·R(z) + ½‖z - x‖². */
export const objective = (k: Known, x: Float64Array, step: number, z: Float64Array): number =>
  step * k.value(z) + squared(minus(z, x)) / 2

/** Points near some, at all distances, and along single entries. */
export const around = (rng: Rng, centre: Float64Array, count: number): Float64Array[] =>
  Array.from({ length: count }, (_, i) => {
    const reach = 2 ** (3 - 20 * rng.uniform())
    const only = i % 2 === 1 ? Math.floor(rng.uniform() * centre.length) : -1
    return centre.map((v, j) => (only >= 0 && j !== only ? v : v + reach * rng.normal()))
  })
