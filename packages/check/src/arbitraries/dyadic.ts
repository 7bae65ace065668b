import fc, { type Arbitrary } from 'fast-check'

export interface DyadicOptions {
  readonly min?: number
  readonly max?: number
  /** Numbers are multiples of 1/denominator; default 64. */
  readonly denominator?: number
}

/** k/64: exact in both float types, sums of them exact, and legible in a report. Shrinks towards 0. */
export const dyadic = ({ min = -4, max = 4, denominator = 64 }: DyadicOptions = {}): Arbitrary<number> =>
  fc
    .integer({ min: Math.ceil(min * denominator), max: Math.floor(max * denominator) })
    .map((k) => k / denominator)

/**
 * Numbers at a distance from some points: from kinks and poles, say.
 */
export const awayFrom = (
  points: number | readonly number[],
  { gap = 1 / 8, ...options }: DyadicOptions & { readonly gap?: number } = {},
): Arbitrary<number> => {
  const all = typeof points === 'number' ? [points] : points
  return dyadic(options).filter((x) => all.every((p) => Math.abs(x - p) >= gap))
}
