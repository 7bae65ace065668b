import { CotangentError } from '@cotangent/core'
import { inner, innerSize } from '../oracles/direction.js'
import { rngOf } from '../random.js'
import { showNumber } from '../report/render.js'
import { flattenFloats } from '../subject/leaves.js'
import { EPS, EPS32 } from '../subject/subject.js'
import type { Verdictual } from './verdict.js'

type Fun = (x: never) => unknown

/** A linear map and what is said to be its adjoint. */
export type AdjointPair = readonly [Fun, Fun] | { readonly forward: Fun; readonly adjoint: Fun }

export interface AdjointOptions {
  /** An argument of the map, whose structure is what counts. */
  readonly at: unknown
  readonly seed?: number
  /** Default 5. */
  readonly directions?: number
}

const mapsOf = (pair: AdjointPair): readonly [Fun, Fun] =>
  'forward' in pair ? [pair.forward, pair.adjoint] : pair

/**
 * ⟨v, Au⟩ = ⟨Aᵀv, u⟩ for random u and v, and both maps are linear: that a zero goes to zero and 2u - 3w to 2Au - 3Aw is asked
 * too, since an affine map has no adjoint.
 */
export const satisfiesAdjointIdentity = (
  pair: AdjointPair,
  { at, seed = 1, directions = 5 }: AdjointOptions,
): Verdictual => {
  const [forward, adjoint] = mapsOf(pair) as readonly [(x: unknown) => unknown, (x: unknown) => unknown]
  if (typeof forward !== 'function' || typeof adjoint !== 'function')
    throw new CotangentError(
      'Value',
      'toSatisfyAdjointIdentity: give two functions, [map, adjoint] or { forward, adjoint }.',
      { op: 'toSatisfyAdjointIdentity' },
    )
  const from = flattenFloats(at)
  const to = flattenFloats(forward(at))
  const eps = from.single || to.single ? EPS32 : EPS
  const rng = rngOf(seed)
  const push = (u: Float64Array): Float64Array => flattenFloats(forward(from.rebuild(u))).data
  const pull = (v: Float64Array): Float64Array => flattenFloats(adjoint(to.rebuild(v))).data
  const fails = (text: string): Verdictual => ({ pass: false, message: () => `${text}, seed ${seed}` })
  for (let k = 0; k < directions; k++) {
    // Rounded to the dtype of the leaves first: what the maps see is what is multiplied with.
    const [u, w, v] = [from, from, to].map(
      (t) => flattenFloats(t.rebuild(rng.normals(t.data.length))).data,
    ) as [Float64Array, Float64Array, Float64Array]
    const au = push(u)
    let atv: Float64Array
    try {
      atv = pull(v)
    } catch (cause) {
      return fails(
        `the adjoint threw at a cotangent: ${cause instanceof Error ? cause.message : String(cause)}`,
      )
    }
    if (atv.length !== u.length)
      return fails(`the adjoint gives ${atv.length} numbers, the argument of the map has ${u.length}`)
    const mixed = push(u.map((x, i) => 2 * x - 3 * w[i]!))
    const aw = push(w)
    const scale = au.reduce((m, x, i) => Math.max(m, Math.abs(x), Math.abs(aw[i]!)), 1e-300)
    const bent = mixed.findIndex((x, i) => !(Math.abs(x - (2 * au[i]! - 3 * aw[i]!)) <= 1e4 * eps * scale))
    if (bent >= 0) return fails(`the map is not linear: entry ${bent} of A(2u - 3w) is not that of 2Au - 3Aw`)
    const [left, right] = [inner(v, au), inner(atv, u)]
    const size = innerSize(v, au) + innerSize(atv, u)
    if (!(Math.abs(left - right) <= 1e4 * eps * size))
      return fails(
        `⟨v, Au⟩ = ${showNumber(left, 12)}, but ⟨Aᵀv, u⟩ = ${showNumber(right, 12)}${entryOf(push, atv, v, u)}`,
      )
  }
  return { pass: true, message: () => 'it satisfies the adjoint identity, and should not' }
}

/** The entry of the adjoint that is wrong, found by unit vectors. */
const entryOf = (
  push: (u: Float64Array) => Float64Array,
  atv: Float64Array,
  v: Float64Array,
  u: Float64Array,
): string => {
  const off = u.map((_, i) => {
    const unit = new Float64Array(u.length)
    unit[i] = 1
    return atv[i]! - inner(push(unit), v)
  })
  const worst = off.reduce((best, x, i) => (Math.abs(x) > Math.abs(off[best]!) ? i : best), 0)
  return `; entry ${worst} of Aᵀv is ${showNumber(atv[worst]!, 12)}, should be ${showNumber(atv[worst]! - off[worst]!, 12)}`
}
