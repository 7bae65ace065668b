/** A bug: one place in the compiler's source, as it is and as it would be wrong. */
export interface Mutant {
  /** The pass or the family of kernels. */
  readonly part: string
  readonly bug: string
  /** From src/compile. */
  readonly file: string
  readonly right: string
  readonly wrong: string
}

export type Row = readonly [part: string, bug: string, file: string, right: string, wrong: string]
