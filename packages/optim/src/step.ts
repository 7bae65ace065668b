import { add, cast, type Num, type Tensor, tree } from '@cotangent/core'
import type { Info, Transform, UpdateContext } from './transform.js'

/** What {@link step} needs of a penalty's plan; `plan(...)` of `@cotangent/regularize` is one. */
export interface ProximalPlan {
  prox<P>(params: P, at: { readonly lr?: Num; readonly metric?: unknown; readonly step?: Num }): P
  project?<P>(params: P): P
}

/** What {@link step} may be given beside the gradient: all that a transform may look at, and a plan of penalties. */
export interface StepContext extends Omit<UpdateContext, 'params'> {
  /** Its proximal terms and constraints are applied after the update. */
  readonly plan?: ProximalPlan
  /** The time of scheduled penalties. Default: the updates made so far. */
  readonly step?: Num
}

// The context may be left out unless the optimiser needs something of it.
type Given<C> = unknown extends C ? [context?: StepContext] : [context: StepContext & C]

/**
 * Parameters plus updates; the dtypes of the parameters stay.
 *
 * @example
 * applyUpdates({ w: tensor([1, 2]) }, { w: tensor([0.5, -1]) }).w // => [1.5, 1]
 */
export const applyUpdates = <P>(params: P, updates: unknown): P =>
  tree.map(
    (p: Tensor, u: Tensor) => (u.dtype === p.dtype ? add(p, u) : cast(add(p, u), p.dtype)),
    params,
    updates,
  ) as P

/**
 * One step: the optimiser's update, then the proximal operator of the plan's terms in the optimiser's own metric, then
 * the plan's projections. With that metric the limit solves the penalised problem, zeros included (Yun, Lozano, Yang
 * 2021, https://arxiv.org/abs/2011.10042).
 *
 * @example
 * const optimizer = sgd({ learningRate: 0.5 })
 * const params = { w: tensor([1, 2]) }
 * step(optimizer, params, { w: tensor([2, 2]) }, optimizer.init(params)).params.w // => [0, 1]
 */
export const step = <P, S, C = unknown>(
  optimizer: Transform<S, C>,
  params: P,
  grads: unknown,
  state: S,
  ...given: Given<C>
): { readonly params: P; readonly state: S; readonly info: Info } => {
  const context: StepContext = given[0] ?? {}
  const {
    updates,
    state: next,
    info,
  } = optimizer.update(grads, state, {
    ...context,
    params,
  } as UpdateContext & C)
  const moved = applyUpdates(params, updates)
  const { plan } = context
  if (plan === undefined) return { params: moved, state: next, info }
  const time = context.step ?? info.count
  const near = plan.prox(moved, {
    ...(info.learningRate === undefined ? {} : { lr: info.learningRate }),
    ...(info.metric === undefined ? {} : { metric: info.metric }),
    ...(time === undefined ? {} : { step: time }),
  })
  return { params: plan.project === undefined ? near : plan.project(near), state: next, info }
}
