import { acos, asin, atan, atan2 } from './arcs.js'
import { cos, shortCos, shortSin, shortTan, sin, tan } from './circular.js'
import { erf, erfc, erfInv, shortErf, shortErfc, shortErfInv } from './erf.js'
import { exp, expm1, sech2, sigmoid, tanh } from './exponential.js'
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

/**
 * Element-wise functions by the names of their primitives: what is not a single instruction.
 *
 * The largest errors found, in ulp: of float32 on every 4,099th bit pattern or closer and with fused multiply-add too,
 * of exp, log, tanh and sigmoid on all 2^32 (math.exhaustive.ts tries all patterns of any of them), with and without; of float64 on 3,000 points of each
 * against mpmath, with and without.
 *
 * | function | float32 | float64 | | function | float32 | float64 |
 * |---|---|---|---|---|---|---|
 * | exp | 1.014 | 0.83 | | asin | 0.51 | 0.75 |
 * | expm1 | 1.35 | 1.03 | | acos | 0.51 | 0.82 |
 * | log | 0.840 | 0.71 | | atan | 0.51 | 0.72 |
 * | log1p | 1.38 | 0.89 | | atan2 | 0.51 | 1.13 |
 * | tanh | 1.646 | 1.43 | | cbrt | 0.51 | 0.67 |
 * | sigmoid | 1.683 | 1.40 | | pow | 0.51 | 0.58 |
 * | softplus | 1.67 | 1.38 | | erf | 0.51 | 0.97 |
 * | sin | 0.51 | 0.70 | | erfc | 0.51 | 0.93 |
 * | cos | 0.51 | 0.71 | | erfInv | 0.52 | 1.20 |
 * | tan | 0.51 | 1.75 | | sinh | 1.58 | 1.27 |
 * | asinh | 1.60 | 1.48 | | cosh | 1.43 | 1.24 |
 * | acosh | 1.63 | 1.63 | | atanh | 1.58 | 1.54 |
 * | sech2 | 1.87 | 1.66 | | | | |
 *
 * Fuzzing has since found more in float64: acosh 1.94, tan 1.83, erfInv 1.44, sinh 1.43, atan2 1.36, erfc 1.26, expm1 1.17,
 * and 0.75 for pow where the result is subnormal; in float32, acosh 1.94.
 *
 * `lgamma` and `digamma` follow the interpreter's algorithms in the same precision, and err as they do; `mod` is exact
 * but for its last addition.
 */
export const LANE_FUNCTIONS: Readonly<Record<string, LaneFunction>> = {
  exp: inline(exp),
  expm1: inline(expm1),
  log: inline(log),
  log1p: inline(log1p),
  tanh: inline(tanh),
  sech2: inline(sech2),
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

/**
 * Those that depend on a parameter of the primitive: `integerPow` (products for n = -2, -1, 2, 3, 4, within 1.92, 0.5,
 * 0.5, 1.3 and 1.92 ulp, and `pow` for others) and `polygamma` (as the interpreter's).
 */
export const PARAMETRIC_LANE_FUNCTIONS: Readonly<
  Record<string, (params: { readonly n: number }) => LaneFunction>
> = {
  integerPow: ({ n }) => integerPow(n),
  polygamma: ({ n }) => polygamma(n),
}
