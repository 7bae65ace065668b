import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { birthplace } from './blame/born.js'
import type { Certificate, GradFailure, LawId, LawResult } from './failure.js'
import { accuracyLaw } from './laws/accuracy.js'
import { adjointLaw } from './laws/adjoint.js'
import { batchLaw } from './laws/batch.js'
import { checkpointLaw } from './laws/checkpoint.js'
import type { Question } from './laws/compare.js'
import type { AtKinks, Context, Finding, Mode } from './laws/context.js'
import { derivativeLaw } from './laws/derivative.js'
import { finiteLaw } from './laws/finite.js'
import { leafOrderLaw } from './laws/leafOrder.js'
import { linearityLaw } from './laws/linearity.js'
import { opinionLaw } from './laws/opinion.js'
import { optimisedLaw } from './laws/optimised.js'
import { primalLaw } from './laws/primal.js'
import { purityLaw } from './laws/purity.js'
import { forwardQuestion, putTo, reverseQuestion, secondQuestion } from './laws/questions.js'
import { robustnessLaw } from './laws/robustness.js'
import { serialisedLaw } from './laws/serialised.js'
import { shapeLaw } from './laws/shape.js'
import { symbolicZeroLaw } from './laws/symbolicZero.js'
import { symmetryLaw } from './laws/symmetry.js'
import { taylorLaw } from './laws/taylor.js'
import { unusedInputLaw } from './laws/unusedInput.js'
import { zeroLaw } from './laws/zero.js'
import { innerSize } from './oracles/direction.js'
import { exactOracle } from './oracles/exact.js'
import { oracleOf } from './oracles/named.js'
import type { OracleName } from './oracles/oracle.js'
import { freshSeed, rngOf } from './random.js'
import type { Pair } from './subject/given.js'
import { isPair, subjectOf } from './subject/of.js'
import { EPS, located, type Subject } from './subject/subject.js'

export interface CheckOptions {
  /** 2 checks second derivatives too; default 1. */
  readonly order?: 1 | 2
  /** Of the random directions; fresh when absent, and part of every result. */
  readonly seed?: number
  /**
   * What a gradient has to be where the function has a kink: the subgradient of least norm (default), any subgradient,
   * anything, or the kink is a failure by itself.
   */
  readonly atKinks?: AtKinks
  /** Default both. */
  readonly modes?: readonly Mode[]
  /**
   * Refuse a gradient whose rounding errors exceed this many units in the last place of an entry. Without it they are
   * measured and part of the certificate, and never a failure.
   */
  readonly ulps?: number
  /**
   * Whose answer is the truth. Default: the same graph in double-double where every operation has a meaning there,
   * otherwise adaptive differences. Of one that was asked for and has no answer the check is `Inconclusive`, and says why.
   */
  readonly oracle?: OracleName
  /** Who is asked as well, where it has an answer; default complex steps and exact differences. */
  readonly opinions?: readonly OracleName[]
  /**
   * Also away from the point: at zeros, ties, ±1000, 1e±150, axes of length 1 and empty tensors, the gradient has to be finite
   * where the value and the slope are; with 'values' at tensors of the given shapes alone. Default false: what is asked is whether
   * it is right at the point.
   */
  readonly edges?: boolean | 'values'
  /** Told before each part of the check what is done; for checks that take a while. */
  readonly onProgress?: (progress: Progress) => void
}

/** How far a check is. */
export interface Progress {
  readonly law: LawId
  /** Parts of the check that are finished, of how many. */
  readonly done: number
  readonly of: number
}

type Fun = (...args: never[]) => unknown

/**
 * Whether the derivatives of a function are right at a point: the same bits twice, shapes, finiteness, both modes
 * against an oracle with a measured error, the adjoint identity, linearity, and with `order: 2` second derivatives.
 * `f` is a function of tensors and trees, or `{ f, gradient }` on plain numbers and arrays.
 *
 * The tolerance is not an option: it is 10 times the error that the oracle measures of itself, plus the rounding of the
 * claim, 8ε·Σ|g_i d_i|. A pass states the smallest error it would have seen; where that is more than 1 % the answer is
 * `Inconclusive`, not a pass.
 *
 * @example
 * checkGrad((x: Tensor) => sum(exp(x)), [tensor([0, 1])])._tag // => 'Right'
 * checkGrad({ f: (x: number) => x * x, gradient: (x: number) => x }, [3])._tag // => 'Left'
 */
