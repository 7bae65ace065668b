import { fromCsv, type Raw, toCsv } from './raw.js'
import type { Verdict } from './verdict.js'

/** A statement that was measured, and whether it came out as stated. */
export interface Claim {
  readonly text: string
  readonly measured: string
  readonly holds: Verdict
}

/** What a case measured. */
export interface Measured {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly raw: Raw
  /** SVG by name. */
  readonly figures: Readonly<Record<string, string>>
}

/** What a case came to. */
export interface Outcome extends Measured {
  readonly claims: readonly Claim[]
}

/** How much of a case is run. */
export interface Effort {
  /** `full`: what the documentation shows; otherwise the same in seconds, for the tour and the tests. */
  readonly full: boolean
  readonly seeds: readonly number[]
  /** Told what is being done. */
  readonly log?: (text: string) => void
}

/** One of the practical cases. */
export interface Case {
  readonly id: string
  readonly title: string
  /** The claim of the article, and what was expected of it. */
  readonly claim: string
  readonly setting: string
  /** What to take from it. */
  readonly lesson: string
  run(effort: Effort): Promise<Measured>
  /** What the raw numbers say of each statement. It sees nothing else, so stored numbers are judged as fresh ones are. */
  judge(raw: Raw): readonly Claim[]
}

/** Runs a case and judges what it measured, from the numbers as they are stored. */
export const outcomeOf = async (one: Case, effort: Effort): Promise<Outcome> => {
  const measured = await one.run(effort)
  return { ...measured, claims: one.judge(fromCsv(toCsv(measured.raw))) }
}
