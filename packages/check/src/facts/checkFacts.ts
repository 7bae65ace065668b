import { CotangentError } from '@cotangent/core'
import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { freshSeed, rngOf } from '../random.js'
import { showNumber } from '../report/render.js'
import type { Pair } from '../subject/given.js'
import { subjectOf } from '../subject/of.js'
import { convex } from './convex.js'
import { even } from './even.js'
import type { Broken, Known } from './fact.js'
import { homogeneous } from './homogeneous.js'
import { type Isometry, invariant } from './invariant.js'
import { lipschitz } from './lipschitz.js'
import { separable } from './separable.js'

/** What somebody knows of a scalar function; each fact has consequences for the gradient. */
export interface Facts {
  readonly convex?: true
  /** The degree k of f(tx) = tᵏ f(x). */
  readonly homogeneous?: number
  /** The constant L of |f(y) - f(x)| ≤ L‖y - x‖. */
  readonly lipschitz?: number
  /** An orthogonal map Q with f(Qx) = f(x), on all entries in one vector. */
  readonly invariant?: Isometry
  readonly even?: true
  readonly separable?: true
}

export type FactName = keyof Facts

export interface FactFailure extends Broken {
  readonly fact: FactName
  readonly seed: number
  toString(): string
}

const LAWS = { convex, homogeneous, lipschitz, invariant, even, separable } as const

export interface FactOptions {
  readonly seed?: number
  /** Points compared with; default 100. */
  readonly points?: number
}

const failure = (fact: FactName, seed: number, { text, at }: Broken): FactFailure => ({
  fact,
  seed,
  text,
  at,
  toString: () =>
    `✗ not ${fact}: at [${Array.from(at.slice(0, 12), (v) => showNumber(v)).join(', ')}] ${text}, seed ${seed}`,
})

/**
 * Whether a function and its gradient are what is known of them, at many points around one and without any difference:
 * convex, homogeneous, Lipschitz, invariant, even, separable. Right names the facts that hold; Left has a point for each
 * that does not.
 *
 * @example
 * const l1 = { f: (x: number[]) => Math.abs(x[0]!) + Math.abs(x[1]!), gradient: (x: number[]) => x.map(Math.sign) }
 * checkFacts(l1, [[1, -2]], { convex: true, homogeneous: 1, even: true })._tag // => 'Right'
 * checkFacts(l1, [[1, -2]], { homogeneous: 2 })._tag // => 'Left'
 */
export const checkFacts = <A extends readonly unknown[]>(
  f: ((...args: A) => unknown) | Pair<A>,
  args: readonly [...A],
  facts: Facts,
  { seed = freshSeed(), points = 100 }: FactOptions = {},
): Either<NonEmptyArray<FactFailure>, readonly FactName[]> => {
  const s = subjectOf(f as Pair<never>, args)
  const one = Float64Array.of(1)
  const size = s.value(s.x).data.length
  if (size !== 1)
    throw new CotangentError('Shape', `checkFacts: the function returns ${size} numbers, not one.`, {
      op: 'checkFacts',
    })
  const names = (Object.keys(facts) as FactName[]).filter((name) => facts[name] !== undefined)
  const failures = names.flatMap((name): FactFailure[] => {
    // Every law starts from the same numbers, so that it is replayed alone.
    const known: Known = {
      value: (x) => s.value(x).data[0]!,
      gradient: (x) => s.reverse(x, one).data,
      x: s.x,
      eps: s.eps,
      rng: rngOf(seed),
      points,
    }
    const broken = LAWS[name](known, facts[name] as never)
    return broken ? [failure(name, seed, broken)] : []
  })
  const [first, ...rest] = failures
  return first ? E.left([first, ...rest]) : E.right(names)
}
