import { inner } from '../oracles/direction.js'
import type { Prox } from '../prox/claim.js'
import { dominance } from '../prox/dominance.js'
import { knownOf } from '../prox/known.js'
import { rngOf } from '../random.js'
import { showNumber, showValue } from '../report/render.js'
import { type FlatTree, flattenFloats } from '../subject/leaves.js'
import type { Verdictual } from './verdict.js'

export interface ConvexOptions {
  readonly seed?: number
  /** Points compared with; default 200. */
  readonly points?: number
}

type Fun = (x: never) => unknown

const valueOf = (f: Fun, at: FlatTree, x: Float64Array): number =>
  flattenFloats((f as (x: unknown) => unknown)(at.rebuild(x))).data[0]!

/** Points at all distances, from very near to far, and along single entries. */
const others = (x: Float64Array, seed: number, count: number): Float64Array[] => {
  const rng = rngOf(seed)
  return Array.from({ length: count }, (_, k) => {
    const reach = 2 ** (3 - 20 * rng.uniform())
    const only = k % 2 === 1 ? Math.floor(rng.uniform() * x.length) : -1
    return x.map((v, i) => (only >= 0 && i !== only ? v : v + reach * rng.normal()))
  })
}

/** f(y) ≥ f(x) + ⟨g, y - x⟩ at many y: g is a subgradient of a convex function. */
export const subgradientOf = (
  g: unknown,
  f: Fun,
  x: unknown,
  { seed = 1, points = 200 }: ConvexOptions = {},
): Verdictual => {
  const [at, slope] = [flattenFloats(x), flattenFloats(g).data]
  if (slope.length !== at.data.length)
    return { pass: false, message: () => `${slope.length} numbers are no subgradient at ${at.data.length}` }
  const fx = valueOf(f, at, at.data)
  for (const y of others(at.data, seed, points)) {
    const [fy, step] = [valueOf(f, at, y), y.map((v, i) => v - at.data[i]!)]
    const line = fx + inner(slope, step)
    const slack = 1e-12 * (Math.abs(fx) + Math.abs(fy) + Math.abs(inner(slope, step)))
    if (fy < line - slack)
      return {
        pass: false,
        message: () =>
          `${showValue(g)} is no subgradient at ${showValue(x)}: at ${showValue(at.rebuild(y))} the function is ` +
          `${showNumber(fy)}, below ${showNumber(line)} of the supporting plane`,
      }
  }
  return {
    pass: true,
    message: () => `${showValue(g)} is a subgradient at ${showValue(x)}, and should not be`,
  }
}

export interface ProxOptions extends ConvexOptions {
  /** Where: x of prox(x, step). */
  readonly at: unknown
  /** λ of λ·f; default 1. */
  readonly step?: number
  /** Another name of `step`. */
  readonly lambda?: number
}

/** p = prox(x, λ) minimises f(z) + |z - x|²/2λ: no z among many does better. */
export const proxOf = (
  prox: (x: never, step: number) => unknown,
  f: Fun,
  { at, lambda, step = lambda ?? 1, seed = 1, points = 400 }: ProxOptions,
): Verdictual => {
  const claim = { value: f, prox } as unknown as Prox
  const broken = dominance(knownOf(claim, at, seed, { steps: [step], points: 0, rivals: points }))
  return typeof broken === 'object'
    ? { pass: false, message: () => `it is not the prox at ${showValue(at)}: ${broken.text}` }
    : { pass: true, message: () => `it is the prox at ${showValue(at)}, and should not be` }
}
