import fc, { type Arbitrary } from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { type CheckOptions, check } from './checkGrad.js'
import type { Certificate, GradFailure, Replay } from './failure.js'
import { freshSeed } from './random.js'
import type { Pair } from './subject/given.js'

export interface ForAllOptions extends CheckOptions {
  /** Default 50. */
  readonly runs?: number
  /** Of a failure to see again, with its seed. */
  readonly path?: string
}

/** The smallest input found where a gradient is wrong. */
export interface Counterexample<A = unknown> extends Replay {
  readonly args: A
  readonly failures: NonEmptyArray<GradFailure>
}

/** Arguments of a call: an array as it is, anything else as the one argument. */
const asArgs = (x: unknown): readonly unknown[] => (Array.isArray(x) ? x : [x])

// Where rounding hides everything nothing is shown either way; what throws is a failure all the same.
const undecided = (failures: NonEmptyArray<GradFailure>): boolean =>
  failures.every((f) => f._tag === 'Inconclusive' && f.cause === undefined)

/**
 * `checkGrad` at generated inputs. The arbitrary gives arrays of arguments, or the one argument. A failure is shrunk
 * and comes with what is needed to see it again: `forAllGrad(f, arbitrary, { seed, path })`.
 *
 * @example
 * const result = await forAllGrad((x: Tensor) => sum(square(x)), arbitraries.tensor({ shape: [2] }), { runs: 3 })()
 * result._tag // => 'Right'
 */
export const forAllGrad =
  <A>(
    f: ((...args: never[]) => unknown) | Pair<never>,
    arbitrary: Arbitrary<A>,
    { runs = 50, path, seed = freshSeed(), ...options }: ForAllOptions = {},
  ): TaskEither<Counterexample<A>, Certificate> =>
  async () => {
    let worst: Certificate | undefined
    const judged = (input: A, withBlame: boolean) =>
      check(f as (...args: unknown[]) => unknown, [...argsFor(f, input)], { ...options, seed }, withBlame)
    const property = fc.asyncProperty(arbitrary, async (input) => {
      const result = judged(input, false)
      if (E.isRight(result)) {
        if (!worst || result.right.mde > worst.mde) worst = result.right
        return true
      }
      if (undecided(result.left)) fc.pre(false)
      return false
    })
    const found = await fc.check(property, { numRuns: runs, seed, ...(path !== undefined && { path }) })
    const [args] = found.counterexample ?? []
    if (found.failed && args !== undefined) {
      const replay: Replay = { seed, path: found.counterexamplePath ?? '', shrinks: found.numShrinks }
      const result = judged(args, true)
      const failures = E.isLeft(result)
        ? (result.left.map((failure) => ({ ...failure, replay })) as unknown as NonEmptyArray<GradFailure>)
        : await Promise.reject(found.errorInstance ?? new Error('forAllGrad: the failure does not repeat.'))
      return E.left({ ...replay, args, failures })
    }
    if (worst) return E.right(worst)
    const reason = 'no generated input decides anything'
    const none: GradFailure = {
      _tag: 'Inconclusive',
      law: 'reverse',
      seed,
      of: 'f',
      at: [],
      reason,
      mde: Number.POSITIVE_INFINITY,
    }
    return E.left({ seed, path: '', shrinks: 0, args: undefined as A, failures: [none] })
  }

// A vector of plain numbers is the one argument of a loss; a tuple of tensors is a list of arguments.
const argsFor = (f: unknown, input: unknown): readonly unknown[] =>
  Array.isArray(input) && typeof f === 'object' && input.every((v) => typeof v === 'number')
    ? [input]
    : asArgs(input)
