/** What a matcher answers. */
export interface Verdictual {
  readonly pass: boolean
  readonly message: () => string
}
