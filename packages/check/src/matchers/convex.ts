import { inner } from '../oracles/direction.js'
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
  const x = flattenFloats(at)
  const p = flattenFloats((prox as (x: unknown, step: number) => unknown)(at, step))
  if (p.data.length !== x.data.length)
    return {
      pass: false,
      message: () => `the prox has ${p.data.length} numbers, its argument ${x.data.length}`,
    }
  const objective = (z: Float64Array): number => {
    const off = z.map((v, i) => v - x.data[i]!)
    return valueOf(f, x, z) + inner(off, off) / (2 * step)
  }
  const best = objective(p.data)
  const zero = new Float64Array(p.data.length)
  // Competitors: around the answer, around the argument, the argument itself, zero, and entries set to zero one by one.
  const rivals = [
    ...others(p.data, seed, points),
    ...others(x.data, seed + 1, points / 4),
    x.data,
    zero,
    ...Array.from(p.data, (_, i) => p.data.map((v, k) => (k === i ? 0 : v))),
  ]
  const better = rivals.find((z) => objective(z) < best - 1e-12 * (Math.abs(best) + 1))
  return better
    ? {
        pass: false,
        message: () =>
          `${showValue(p.rebuild(p.data))} is not the prox at ${showValue(at)}: ${showValue(x.rebuild(better))} has the objective ` +
          `${showNumber(objective(better), 12)}, less than ${showNumber(best, 12)}`,
      }
    : { pass: true, message: () => `it is the prox at ${showValue(at)}, and should not be` }
}
