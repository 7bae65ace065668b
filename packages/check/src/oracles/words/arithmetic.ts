import type { Pair } from './tensor.js'

/** What algorithms that are written once need of numbers that are pairs. */
export interface Arithmetic {
  readonly add: (x: Pair, y: Pair) => Pair
  readonly sub: (x: Pair, y: Pair) => Pair
  readonly mul: (x: Pair, y: Pair) => Pair
  readonly div: (x: Pair, y: Pair) => Pair
  readonly neg: (x: Pair) => Pair
  readonly sqrt: (x: Pair) => Pair
  /** Times a power of two. */
  readonly scale: (x: Pair, powerOfTwo: number) => Pair
  /** The sign of the difference, where an algorithm chooses by size. */
  readonly compare: (x: Pair, y: Pair) => number
  readonly abs: (x: Pair) => Pair
  readonly isNegative: (x: Pair) => boolean
  readonly isZero: (x: Pair) => boolean
}

export const ZERO: Pair = [0, 0]
export const ONE: Pair = [1, 0]
export const NAN: Pair = [Number.NaN, 0]
