import { abs, CotangentError, div, equal, max, type Num, sub, sum, type Tensor, where } from '@cotangent/core'
import type { Functional, Traits } from '../functional.js'
import { type GroupOptions, layout, weightsOf } from './groups.js'

/** A functional of groups, told on the matrix whose rows they are; ω is the column of their weights. */
export interface GroupRule {
  readonly name: string
  readonly op: string
  readonly traits: Omit<Traits, 'separable'>
  /** One value for each row. */
  readonly value: (rows: Tensor, omega: Tensor) => Tensor
  readonly prox?: (rows: Tensor, step: Num, omega: Tensor, metric: Tensor | undefined) => Tensor
  readonly kkt?: (rows: Tensor, grad: Tensor, omega: Tensor) => Tensor
  readonly conjugate?: Functional
  /** One value for each row; rows of weight 0 are left out. */
  readonly dualNorm?: (rows: Tensor, omega: Tensor) => Tensor
}

export type Proximal = Functional & Required<Pick<Functional, 'prox'>>

/** |x - prox(x - g)|, which is 0 where x is stationary: for subdifferentials whose distance has no closed form. */
export const fixedPoint =
  (prox: (x: Tensor, step: Num) => Tensor) =>
  (x: Tensor, grad: Tensor): Tensor =>
    abs(sub(x, prox(sub(x, grad), 1)))

/** Refuses a metric in which there is no closed form. */
export const euclidean = (name: string, metric: Tensor | undefined): void => {
  if (metric !== undefined)
    throw new CotangentError(
      'Value',
      `${name}: the prox in a metric is not known in closed form. Leave the metric out (mode 'decoupled').`,
      { op: name },
    )
}

export const grouped = (rule: GroupRule, { groups, weights = 'size' }: GroupOptions): Functional => {
  const { name, op, traits, value, conjugate } = rule
  const bind = (x: Tensor) => {
    const at = layout(op, groups, x.shape)
    return { at, omega: weightsOf(op, weights, at, x) }
  }
  const prox: Proximal['prox'] | undefined =
    rule.prox === undefined
      ? undefined
      : (x, step, metric) => {
          const { at, omega } = bind(x)
          return at.back(rule.prox!(at.rows(x), step, omega, metric && at.rows(metric, 'own')))
        }
  const { kkt, dualNorm } = rule
  return {
    name,
    traits: { invariant: ['signs'], ...traits, separable: 'block' },
    value: (x) => {
      const { at, omega } = bind(x)
      return sum(value(at.rows(x), omega))
    },
    ...(prox === undefined ? {} : { prox }),
    ...(conjugate === undefined ? {} : { conjugate }),
    ...(dualNorm === undefined
      ? {}
      : {
          dualNorm: (y) => {
            const { at, omega } = bind(y)
            const free = equal(omega, 0)
            return max(where(free, 0, div(dualNorm(at.rows(y), omega), where(free, 1, omega))))
          },
        }),
    ...(kkt !== undefined
      ? {
          kkt: (x, grad) => {
            const { at, omega } = bind(x)
            return kkt(at.rows(x), at.rows(grad), omega)
          },
        }
      : prox === undefined
        ? {}
        : { kkt: fixedPoint(prox) }),
  }
}

/** The same of a rule that has a prox. */
export const groupedProx = (
  rule: GroupRule & Required<Pick<GroupRule, 'prox'>>,
  options: GroupOptions,
): Functional & Required<Pick<Functional, 'prox' | 'kkt'>> =>
  grouped(rule, options) as Functional & Required<Pick<Functional, 'prox' | 'kkt'>>
