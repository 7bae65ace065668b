import {
  abs,
  add,
  all,
  CotangentError,
  cumsum,
  lessEqual,
  logicalAnd,
  mul,
  type Num,
  slice,
  sub,
  sum,
  type Tensor,
  where,
} from '@cotangent/core'
import type { Functional } from '../functional.js'
import { euclidean, fixedPoint, type Proximal } from './grouped.js'
import { softThreshold } from './l1.js'
import { times } from './scalars.js'
import { show, strength } from './strength.js'
import { tautString } from './tautString.js'

const signal = (op: string, x: Tensor): Tensor => {
  if (x.rank === 1 && x.size > 0) return x
  throw new CotangentError(
    'Shape',
    `${op}: a tensor of shape [${x.shape}] is not a signal. Give a vector, or map over the rows with vmap.`,
    { op },
  )
}

const variation = (x: Tensor): Tensor => {
  const n = x.size
  return sum(abs(sub(slice(x, [1], [n]), slice(x, [0], [n - 1]))))
}

const SLACK = 1e-9

/**
 * R(x) = λ·Σ|x_{i+1} - xᵢ|, the total variation of a signal: few jumps. The prox is exact, by the taut string. Rudin, Osher
 * & Fatemi 1992; Davies & Kovac 2001, https://doi.org/10.1214/aos/996986501
 *
 * @example
 * tv1d(2).value(tensor([1, 3, 2])) // => 6
 * tv1d(1).prox(tensor([0, 1, 5, 6]), 1) // => [1, 1, 5, 5]
 */
export const tv1d = (lambda: Num): Proximal & Required<Pick<Functional, 'kkt' | 'conjugate'>> => {
  strength('tv1d', lambda)
  const prox = (x: Tensor, step: Num, metric?: Tensor): Tensor => {
    euclidean('tv1d', metric)
    return tautString(signal('tv1d', x), times(step, lambda))
  }
  return {
    name: `tv1d(${show(lambda)})`,
    traits: { convex: true, smooth: false, separable: 'block', homogeneous: 1 },
    value: (x) => mul(variation(signal('tv1d', x)), lambda),
    prox,
    // The running sums of y stay within λ and end at 0.
    conjugate: {
      name: `tv1d(${show(lambda)})*`,
      traits: { convex: true, smooth: false, separable: 'block', indicator: true },
      value: (y) => {
        const inside = all(lessEqual(abs(cumsum(y)), times(lambda, 1 + SLACK)))
        const closes = lessEqual(abs(sum(y)), SLACK)
        return where(logicalAnd(inside, closes), 0, Number.POSITIVE_INFINITY)
      },
    },
    kkt: fixedPoint(prox),
  }
}

/**
 * R(x) = λ₁·Σ|xᵢ| + λ₂·Σ|x_{i+1} - xᵢ|. Its prox is that of the variation and then the soft threshold, which is exact in
 * this order. Tibshirani et al. 2005, https://doi.org/10.1111/j.1467-9868.2005.00490.x; Friedman et al. 2007.
 *
 * @example
 * fusedLasso(1, 1).prox(tensor([0, 1, 5, 6]), 1) // => [0, 0, 4, 4]
 */
export const fusedLasso = (lambda1: Num, lambda2: Num): Proximal & Required<Pick<Functional, 'kkt'>> => {
  strength('fusedLasso', lambda1)
  strength('fusedLasso', lambda2)
  const prox = (x: Tensor, step: Num, metric?: Tensor): Tensor => {
    euclidean('fusedLasso', metric)
    return softThreshold(tautString(signal('fusedLasso', x), times(step, lambda2)), times(step, lambda1))
  }
  return {
    name: `fusedLasso(${show(lambda1)}, ${show(lambda2)})`,
    traits: { convex: true, smooth: false, separable: 'block', homogeneous: 1 },
    value: (x) => add(mul(sum(abs(x)), lambda1), mul(variation(signal('fusedLasso', x)), lambda2)),
    prox,
    kkt: fixedPoint(prox),
  }
}
