import { CotangentError } from '@cotangent/core'
import { type Either, left, right } from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import type { Functional } from '../functional.js'
import { dualityLaws } from './duality.js'
import type { Broken, Law, Outcome } from './law.js'
import { proxLaws } from './prox.js'
import { structureLaws } from './structure.js'
import { type CheckPenaltyOptions, subjectOf } from './subject.js'
import { valueLaws } from './value.js'

/** A law that a functional breaks. */
export interface LawFailure extends Broken {
  readonly law: number
  readonly name: string
  readonly statement: string
  readonly functional: string
  readonly seed: number
  /** All of it, to be read. */
  toString(): string
}

/** What `checkPenalty` found to hold. */
export interface PenaltyCertificate {
  readonly functional: string
  readonly shape: readonly number[]
  readonly seed: number
  /** The laws that hold, with the number of cases tried. */
  readonly laws: readonly { readonly law: number; readonly name: string; readonly cases: number }[]
  /** The laws that say nothing of it, and why. */
  readonly silent: readonly { readonly law: number; readonly name: string; readonly why: string }[]
  toString(): string
}

/** The 16 laws, in their order. */
export const LAWS: readonly Law[] = [...proxLaws, ...dualityLaws, ...valueLaws, ...structureLaws].sort(
  (a, b) => a.number - b.number,
)

const shown = (v: readonly number[] | number): string =>
  typeof v === 'number'
    ? String(v)
    : `[${v
        .slice(0, 12)
        .map((w) => +w.toPrecision(10))
        .join(', ')}${v.length > 12 ? ', …' : ''}]`

const failureOf = (f: Functional, law: Law, broken: Broken, seed: number): LawFailure => ({
  ...broken,
  law: law.number,
  name: law.name,
  statement: law.statement,
  functional: f.name,
  seed,
  toString: () =>
    [
      `✗ ${f.name} breaks law ${law.number}, ${law.name}: ${broken.text}`,
      `  the law   ${law.statement}`,
      ...(broken.step === undefined ? [] : [`  step      ${broken.step}`]),
      ...(broken.x === undefined ? [] : [`  x         ${shown(broken.x)}`]),
      ...(broken.got === undefined ? [] : [`  got       ${shown(broken.got)}`]),
      ...(broken.want === undefined ? [] : [`  expected  ${shown(broken.want)}`]),
      `  replay    { seed: ${seed} }`,
    ].join('\n'),
})

/**
 * Whether a functional is what it claims: the 16 laws of values, gradients, proximal operators, conjugates and dual norms,
 * by brute force and identities, in double precision. Right lists the laws that hold and those that say nothing of it (a
 * functional without a prox has no optimality); Left has a failure for each law that is broken, with the point, what came
 * out and what should have, and reads as text.
 *
 * @example
 * checkPenalty(l1(0.5))._tag // => 'Right'
 * const wrong = functional({ name: 'wrong', value: (x) => sum(abs(x)), prox: (x, step) => div(x, add(step, 1)) })
 * checkPenalty(wrong)._tag // => 'Left'
 */
export const checkPenalty = (
  f: Functional,
  options: CheckPenaltyOptions = {},
): Either<NonEmptyArray<LawFailure>, PenaltyCertificate> => {
  const { seed = 1 } = options
  const { shape } = subjectOf(f, options)
  const outcomeOf = (law: Law): Outcome => {
    try {
      return law.test(subjectOf(f, { ...options, shape }))
    } catch (error) {
      if (!(error instanceof CotangentError)) throw error
      return { kind: 'broken', broken: { text: `it throws: ${error.message}` } }
    }
  }
  // Every law starts from the same numbers, so that it is replayed alone.
  const results = LAWS.map((law) => ({ law, outcome: outcomeOf(law) }))
  const failures = results.flatMap(({ law, outcome }) =>
    outcome.kind === 'broken' ? [failureOf(f, law, outcome.broken, seed)] : [],
  )
  const [first, ...others] = failures
  if (first !== undefined) return left([first, ...others])
  const laws = results.flatMap(({ law, outcome }) =>
    outcome.kind === 'holds' ? [{ law: law.number, name: law.name, cases: outcome.cases }] : [],
  )
  const silent = results.flatMap(({ law, outcome }) =>
    outcome.kind === 'silent' ? [{ law: law.number, name: law.name, why: outcome.why }] : [],
  )
  return right({
    functional: f.name,
    shape,
    seed,
    laws,
    silent,
    toString: () =>
      [
        `✓ ${f.name} keeps ${laws.length} of ${LAWS.length} laws on tensors of shape [${shape}]`,
        ...laws.map((l) => `  ✓ ${l.law} ${l.name}, ${l.cases} cases`),
        ...silent.map((l) => `  – ${l.law} ${l.name}: ${l.why}`),
      ].join('\n'),
  })
}