export const checkGrad = <A extends readonly unknown[]>(
  f: ((...args: A) => unknown) | Pair<A>,
  args: readonly [...A],
  options: CheckOptions = {},
): Either<NonEmptyArray<GradFailure>, Certificate> => check(f, args, options)

/** `checkGrad`; without blame, which takes most of the time of a failure, where only the answer counts. */
export const check = <A extends readonly unknown[]>(
  f: ((...args: A) => unknown) | Pair<A>,
  args: readonly [...A],
  options: CheckOptions,
  withBlame = true,
): Either<NonEmptyArray<GradFailure>, Certificate> => {
  const seed = options.seed ?? freshSeed()
  const target = f as Fun | Pair<never>
  const name = (isPair(target) ? target.f.name : target.name) || 'f'
  const common = (law: LawId) => ({ law, seed, of: name, at: args as readonly unknown[] })
  let subject: Subject | undefined
  try {
    subject = subjectOf(target, args)
    const found = runLaws({ ...contextOf(subject, options, seed, common), withBlame }, options.onProgress)
    return conclude(subject, found, seed)
  } catch (cause) {
    return E.left([thrown(cause, subject, common('finite'))])
  }
}

/** A function that throws may do so because of a NaN that came before, which is then the thing to say. */
const thrown = (
  cause: unknown,
  subject: Subject | undefined,
  common: ReturnType<Context['common']>,
): GradFailure => {
  const reason = `it threw: ${cause instanceof Error ? cause.message : String(cause)}`
  try {
    const born = subject && birthOf(subject)
    if (born) return { ...common, _tag: 'NonFinite', what: 'value', value: Number.NaN, born, reason, cause }
  } catch {
    // It throws when it is traced, too.
  }
  return { ...common, _tag: 'Inconclusive', reason, mde: Number.POSITIVE_INFINITY, cause }
}

const birthOf = (s: Subject) => {
  const traced = located(s)
  const at = traced && birthplace(traced)
  return at && { ...at, pass: 'forward' as const }
}

const contextOf = (
  subject: Subject,
  {
    order = 1,
    atKinks = 'min-norm',
    modes = ['rev', 'fwd'],
    ulps,
    oracle,
    opinions = OPINIONS,
    edges = false,
  }: CheckOptions,
  seed: number,
  common: Context['common'],
): Omit<Context, 'withBlame'> => {
  const rng = rngOf(seed)
  const m = subject.value(subject.x).data.length
  // A scalar is not projected, so that what is reported is its gradient.
  const v = m === 1 ? Float64Array.of(1) : rng.normals(m)
  const exact = exactOracle(subject)
  return {
    subject,
    v,
    rng,
    order,
    atKinks,
    modes,
    edges,
    blames: new Map(),
    common,
    opinions: opinions.filter((name) => name !== oracle).map((name) => oracleOf(name, subject, exact)),
    ...(exact && { exact }),
    ...(oracle && { oracle: oracleOf(oracle, subject, exact) }),
    ...(ulps !== undefined && { ulps }),
  }
}

const OPINIONS: readonly OracleName[] = ['complex-step', 'exact-bilinear']

interface Part {
  readonly law: LawId
  readonly run: () => Finding
  /** A failure here makes the rest meaningless. */
  readonly first?: boolean
  /** Only where nothing has failed so far. */
  readonly last?: boolean
}

