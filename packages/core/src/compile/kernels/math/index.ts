import { acos, asin, atan, atan2 } from './arcs.js'
import { cos, shortCos, shortSin, shortTan, sin, tan } from './circular.js'
import { erf, erfc, erfInv, shortErf, shortErfc, shortErfInv } from './erf.js'
import { exp, expm1, sigmoid, tanh } from './exponential.js'
import { digamma, lgamma } from './gamma.js'
import { acosh, asinh, atanh, cosh, sinh } from './hyperbolic.js'
import { log, log1p, softplus } from './logarithm.js'
import { polygamma } from './polygamma.js'
import { integerPow, pow } from './pow.js'
import { mod } from './remainder.js'
import { cbrt } from './roots.js'
import { shortDigamma, shortLgamma } from './shortGamma.js'
import { called, inline, type LaneFunction, throughDoubles } from './table.js'

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
  sin: throughDoubles('sin', sin, shortSin),
  cos: throughDoubles('cos', cos, shortCos),
  tan: throughDoubles('tan', tan, shortTan),
  asin: throughDoubles('asin', asin),
  acos: throughDoubles('acos', acos),
  atan: throughDoubles('atan', atan),
  atan2: throughDoubles('atan2', atan2),
  sinh: called('sinh', sinh),
  cosh: called('cosh', cosh),
  asinh: called('asinh', asinh),
  acosh: called('acosh', acosh),
  atanh: called('atanh', atanh),
  erf: throughDoubles('erf', erf, shortErf),
  erfc: throughDoubles('erfc', erfc, shortErfc),
  erfInv: throughDoubles('erfInv', erfInv, shortErfInv),
  lgamma: throughDoubles('lgamma', lgamma, shortLgamma),
  digamma: throughDoubles('digamma', digamma, shortDigamma),
  pow,
  mod,
  cbrt: throughDoubles('cbrt', cbrt),
}

/** Those that depend on a parameter of the primitive. */
export const PARAMETRIC_LANE_FUNCTIONS: Readonly<
  Record<string, (params: { readonly n: number }) => LaneFunction>
> = {
  integerPow: ({ n }) => integerPow(n),
  polygamma: ({ n }) => polygamma(n),
}
