import {
  abs,
  div,
  lessEqual,
  maximum,
  minimum,
  mul,
  type Num,
  sign,
  square,
  sub,
  type Tensor,
  where,
} from '@cotangent/core'
import { best } from './candidates.js'
import { type EntryRule, type Entrywise, entrywise } from './entrywise.js'
import { safeRatio } from './mcp.js'
import { minus, over, plus, times } from './scalars.js'
import { above, show, strength } from './strength.js'

/** The rule of {@link scad}; a strength for each entry is welcome. */
export const scadRule = (name: string, lambda: Num, a: Num): EntryRule => {
  const knee = times(a, lambda)
  const down = plus(a, -1)
  const value = (x: Tensor): Tensor => {
    const size = abs(x)
    // λ|w| less what the slope has lost since λ: ((min(|w|, aλ) - λ)₊)²/2(a-1), and linear terms beyond aλ.
    const bent = maximum(sub(minimum(size, knee), lambda), 0)
    return sub(mul(minimum(size, knee), lambda), div(square(bent), times(down, 2)))
  }
  return {
    name,
    traits: { convex: false, smooth: false, weakConvexity: over(1, down) },
    value,
    slope: (x) => {
      const size = abs(x)
      const bent = div(maximum(sub(knee, size), 0), down)
      return mul(sign(x), where(lessEqual(size, lambda), lambda, bent))
    },
    kink: lambda,
    // Three pieces, the middle one concave from the step a - 1 on: the ends of it belong to the others.
    prox: (x, t) =>
      best(x, t, value, (size) => {
        const soft = maximum(minimum(sub(size, times(t, lambda)), lambda), 0)
        const top = sub(mul(size, down), times(times(t, lambda), a))
        const middle = safeRatio(top, plus(down, minus(t)))
        return [soft, maximum(minimum(middle, knee), lambda), maximum(size, knee)]
      }),
  }
}

/**
 * The smoothly clipped absolute deviation: λ|w| up to λ, then a parabola, constant λ²(a+1)/2 from aλ on; 3.7 is the
 * usual a. Its prox compares the pieces, so that it holds for every step. Fan & Li 2001,
 * https://doi.org/10.1198/016214501753382273
 *
 * @example
 * scad(1, 3.7).value(tensor([0.5, 9])) // => 2.85
 * scad(1, 3.7).prox(tensor([1.5, 4, 0.5]), 1) // => [0.5, 4, 0]
 * scad(1, 3.7).prox(tensor([4]), 3) // => [4]
 */
export const scad = (lambda: Num, a: Num): Entrywise => {
  strength('scad', lambda)
  above('scad', 'a', a, 2)
  return entrywise(scadRule(`scad(${show(lambda)}, ${show(a)})`, lambda, a))
}
