import { exp, expm1, sigmoid, tanh } from './exponential.js'
import { log, log1p, softplus } from './logarithm.js'
import { inline, type LaneFunction } from './table.js'

export type { LaneFunction } from './table.js'

/** Element-wise functions by the names of their primitives: what is not a single instruction. */
export const LANE_FUNCTIONS: Readonly<Record<string, LaneFunction>> = {
  exp: inline(exp),
  expm1: inline(expm1),
  log: inline(log),
  log1p: inline(log1p),
  tanh: inline(tanh),
  sigmoid: inline(sigmoid),
  softplus: inline(softplus),
}
