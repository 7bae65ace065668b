/** A number and a bound on its error, measured rather than configured. */
export interface Estimate {
  readonly value: number
  readonly error: number
}

/** How a derivative was found. */
export type OracleName = 'double-double' | 'ridders'

/** The truth about a directional derivative, however it is found; null where it cannot tell. */
export interface Oracle {
  readonly name: OracleName
  /** The derivative of ⟨v, f⟩ at x along d. `spread` is Σ|g_i x_i|, how the rounding of x shows in f. */
  derivative(x: Float64Array, v: Float64Array, d: Float64Array, spread?: number): Estimate | null
}
