import { type DoubleDouble, divide } from './doubleDouble.js'

/**
 * The Bernoulli numbers `B_2, B_4, ..., B_26`, from their fractions: what the asymptotic series of the gamma family
 * are made of. Source: Abramowitz & Stegun, table 23.2.
 */
export const bernoulliNumbers: readonly DoubleDouble[] = (
  [
    [1, 6],
    [-1, 30],
    [1, 42],
    [-1, 30],
    [5, 66],
    [-691, 2730],
    [7, 6],
    [-3617, 510],
    [43867, 798],
    [-174611, 330],
    [854513, 138],
    [-236364091, 2730],
    [8553103, 6],
  ] as const
).map(([numerator, denominator]) => divide([numerator, 0], [denominator, 0]))
