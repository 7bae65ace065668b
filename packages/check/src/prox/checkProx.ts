import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { freshSeed } from '../random.js'
import { showNumber } from '../report/render.js'
import type { Broken, Prox, ProxLaw } from './claim.js'
import { differentiable } from './differentiable.js'
import { dominance } from './dominance.js'
import { envelope } from './envelope.js'
import { knownOf } from './known.js'
import { limit } from './limit.js'
import { moreau } from './moreau.js'
import { nonexpansive } from './nonexpansive.js'
import { optimality } from './optimality.js'
import { projection } from './projection.js'

const LAWS = {
  dominance,
  optimality,
  nonexpansive,
  moreau,
  envelope,
  projection,
  limit,
  differentiable,
} as const satisfies Readonly<Record<string, ProxLaw>>

/** The laws of proximal operators. */
export type ProxLawName = keyof typeof LAWS

/** A law that does not hold, with the point and the step. */
export interface ProxFailure extends Broken {
  readonly law: ProxLawName
  readonly seed: number
  toString(): string
}

/** The laws that hold, with the cases tried, and those that say nothing, with the reason. */
export interface ProxCertificate {
  readonly laws: readonly { readonly law: ProxLawName; readonly cases: number }[]
  readonly silent: readonly { readonly law: ProxLawName; readonly why: string }[]
  readonly seed: number
}

export interface ProxCheckOptions {
  readonly seed?: number
  /** Default 0.1, 1 and 10. */
  readonly steps?: readonly number[]
  /** Points, beside the given one, 0 and some far away; default 6. */
  readonly points?: number
}

const failure = (law: ProxLawName, seed: number, { text, x, step }: Broken): ProxFailure => ({
  law,
  seed,
  text,
  x,
  step,
  toString: () =>
    `✗ not the prox, by ${law}: at [${Array.from(x.slice(0, 12), (v) => showNumber(v)).join(', ')}], step ${showNumber(step)}: ${text}, seed ${seed}`,
})

/**
 * Whether a function is the proximal operator of another: by its definition against many competitors, Fermat's rule and firm
 * non-expansiveness where it is convex, Moreau's decomposition where a conjugate is given, the gradient of the envelope, projections,
 * the limit of small steps, and its derivatives. On plain numbers and arrays, or on tensors and trees. The laws of the
 * penalties of `@cotangent/regularize` are those of its own `checkPenalty`.
 *
 * @example
 * const shrink = (x: number[], t: number) => x.map((v) => Math.sign(v) * Math.max(Math.abs(v) - t, 0))
 * const l1 = { value: (x: number[]) => x.reduce((s, v) => s + Math.abs(v), 0), prox: shrink, convex: true }
 * checkProx(l1, [2, -0.5])._tag // => 'Right'
 * checkProx({ ...l1, prox: (x: number[], t: number) => shrink(x, t / 2) }, [2, -0.5])._tag // => 'Left'
 */
export const checkProx = <X>(
  claim: Prox<X>,
  at: X,
  options: ProxCheckOptions = {},
): Either<NonEmptyArray<ProxFailure>, ProxCertificate> => {
  const { seed = freshSeed() } = options
  const names = Object.keys(LAWS) as ProxLawName[]
  // Every law starts from the same numbers, so that it is replayed alone.
  const found = names.map((law) => [law, LAWS[law](knownOf(claim as Prox, at, seed, options))] as const)
  const [first, ...rest] = found.flatMap(([law, result]) =>
    typeof result === 'object' ? [failure(law, seed, result)] : [],
  )
  if (first) return E.left([first, ...rest])
  return E.right({
    laws: found.flatMap(([law, result]) => (typeof result === 'number' ? [{ law, cases: result }] : [])),
    silent: found.flatMap(([law, result]) => (typeof result === 'string' ? [{ law, why: result }] : [])),
    seed,
  })
}
