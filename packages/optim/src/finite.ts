import {
  add,
  all,
  greater,
  isFinite,
  logicalNot,
  logicalOr,
  stack,
  type Tensor,
  tensor,
  tree,
  where,
} from '@cotangent/core'
import { choose, chooseNum } from './numeric.js'
import { noUpdates } from './state.js'
import type { Info, Transform } from './transform.js'

/** Whether every entry of every leaf is finite: a bool scalar. */
export const allFinite = (t: unknown): Tensor => {
  const each = tree.leaves(t).map((x) => all(isFinite(x)))
  return each.length === 0 ? tensor(true) : all(stack(each))
}

/** The report of an update that may not have been made: then the step length is 0. */
export const reportIf = (made: Tensor, info: Info): Info =>
  info.learningRate === undefined ? info : { ...info, learningRate: chooseNum(made, info.learningRate, 0) }

/** State of {@link applyIfFinite}. */
export interface IfFiniteState<S> {
  /** Non-finite gradients in a row, and in all. */
  readonly consecutive: Tensor
  readonly total: Tensor
  readonly inner: S
}

/**
 * The inner transform where the gradient is finite, no update and no change of its state where it is not. After `max`
 * non-finite gradients in a row the next is let through: training that cannot recover should show it.
 *
 * @example
 * const safe = applyIfFinite(sgd({ learningRate: 1 }), { max: 3 })
 * safe.update(tensor([NaN]), safe.init(tensor([0])), { params: tensor([0]) }).updates // => [0]
 */
export const applyIfFinite = <S, C>(
  inner: Transform<S, C>,
  { max }: { readonly max: number },
): Transform<IfFiniteState<S>, C> => ({
  init: (params) => ({ consecutive: noUpdates(), total: noUpdates(), inner: inner.init(params) }),
  update: (grads, state, context) => {
    const finite = allFinite(grads)
    const bad = logicalNot(finite)
    const consecutive = where(finite, 0, add(state.consecutive, 1))
    const made = logicalOr(finite, greater(consecutive, max))
    // What is not used is computed from zeros, so that its derivative is finite too.
    const zeros = tree.map((g: Tensor) => where(made, g, 0), grads) as typeof grads
    const done = inner.update(zeros, state.inner, context)
    const updates = tree.map((u: Tensor) => where(made, u, 0), done.updates) as typeof grads
    return {
      updates,
      state: {
        consecutive,
        total: where(bad, add(state.total, 1), state.total),
        inner: choose(made, done.state, state.inner),
      },
      info: { ...reportIf(made, done.info), finite },
    }
  },
})
