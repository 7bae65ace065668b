import type { FactLaw } from './fact.js'
import { invariant } from './invariant.js'

/** f(-x) = f(x) for all x: the gradient of an even function is odd, ∇f(-x) = -∇f(x), and 0 at 0. */
export const even: FactLaw<true> = (k) => invariant(k, (x) => x.map((v) => -v))
