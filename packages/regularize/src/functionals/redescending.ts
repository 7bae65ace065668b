import { add, div, exp, expm1, log1p, mul, type Num, neg, square, sub, type Tensor } from '@cotangent/core'
import { type Derivatives, smoothProx } from './candidates.js'
import { type Entrywise, entrywise } from './entrywise.js'
import { over, times } from './scalars.js'
import { above, show, strength } from './strength.js'

const redescending = (
  op: string,
  lambda: Num,
  sigma: Num,
  weakConvexity: number,
  { value, slope, curvature }: Derivatives,
): Entrywise => {
  strength(op, lambda)
  above(op, 'σ', sigma, 0)
  return entrywise({
    name: `${op}(${show(lambda)}, ${show(sigma)})`,
    traits: {
      convex: false,
      smooth: true,
      weakConvexity: times(over(lambda, times(sigma, sigma)), weakConvexity),
    },
    value,
    slope,
    kink: 0,
    prox: (x, t) => smoothProx(x, t, { value, slope, curvature }),
  })
}

/**
 * R(x) = λ·Σlog(1 + (xᵢ/σ)²), the negative logarithm of a Cauchy density: smooth, and large entries are hardly shrunk.
 * Its prox is the best root of a cubic.
 *
 * @example
 * cauchy(1, 1).value(tensor([1, 0])) // => 0.6931
 * cauchy(1, 1).prox(tensor([2, 0]), 1) // => [1, 0]
 */
export const cauchy = (lambda: Num, sigma: Num): Entrywise => {
  const s2 = times(sigma, sigma)
  const down = (x: Tensor): Tensor => add(square(x), s2)
  return redescending('cauchy', lambda, sigma, 1 / 4, {
    value: (x) => mul(log1p(div(square(x), s2)), lambda),
    slope: (x) => div(mul(x, times(lambda, 2)), down(x)),
    curvature: (x) => div(mul(sub(s2, square(x)), times(lambda, 2)), square(down(x))),
  })
}

/**
 * R(x) = λ·Σ(1 - e^{-(xᵢ/σ)²}): smooth and bounded, so that large entries are left alone. Dennis & Welsch 1978,
 * https://doi.org/10.1080/03610917808812083
 *
 * @example
 * welsch(1, 1).value(tensor([1, 0])) // => 0.6321
 * welsch(1, 1).prox(tensor([0.3, 4]), 1) // => [0.1007, 4]
 */
export const welsch = (lambda: Num, sigma: Num): Entrywise => {
  const s2 = times(sigma, sigma)
  const scaled = (x: Tensor): Tensor => neg(div(square(x), s2))
  const twice = over(times(lambda, 2), s2)
  return redescending('welsch', lambda, sigma, 4 * Math.exp(-3 / 2), {
    value: (x) => mul(neg(expm1(scaled(x))), lambda),
    slope: (x) => mul(mul(x, exp(scaled(x))), twice),
    curvature: (x) => mul(mul(add(mul(scaled(x), 2), 1), exp(scaled(x))), twice),
  })
}
