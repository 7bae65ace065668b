import { type Num, type Tensor, where } from '@cotangent/core'
import type { Form, Functional, Traits } from '../functional.js'
import { euclidean, fixedPoint } from './grouped.js'

export type Constraint = Functional & Required<Pick<Functional, 'prox' | 'kkt'>>

/** What a set is told by: membership up to rounding, and the nearest point of it. */
export interface SetRule {
  readonly name: string
  readonly op: string
  readonly convex: boolean
  readonly separable: Traits['separable']
  /** One bool. */
  readonly inside: (x: Tensor) => Tensor
  /** With a metric, if there is a closed form in one. */
  readonly project: (x: Tensor, metric: Tensor | undefined) => Tensor
  /** Of a projection that knows metrics. A set told entry by entry has the same projection in every metric. */
  readonly metrics?: boolean
  readonly conjugate?: Functional
  readonly form?: Form
  readonly traits?: Pick<Traits, 'invariant' | 'shrinks' | 'radial'>
}

/** 0 in the set and ∞ outside. Its prox is the projection, whatever the step; kkt is |x - project(x - g)|. */
export const indicator = (rule: SetRule): Constraint => {
  const prox = (x: Tensor, _: Num, metric?: Tensor): Tensor => {
    if (!rule.metrics) euclidean(rule.op, metric)
    return rule.project(x, metric)
  }
  return {
    name: rule.name,
    traits: {
      convex: rule.convex,
      smooth: false,
      separable: rule.separable,
      indicator: true,
      ...(rule.form === undefined ? {} : { form: rule.form }),
      ...(rule.metrics || rule.separable === 'entry' ? { metric: true } : {}),
      ...rule.traits,
    },
    value: (x) => where(rule.inside(x), 0, Number.POSITIVE_INFINITY),
    prox,
    kkt: fixedPoint(prox),
    ...(rule.conjugate === undefined ? {} : { conjugate: rule.conjugate }),
  }
}
