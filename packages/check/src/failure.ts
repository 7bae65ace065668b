import type { Birthplace } from './blame/born.js'
import type { Estimate, OracleName } from './oracles/oracle.js'
import type { Regularity, Verdict } from './regularity/regularity.js'
import type { Site } from './regularity/site.js'
import type { Entry } from './subject/leaves.js'

/** The theorems that a gradient has to satisfy. */
export type LawId =
  | 'purity'
  | 'shape'
  | 'finite'
  | 'reverse'
  | 'forward'
  | 'adjoint'
  | 'linearity'
  | 'zero-cotangent'
  | 'second-order'
  | 'symmetry'
  | 'batch'
  | 'accuracy'
  | 'primal'
  | 'checkpoint'
  | 'second-opinion'
  | 'unused-input'
  | 'symbolic-zero'
  | 'optimised'
  | 'serialised'
  | 'leaf-order'
  | 'taylor'
  | 'robustness'

/** What each law says. */
export const LAWS: Readonly<Record<LawId, string>> = {
  purity: 'two runs give the same bits',
  shape: 'shapes are the same nearby',
  finite: 'values and derivatives are finite',
  reverse: 'directional derivative, reverse mode',
  forward: 'directional derivative, forward mode',
  adjoint: 'adjoint identity ⟨v, Ju⟩ = ⟨Jᵀv, u⟩',
  linearity: 'derivatives are linear in tangents and cotangents',
  'zero-cotangent': 'a zero cotangent gives zeros',
  'second-order': 'derivative of the gradient',
  symmetry: 'the Hessian is symmetric',
  batch: 'vmap is a loop',
  accuracy: 'the gradient in float64 is accurate',
  primal: 'transforms return the value of the function',
  checkpoint: 'the gradient is the same when inner values are computed again',
  'second-opinion': 'derivative by another oracle',
  'unused-input': 'what the value does not depend on has a gradient of 0',
  'symbolic-zero': 'an absent tangent or cotangent is a zero',
  optimised: 'the optimised graph computes the same bits',
  serialised: 'what is written as JSON is read back as the same function',
  'leaf-order': 'the order of leaves, and flattening, change nothing',
  taylor: 'rates of Taylor remainders',
  robustness: 'gradients are finite where values and slopes are',
}

/** A derivative rule that disagrees with the operation it belongs to. */
export interface Blame {
  /** Name of the primitive, or of the operation as defined. */
  readonly op: string
  /** Names of the tags, operations and turns of loops around it: `hidden/scan[3]`. */
  readonly path: string
  /** `file.ts:12`, the line of code that asked for it, where that is known. */
  readonly site?: string
  readonly rule: 'jvp' | 'vjp' | 'second-order' | 'batch' | 'at-kink' | 'accuracy'
  /** What the rule says, and the truth. */
  readonly local: number
  readonly expected: Estimate
}

interface Common {
  readonly law: LawId
  readonly seed: number
  /** Name of the function. */
  readonly of: string
  /** Where it was found. */
  readonly at: readonly unknown[]
  /** Set by generated checks: how to see the same failure again. */
  readonly replay?: Replay
}

export interface Replay {
  readonly seed: number
  readonly path: string
  /** How many smaller inputs were tried with success before this one stood as the smallest. */
  readonly shrinks: number
}

export interface Mismatch extends Common {
  readonly _tag: 'Mismatch'
  /** The wrong entry; absent when no single one stands out. */
  readonly entry?: Entry
  readonly analytic: number
  readonly oracle: Estimate
  /** How many times its tolerance the difference is, and the difference over the true value. */
  readonly tolerance: number
  readonly relative: number
  readonly blame: readonly Blame[]
  readonly smooth: Verdict
}

export interface NotSmooth extends Common, Regularity {
  readonly _tag: 'NotSmooth'
  /** Operations that sit on their kink; empty for opaque functions. */
  readonly sites: readonly Site[]
}

/** Numbers that have to be the same bits, and are not: of two runs, or of two ways to compute them. */
export interface Impure extends Common {
  readonly _tag: 'Impure'
  readonly what: 'value' | 'gradient' | 'tangent'
  /** As it should be, and as it is. */
  readonly values: readonly [number, number]
  readonly entry?: Entry
}

export interface ShapeDrift extends Common {
  readonly _tag: 'ShapeDrift'
  readonly what: string
  readonly expected: string
  readonly got: string
}

export interface NonFinite extends Common {
  readonly _tag: 'NonFinite'
  readonly what: 'value' | 'gradient'
  /** The first operation with finite operands and a result that is not; absent for opaque functions. */
  readonly born?: Birthplace & { readonly pass: 'forward' | 'backward' }
  readonly entry?: Entry
  readonly value: number
  /** What the function threw, where it did. */
  readonly reason?: string
  readonly cause?: unknown
}

export interface Inconclusive extends Common {
  readonly _tag: 'Inconclusive'
  readonly reason: string
  /** The smallest error that would have been seen, as a part of the gradient. */
  readonly mde: number
  readonly cause?: unknown
}

/** Why a gradient is not accepted. */
export type GradFailure = Mismatch | NotSmooth | Impure | ShapeDrift | NonFinite | Inconclusive

/** A law and how it went. */
export interface LawResult {
  readonly law: LawId
  readonly verdict: 'holds' | 'subgradient' | 'skipped'
  /** Directions or cases looked at. */
  readonly cases: number
}

/** How far the gradient in float64 is from the one that its own rules give without rounding. */
export interface Accuracy {
  /** The error of the worst entry, in units in its last place. */
  readonly ulps: number
  /** The largest error of any entry, in units in the last place of the largest one. */
  readonly ofLargest: number
  /** The worst entry, as computed and as it should be. */
  readonly entry: Entry
  readonly given: number
  readonly exact: number
}

/** Another oracle that was asked, of the same derivative along a direction of its own. */
export interface Opinion {
  readonly oracle: OracleName
  readonly verdict: 'agrees' | 'unavailable'
  /** Why it has no answer: which operation is not holomorphic, or not bilinear. */
  readonly reason?: string
}

/** What a passed check has shown. */
export interface Certificate {
  readonly laws: readonly LawResult[]
  readonly oracle: OracleName
  /** What other oracles say. */
  readonly opinions: readonly Opinion[]
  /** The smallest error that would have been seen, relative to Σ|g_i d_i|. */
  readonly mde: number
  readonly seed: number
  /** Σ|x_i g_i| / |f|: by how much a relative change of the inputs is amplified. */
  readonly conditioning: number
  /** How accurate the gradient in float64 is; absent where the graph has no meaning in double-double. */
  readonly accuracy?: Accuracy
  /** The arithmetic that the rules were checked in. */
  readonly precision: 'float64' | 'float32'
}