const partsOf = (c: Context): Part[] => {
  const { subject: s, v } = c
  const parts: Part[] = [
    { law: 'purity', first: true, run: () => purityLaw(c, 'value', () => s.value(s.x)) },
    { law: 'shape', first: true, run: () => shapeLaw(c) },
    { law: 'finite', first: true, run: () => finiteLaw(c) },
    { law: 'purity', first: true, run: () => purityLaw(c, 'gradient', () => s.reverse(s.x, v)) },
  ]
  if (s.x.length === 0) return parts
  const first = (q: Question): Question => putTo(c.oracle, q, (who, d) => who.first(v, d))
  if (c.modes.includes('rev') || !s.forward)
    parts.push({
      law: 'reverse',
      run: () => derivativeLaw(c, 'reverse', first(reverseQuestion(s, v, c.exact))),
    })
  if (c.modes.includes('fwd') && s.forward)
    parts.push({
      law: 'forward',
      run: () => derivativeLaw(c, 'forward', first(forwardQuestion(s, v, c.exact))),
    })
  parts.push({ law: 'second-opinion', last: true, run: () => opinionLaw(c) })
  if (c.modes.length === 2) parts.push({ law: 'adjoint', run: () => adjointLaw(c) })
  parts.push(
    { law: 'linearity', run: () => linearityLaw(c) },
    { law: 'zero-cotangent', run: () => zeroLaw(c) },
    { law: 'unused-input', run: () => unusedInputLaw(c) },
    { law: 'symbolic-zero', run: () => symbolicZeroLaw(c) },
    { law: 'primal', run: () => primalLaw(c) },
    { law: 'optimised', run: () => optimisedLaw(c) },
    { law: 'serialised', run: () => serialisedLaw(c) },
    { law: 'leaf-order', run: () => leafOrderLaw(c) },
    { law: 'checkpoint', run: () => checkpointLaw(c) },
    { law: 'batch', run: () => batchLaw(c) },
  )
  if (c.order === 2 && s.second) parts.push({ law: 'second-order', last: true, run: () => secondOrder(c) })
  if (c.edges) parts.push({ law: 'robustness', last: true, run: () => robustnessLaw(c) })
  parts.push({ law: 'taylor', last: true, run: () => taylorLaw(c) })
  parts.push({ law: 'accuracy', last: true, run: () => accuracyLaw(c) })
  return parts
}

const secondOrder = (c: Context): Finding => {
  const u = c.rng.normals(c.subject.x.length)
  const question = secondQuestion(c.subject, c.v, u, c.exact)
  const found = derivativeLaw(
    c,
    'second-order',
    putTo(c.oracle, question, (who, d) => who.second(c.v, u, d)),
  )
  if (found.results[0]?.verdict !== 'holds') return found
  const symmetric = symmetryLaw(c)
  return { ...found, failures: symmetric.failures, results: [...found.results, ...symmetric.results] }
}

const runLaws = (c: Context, onProgress?: CheckOptions['onProgress']): Finding[] => {
  const parts = partsOf(c)
  const found: Finding[] = []
  for (const [done, part] of parts.entries()) {
    onProgress?.({ law: part.law, done, of: parts.length })
    if (part.last && found.some((f) => f.failures.length > 0)) continue
    const failed = found.some((f) => f.failures.length > 0)
    let finding: Finding
    try {
      finding = part.run()
    } catch (cause) {
      // What is wrong already may well make a later law throw; the reason is known then.
      if (failed) continue
      throw cause
    }
    if (part.first && finding.failures.length > 0) return [finding]
    found.push(finding)
  }
  return found
}

const conclude = (
  s: Subject,
  found: readonly Finding[],
  seed: number,
): Either<NonEmptyArray<GradFailure>, Certificate> => {
  const [first, ...rest] = found.flatMap((f) => f.failures)
  if (first) return E.left([first, ...rest])
  const accuracy = found.find((f) => f.accuracy)?.accuracy
  const y = s.value(s.x).data
  const g = s.reverse(s.x, new Float64Array(y.length).fill(1)).data
  return E.right({
    laws: merged(found.flatMap((f) => f.results)),
    oracle: leastCertain(found),
    opinions: found.flatMap((f) => f.opinions ?? []),
    mde: Math.max(0, ...found.map((f) => f.mde ?? 0)),
    seed,
    conditioning: innerSize(g, s.x) / Math.max(innerSize(y, new Float64Array(y.length).fill(1)), 1e-300),
    ...(accuracy && { accuracy }),
    precision: s.eps === EPS ? 'float64' : 'float32',
  })
}

const leastCertain = (found: readonly Finding[]): OracleName => {
  const all = found.flatMap((f) => f.oracle ?? [])
  return all.includes('ridders') ? 'ridders' : (all[0] ?? 'ridders')
}

const merged = (results: readonly LawResult[]): LawResult[] =>
  results.filter((r, i) => results.findIndex((q) => q.law === r.law) === i)
