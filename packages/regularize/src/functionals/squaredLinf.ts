import {
  abs,
  max,
  maximum,
  minimum,
  mul,
  type Num,
  neg,
  onesLike,
  reshape,
  square,
  sum,
  type Tensor,
} from '@cotangent/core'
import type { Functional } from '../functional.js'
import { euclidean, fixedPoint } from './grouped.js'
import { largestPrefixRatio } from './prefix.js'
import { over, times } from './scalars.js'

/**
 * λ/2·(max|xᵢ|)². The prox clips |x| at the c with Σ(|xᵢ| - c)₊ = tλ·c; the conjugate is (Σ|yᵢ|)²/2λ.
 */
export const squaredLinf = (lambda: Num) => {
  const prox = (x: Tensor, step: Num, metric?: Tensor): Tensor => {
    euclidean('squaredLinf', metric)
    const a = reshape(abs(x), [x.size])
    const c = reshape(largestPrefixRatio(a, a, onesLike(a), { bottom: times(step, lambda) }), [])
    return maximum(minimum(x, c), neg(c))
  }
  const conjugate: Functional = {
    name: 'squaredLinf*',
    traits: { convex: true, smooth: false, separable: 'block', homogeneous: 2 },
    value: (y) => mul(square(sum(abs(y))), over(0.5, lambda)),
  }
  return {
    name: 'squaredLinf',
    traits: { convex: true, smooth: false, separable: 'block', homogeneous: 2 },
    value: (x: Tensor): Tensor => mul(square(max(abs(x))), times(lambda, 0.5)),
    prox,
    kkt: fixedPoint(prox),
    ...(lambda === 0 ? {} : { conjugate }),
  } satisfies Functional
}
