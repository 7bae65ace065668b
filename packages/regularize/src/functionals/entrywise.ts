import { abs, add, div, equal, maximum, type Num, neg, sub, sum, type Tensor, where } from '@cotangent/core'
import type { Functional, Traits } from '../functional.js'

/** A functional that is r(x₁) + r(x₂) + …, told by r; every function works entry by entry. */
export interface EntryRule {
  readonly name: string
  readonly traits: Omit<Traits, 'separable'>
  /** r(-w) = r(w), the same r for all entries. Default true. */
  readonly even?: boolean
  readonly value: (x: Tensor) => Tensor
  /** r'(x) where x is not 0. */
  readonly slope: (x: Tensor) => Tensor
  /** r'(0+): the subdifferential at 0 is [-kink, kink]. 0 for a function that is smooth there; it may be infinite. */
  readonly kink: Num
  /** argmin_z t·r(z) + ½(z - x)², with t for all entries or for each. */
  readonly prox: (x: Tensor, t: Num) => Tensor
  readonly conjugate?: Functional
}

export type Entrywise = Functional & Required<Pick<Functional, 'prox' | 'kkt'>>

/** The functional of a rule. A diagonal metric d is the step t/dᵢ at entry i. */
export const entrywise = ({
  name,
  traits,
  even = true,
  value,
  slope,
  kink,
  prox,
  conjugate,
}: EntryRule): Entrywise => ({
  name,
  traits: {
    metric: true,
    ...(even ? { invariant: ['signs', 'permutations'] } : {}),
    ...(even ? { shrinks: true } : {}),
    ...traits,
    separable: 'entry',
  },
  value: (x) => sum(value(x)),
  prox: (x, step, metric) => prox(x, metric === undefined ? step : div(step, metric)),
  ...(conjugate === undefined ? {} : { conjugate }),
  kkt: (x, grad) => {
    const elsewhere = abs(add(grad, slope(x)))
    if (kink === 0) return elsewhere
    // Under an infinite slope 0 is stationary whatever the gradient: what would move it is the prox.
    const atZero =
      kink === Number.POSITIVE_INFINITY ? abs(prox(neg(grad), 1)) : maximum(sub(abs(grad), kink), 0)
    return where(equal(x, 0), atZero, elsewhere)
  },
})
