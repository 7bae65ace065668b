import {
  abs,
  div,
  equal,
  lessEqual,
  maximum,
  minimum,
  mul,
  type Num,
  sign,
  sqrt,
  square,
  sub,
  type Tensor,
  where,
} from '@cotangent/core'
import { best } from './candidates.js'
import { type EntryRule, type Entrywise, entrywise } from './entrywise.js'
import { minus, over, plus, times } from './scalars.js'
import { above, show, strength } from './strength.js'

/** a/b where b is not 0, and 0 there. */
export const safeRatio = (a: Tensor, b: Num): Tensor => {
  if (typeof b === 'number') return b === 0 ? mul(a, 0) : div(a, b)
  const zero = equal(b, 0)
  return where(zero, 0, div(a, where(zero, 1, b)))
}

/** The rule of {@link mcp}; a strength for each entry is welcome. */
export const mcpRule = (name: string, lambda: Num, gamma: Num): EntryRule => {
  const knee = times(gamma, lambda)
  const value = (x: Tensor): Tensor => {
    const a = abs(x)
    const below = lessEqual(a, knee)
    const inner = minimum(a, knee)
    return where(below, sub(mul(a, lambda), div(square(a), times(gamma, 2))), mul(inner, over(lambda, 2)))
  }
  return {
    name,
    traits: { convex: false, smooth: false, weakConvexity: over(1, gamma) },
    value,
    slope: (x) => mul(sign(x), maximum(sub(lambda, div(abs(x), gamma)), 0)),
    kink: lambda,
    // Quadratic on [0, γλ] and constant from there: a minimum of each piece, or an end of it.
    prox: (x, t) =>
      best(x, t, value, (a) => {
        const inside = safeRatio(sub(a, times(t, lambda)), plus(minus(over(t, gamma)), 1))
        return [mul(a, 0), maximum(minimum(inside, knee), 0), maximum(a, knee)]
      }),
  }
}

/**
 * The largest function below μ·(number of entries that are not 0) that differs from a convex one by ½‖x‖²:
 * r(w) = μ - ½(√(2μ) - |w|)₊². It is {@link mcp} with λ = √(2μ) and γ = 1; from the step 1 on its prox is the hard threshold
 * √(2μt). Carlsson 2019, https://doi.org/10.1007/s10107-018-01349-x
 *
 * @example
 * l0Envelope(0.5).value(tensor([3, 0.5])) // => 0.875
 * l0Envelope(0.5).prox(tensor([1.5, 1.4]), 2) // => [1.5, 0]
 */
export const l0Envelope = (mu: Num): Entrywise => {
  strength('l0Envelope', mu)
  const root = typeof mu === 'number' ? Math.sqrt(2 * mu) : sqrt(mul(mu, 2))
  return entrywise(mcpRule(`l0Envelope(${show(mu)})`, root, 1))
}

/**
 * The minimax concave penalty: r(w) = λ|w| - w²/2γ up to |w| = γλ and γλ²/2 from there, so that large entries are not
 * shrunk. From the step γ on its prox is the hard threshold λ√(tγ). Zhang 2010, https://doi.org/10.1214/09-AOS729
 *
 * @example
 * mcp(1, 3).value(tensor([1, 9])) // => 2.3333
 * mcp(1, 3).prox(tensor([0.5, 2, 4]), 1) // => [0, 1.5, 4]
 * mcp(1, 3).prox(tensor([3, 5]), 5) // => [0, 5]
 */
export const mcp = (lambda: Num, gamma: Num): Entrywise => {
  strength('mcp', lambda)
  above('mcp', 'γ', gamma, 1)
  return entrywise(mcpRule(`mcp(${show(lambda)}, ${show(gamma)})`, lambda, gamma))
}
