import {
  abs,
  add,
  div,
  equal,
  max,
  maximum,
  minimum,
  mul,
  type Num,
  sign,
  sub,
  sum,
  type Tensor,
  where,
} from '@cotangent/core'
import type { Functional, Traits } from '../functional.js'
import { linfBall } from './balls.js'
import { minus, times } from './scalars.js'
import { show, strength } from './strength.js'

/** x moved towards 0 by `threshold` and no further: S(x, t) = x - clip(x, -t, t), exactly 0 where |x| ≤ t. */
export const softThreshold = (x: Tensor, threshold: Num): Tensor =>
  sub(x, maximum(minimum(x, threshold), minus(threshold)))

const EVEN: Traits = {
  convex: true,
  smooth: false,
  separable: 'entry',
  homogeneous: 1,
  metric: true,
  shrinks: true,
  invariant: ['signs', 'permutations'],
}

/**
 * R(x) = λ·Σ|xᵢ|, with gradient 0 where xᵢ = 0. Its prox is the soft threshold S(x, step·λ/d).
 * Tibshirani 1996, https://doi.org/10.1111/j.2517-6161.1996.tb02080.x
 *
 * @example
 * l1(0.5).value(tensor([3, -1])) // => 2
 * l1(0.5).prox(tensor([3, -1, 0.25]), 1) // => [2.5, -0.5, 0]
 * l1(0.5).prox(tensor([3, -1, 0.25]), 1, tensor([1, 0.5, 2])) // => [2.5, 0, 0]
 */
export const l1 = (lambda: Num): Required<Functional> => {
  strength('l1', lambda)
  return {
    name: `l1(${show(lambda)})`,
    traits: { ...EVEN, form: { l1: lambda } },
    value: (x) => mul(sum(abs(x)), lambda),
    prox: (x, step, metric) => {
      const t = times(step, lambda)
      return softThreshold(x, metric === undefined ? t : div(t, metric))
    },
    conjugate: linfBall(lambda),
    dualNorm: (y) => max(abs(y)),
    kkt: (x, grad) => {
      const atZero = maximum(sub(abs(grad), lambda), 0)
      const elsewhere = abs(add(grad, mul(sign(x), lambda)))
      return where(equal(x, 0), atZero, elsewhere)
    },
  }
}
