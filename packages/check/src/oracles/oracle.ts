/** A number and a bound on its error, measured rather than configured. */
export interface Estimate {
  readonly value: number
  readonly error: number
}

/** How a derivative was found. */
export type OracleName = 'double-double' | 'ridders' | 'complex-step' | 'exact-bilinear'

/** No estimate, and why. */
export interface Unavailable {
  readonly unavailable: string
  /** The operation that makes it so. */
  readonly op?: string
  readonly path?: string
}

/** What an oracle says of a derivative. */
export type Answer = Estimate | Unavailable

export const isEstimate = (answer: Answer): answer is Estimate => 'value' in answer

/** The truth about the derivatives of a function at a point, however it is found. */
export interface Oracle {
  readonly name: OracleName
  /** ⟨v, Jd⟩. */
  readonly first: (v: Float64Array, d: Float64Array) => Answer
  /** ⟨u, Hd⟩, H the second derivative of ⟨v, f⟩. */
  readonly second: (v: Float64Array, u: Float64Array, d: Float64Array) => Answer
}
