import { add, CotangentError, type Num, Tensor, tree } from '@cotangent/core'
import type { ProximalPlan } from '../step.js'

/** A penalty bound to parameters, as `plan` of `@cotangent/regularize` makes them. */
export interface BoundPenalty extends ProximalPlan {
  /** Terms that are added to the loss. */
  smooth?(params: unknown): Tensor
  /** All terms together. */
  value?(params: unknown): Tensor
}

/** A penalty of one tensor, as the functionals of `@cotangent/regularize` are. */
export interface TensorPenalty {
  readonly name?: string
  readonly traits: { readonly convex: boolean }
  value(x: Tensor): Tensor
  prox?(x: Tensor, step: Num): Tensor
}

/** What solvers take for a penalty. */
export type SolverPenalty = BoundPenalty | TensorPenalty

/** A penalty as solvers use it. */
export interface Simple {
  /** Added to the loss; undefined where there is nothing. */
  readonly smooth: ((params: unknown) => Tensor) | undefined
  readonly prox: <P>(params: P, step: number) => P
}

const isFunctional = (x: SolverPenalty): x is TensorPenalty => 'traits' in x

const ofTensor = (op: string, penalty: TensorPenalty, params: unknown, convex: boolean): Simple => {
  const name = penalty.name ?? 'the penalty'
  const { prox } = penalty
  if (!(params instanceof Tensor))
    throw new CotangentError(
      'Tree',
      `${op}: ${name} is of one tensor, and the parameters are ${tree.leaves(params).length} in a tree. Bind it: plan(penalty, params).`,
      { op },
    )
  if (convex && !penalty.traits.convex)
    throw new CotangentError(
      'Value',
      `${op}: ${name} is not convex, and this solver needs it to be. Use proximalGradient, which finds a stationary point.`,
      { op },
    )
  if (prox === undefined)
    throw new CotangentError(
      'Value',
      `${op}: ${name} has no prox. Give it one, or add its value to the loss if it is smooth.`,
      { op },
    )
  return { smooth: undefined, prox: <P>(x: P, step: number) => prox(x as Tensor, step) as P }
}

const bound = (penalty: BoundPenalty): Simple => ({
  smooth: penalty.smooth && ((params) => penalty.smooth!(params)),
  prox: (params, step) => {
    const near = penalty.prox(params, { lr: step })
    return penalty.project === undefined ? near : penalty.project(near)
  },
})

/** Reads a penalty; refuses one that the solver cannot take. */
export const simple = (
  op: string,
  penalty: SolverPenalty | undefined,
  params: unknown,
  convex: boolean,
): Simple => {
  if (penalty === undefined) return { smooth: undefined, prox: (x) => x }
  return isFunctional(penalty) ? ofTensor(op, penalty, params, convex) : bound(penalty)
}

/** The loss with what of the penalty is added to it. */
export const smoothPart =
  <P>(loss: (params: P) => Tensor, penalties: readonly Simple[]) =>
  (params: P): Tensor =>
    penalties.reduce(
      (total, { smooth }) => (smooth === undefined ? total : add(total, smooth(params))),
      loss(params),
    )
