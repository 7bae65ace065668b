import type { Accuracy, Blame, GradFailure, LawId, LawResult, Opinion } from '../failure.js'
import type { ExactOracle } from '../oracles/exact.js'
import type { Oracle, OracleName } from '../oracles/oracle.js'
import type { Rng } from '../random.js'
import type { Regularity } from '../regularity/regularity.js'
import type { Subject } from '../subject/subject.js'

export type AtKinks = 'min-norm' | 'subgradient' | 'skip' | 'fail'
export type Mode = 'fwd' | 'rev'

/** What every law may look at. */
export interface Context {
  readonly subject: Subject
  /** The cotangent that results with several numbers are projected with. */
  readonly v: Float64Array
  readonly rng: Rng
  readonly exact?: ExactOracle
  /** Whose answer is the truth, where that was asked for. */
  readonly oracle?: Oracle
  /** Who is asked as well. */
  readonly opinions: readonly Oracle[]
  readonly order: 1 | 2
  readonly atKinks: AtKinks
  readonly modes: readonly Mode[]
  /** Whether to look at points and shapes where derivatives tend to break. */
  readonly edges: boolean | 'values'
  /** What was found of wrong rules, by how they were searched for. */
  readonly blames: Map<string, readonly Blame[]>
  /** Whether a failure looks for the operation. */
  readonly withBlame: boolean
  /** What certificate B may not exceed. */
  readonly ulps?: number
  /** The fields that all failures share. */
  readonly common: (law: LawId) => Pick<GradFailure, 'law' | 'seed' | 'of' | 'at'>
}

/** What a law found. */
export interface Finding {
  readonly failures: readonly GradFailure[]
  readonly results: readonly LawResult[]
  readonly mde?: number
  /** Where the truth came from; the least certain of several. */
  readonly oracle?: OracleName
  readonly regularity?: Regularity
  readonly accuracy?: Accuracy
  readonly opinions?: readonly Opinion[]
}

export const nothingFound: Finding = { failures: [], results: [] }
export const holds = (law: LawId, cases: number): Finding => ({
  failures: [],
  results: [{ law, verdict: 'holds', cases }],
})
export const fails = (failure: GradFailure): Finding => ({ failures: [failure], results: [] })

/** Directions that each law looks along. */
export const DIRECTIONS = 3
/** A check that would miss an error of this size, relative to the gradient, is not a pass. */
export const POWER = 1e-2
