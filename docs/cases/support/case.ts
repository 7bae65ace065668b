/** A number of the article that was measured, and whether it came out as claimed. */
export interface Claim {
  readonly text: string
  readonly measured: string
  readonly holds: boolean
}

/** What a case came to. */
export interface Outcome {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** The raw numbers, a CSV file. */
  readonly raw: readonly (readonly (string | number)[])[]
  /** SVG by name. */
  readonly figures: Readonly<Record<string, string>>
  readonly claims: readonly Claim[]
}

/** How much of a case is run. */
export interface Effort {
  /** `full`: what the documentation shows; `fast`: the same in seconds, for the tour and the tests. */
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
  run(effort: Effort): Promise<Outcome>
}
