import {
  abs,
  add,
  CotangentError,
  div,
  less,
  max,
  maximum,
  mul,
  type Num,
  sign,
  square,
  sub,
  type Tensor,
  where,
} from '@cotangent/core'
import { type Entrywise, entrywise } from './entrywise.js'
import { l1, softThreshold } from './l1.js'
import { l2 } from './l2.js'
import { minus, plus, times } from './scalars.js'
import { show, strength } from './strength.js'

// Σ(|yᵢ| - a)₊²/2b, whose prox leaves [-a, a] alone and pulls the rest towards it.
const conjugateOf = (name: string, a: Num, b: Num): Entrywise =>
  entrywise({
    name: `${name}*`,
    traits: { convex: true, smooth: true },
    value: (y) => div(square(maximum(sub(abs(y), a), 0)), times(b, 2)),
    slope: (y) => div(mul(sign(y), maximum(sub(abs(y), a), 0)), b),
    kink: 0,
    prox: (y, t) => {
      const size = abs(y)
      return where(less(size, a), y, div(mul(sign(y), add(mul(size, b), times(t, a))), plus(t, b)))
    },
  })

/**
 * R(x) = λ·Σ(ρ|xᵢ| + (1-ρ)/2·xᵢ²), ρ = 1 being {@link l1} and ρ = 0 {@link l2}. Its prox is
 * S(x, tλρ)/(1 + tλ(1-ρ)); the least λ that keeps 0 is max|gradient|/ρ. Zou & Hastie 2005, https://doi.org/10.1111/j.1467-9868.2005.00503.x
 *
 * @example
 * elasticNet(1, 0.5).value(tensor([3, -1])) // => 4.5
 * elasticNet(1, 0.5).prox(tensor([3, -1, 0.25]), 2) // => [1, 0, 0]
 */
export const elasticNet = (lambda: Num, rho: Num): Entrywise => {
  strength('elasticNet', lambda)
  if (typeof rho === 'number' && !(rho >= 0 && rho <= 1))
    throw new CotangentError('Value', `elasticNet: ρ is ${rho}. Give a number from 0 to 1.`, {
      op: 'elasticNet',
    })
  const name = `elasticNet(${show(lambda)}, ${show(rho)})`
  const [a, b] = [times(lambda, rho), times(lambda, plus(minus(rho), 1))]
  const conjugate = b === 0 ? l1(lambda).conjugate : a === 0 ? l2(b).conjugate : conjugateOf(name, a, b)
  const dualNorm = (y: Tensor): Tensor => div(max(abs(y)), rho)
  const net = entrywise({
    name,
    traits: { convex: true, smooth: rho === 0, form: { l1: a, l2: b } },
    value: (x) => add(mul(abs(x), a), mul(square(x), times(b, 0.5))),
    slope: (x) => add(mul(sign(x), a), mul(x, b)),
    kink: a,
    prox: (x, t) => div(softThreshold(x, times(t, a)), plus(times(t, b), 1)),
    ...(conjugate === undefined ? {} : { conjugate }),
  })
  // Without an l1 part no λ keeps 0.
  return rho === 0 ? net : { ...net, dualNorm }
}
