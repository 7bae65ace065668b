import type { Arithmetic } from '../words/arithmetic.js'
import { abs, add, compare, div, isNegative, mul, neg, scale, sqrt, sub } from './arithmetic.js'

/** Double-double arithmetic, for algorithms that are written once for all arithmetics. */
export const arithmetic: Arithmetic = {
  add,
  sub,
  mul,
  div,
  neg,
  sqrt,
  scale,
  compare,
  abs,
  isNegative,
  isZero: (x) => x[0] === 0,
}
