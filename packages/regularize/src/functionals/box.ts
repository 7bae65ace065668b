import {
  all,
  CotangentError,
  greaterEqual,
  lessEqual,
  logicalAnd,
  maximum,
  minimum,
  mul,
  type Num,
  sum,
} from '@cotangent/core'
import type { Functional } from '../functional.js'
import { type Constraint, indicator } from './indicator.js'
import { show } from './strength.js'

/**
 * The set of x with low ≤ xᵢ ≤ high; the projection clips, in every metric alike. Its conjugate is Σmax(low·yᵢ, high·yᵢ).
 *
 * @example
 * box(-1, 2).prox(tensor([3, -0.5, -4]), 1) // => [2, -0.5, -1]
 * box(-1, 2).value(tensor([0, 2])) // => 0
 */
export const box = (low: Num, high: Num): Constraint => {
  if (
    (typeof low === 'number' && Number.isNaN(low)) ||
    (typeof high === 'number' && Number.isNaN(high)) ||
    (typeof low === 'number' && typeof high === 'number' && low > high)
  )
    throw new CotangentError('Value', `box: from ${low} to ${high} is empty. Give the lower bound first.`, {
      op: 'box',
    })
  const name = `box(${show(low)}, ${show(high)})`
  const support: Functional = {
    name: `${name}*`,
    traits: { convex: true, smooth: false, separable: 'entry', homogeneous: 1 },
    value: (y) => sum(maximum(mul(y, low), mul(y, high))),
  }
  return indicator({
    op: 'box',
    name,
    convex: true,
    separable: 'entry',
    metrics: true,
    traits: {
      invariant: ['permutations'],
      ...(typeof low === 'number' && typeof high === 'number' && low <= 0 && high >= 0
        ? { shrinks: true }
        : {}),
    },
    inside: (x) => all(logicalAnd(greaterEqual(x, low), lessEqual(x, high))),
    project: (x) => maximum(minimum(x, high), low),
    conjugate: support,
  })
}

/**
 * The set of x with xᵢ ≥ 0.
 *
 * @example
 * nonNegative().prox(tensor([3, -0.5]), 1) // => [3, 0]
 */
export const nonNegative = (): Constraint =>
  indicator({
    op: 'nonNegative',
    name: 'nonNegative()',
    convex: true,
    separable: 'entry',
    metrics: true,
    form: { positive: true },
    traits: { shrinks: true, invariant: ['permutations'] },
    inside: (x) => all(greaterEqual(x, 0)),
    project: (x) => maximum(x, 0),
  })
