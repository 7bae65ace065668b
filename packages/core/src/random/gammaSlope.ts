import { scan } from '../control/scan.js'
import { add, constantLike, div, less, max, mul, neg, shift, square, sub } from '../primitives/arithmetic.js'
import { zerosLike } from '../primitives/define.js'
import { digamma, exp, expm1, log, log1p, sqrt } from '../primitives/elementary.js'
import { convert, select, stopGradient } from '../primitives/passing.js'
import { spread } from '../primitives/structural.js'
import { fromData, type Tensor } from '../tensor.js'

// A gamma sample x moves with its parameter a so that its probability level F(a, x) stays: implicit
// reparameterisation, dx/da = -(∂F/∂a)/f (Figurnov, Mohamed and Mnih, "Implicit Reparameterization Gradients", 2018).
// With ∂ log f(t)/∂a = log t - ψ(a) that is an integral of f(t)/f(x) (log t - ψ(a)) over t on either side of x. On the
// side that leads away from the mode the density only falls:
//
//   x < a, t = x e⁻ᵛ:     d log x/da = -∫₀^∞ exp(-a v + x (1 - e⁻ᵛ)) (log x - v - ψ(a)) dv
//   otherwise t = x (1 + v):         = ∫₀^∞ exp((a - 1) log(1 + v) - x v) (log x + log(1 + v) - ψ(a)) dv
//
// The double-exponential rule v = σ exp(u - e⁻ᵘ) integrates that from any scale σ (Takahasi and Mori, 1974), and as
// the integral is written with operations on tensors, so are its derivatives.

const STEP = 0.125
const [FROM, TO] = [-3.5, 18]
const us = Float64Array.from({ length: Math.round((TO - FROM) / STEP) + 1 }, (_, i) => FROM + i * STEP)
const points = us.map((u) => Math.exp(u - Math.exp(-u)))
const weights = us.map((u, i) => points[i]! * (1 + Math.exp(-u)) * STEP)

/** d log x/da of a gamma sample x with parameter a, in the shape of both; computed in float64. */
export const logGammaSlope = (alpha: Tensor, sample: Tensor): Tensor => {
  const a = convert(alpha, 'float64')
  const x = max(convert(sample, 'float64'), constantLike(1e-300, a))
  const below = less(x, a)
  // Where the exponent has fallen by about 1, from its slope and its curvature at v = 0.
  const slope = select(below, sub(a, x), shift(sub(x, a), 1))
  const curvature = select(below, x, a)
  const scale = stopGradient(
    div(constantLike(2, a), add(slope, sqrt(add(square(slope), add(curvature, curvature))))),
  )
  const height = sub(log(x), digamma(a))
  const [total] = scan(
    (sum: Tensor, [point, weight]: readonly [Tensor, Tensor]) => {
      const v = mul(scale, spread(point, a.shape))
      const logT = select(below, neg(v), log1p(v))
      const exponent = select(
        below,
        sub(mul(a, logT), mul(x, expm1(neg(v)))),
        sub(mul(shift(a, -1), logT), mul(x, v)),
      )
      const term = mul(exp(exponent), add(height, logT))
      return [add(sum, mul(term, mul(scale, spread(weight, a.shape)))), []] as const
    },
    zerosLike(a),
    [fromData(points, [us.length], 'float64'), fromData(weights, [us.length], 'float64')] as const,
  )
  return convert(select(below, neg(total), total), alpha.dtype)
}
