import { rngOf } from '../random.js'
import { flattenFloats } from '../subject/leaves.js'
import { around, type Known, type Prox } from './claim.js'

interface Looks {
  readonly steps?: readonly number[]
  readonly points?: number
  readonly rivals?: number
}

/** The functions as functions of vectors, with points and steps to look at. */
export const knownOf = (
  given: Prox,
  at: unknown,
  seed: number,
  { steps = [0.1, 1, 10], points = 6, rivals = 200 }: Looks,
): Known => {
  const flat = flattenFloats(at)
  const numberOf = (y: unknown): number => flattenFloats(y).data[0] ?? Number.NaN
  const value = (x: Float64Array): number => numberOf(given.value(flat.rebuild(x)))
  const vector = (f: (x: unknown, step: number) => unknown) => (x: Float64Array, step: number) =>
    flattenFloats(f(flat.rebuild(x), step)).data
  const rng = rngOf(seed)
  const x = flat.data
  const all = points === 0 ? [x] : [x, x.map(() => 0), x.map((v) => 100 * v), ...around(rng, x, points)]
  const values = [...all, ...all.map((z) => vector(given.prox)(z, 1))].map(value)
  return {
    value,
    prox: vector(given.prox),
    ...(given.conjugate && { conjugate: vector(given.conjugate) }),
    convex: given.convex ?? false,
    indicator: values.every((v) => v === 0 || v === Number.POSITIVE_INFINITY),
    points: all,
    steps,
    rivals,
    rng,
    at: flat,
    given,
  }
}
