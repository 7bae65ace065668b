import {
  add,
  cast,
  cond,
  div,
  greater,
  greaterEqual,
  logicalAnd,
  maximum,
  sub,
  type Tensor,
  tree,
  where,
} from '@cotangent/core'
import { allFinite, reportIf } from './finite.js'
import { noUpdates, zerosLike } from './state.js'
import type { Transform, Updated } from './transform.js'

/** Options of {@link accumulate}. */
export interface AccumulateOptions {
  /** How many gradients make one update. */
  readonly every: number
}

/** State of {@link accumulate}. */
export interface AccumulateState<S> {
  /** Gradients seen since the last update, and how many of them were finite. */
  readonly seen: Tensor
  readonly kept: Tensor
  readonly mean: unknown
  readonly inner: S
}

/**
 * One update of the inner transform from the mean of `every` gradients, and updates of 0 in between. A gradient that is
 * not finite is left out of the mean; if none was finite there is no update. Schedules within count the updates, not the
 * gradients. Between updates nothing of the inner transform is computed but what is read of its report, in which the step
 * length is 0.
 *
 * @example
 * const optimizer = accumulate(sgd({ learningRate: 1 }), { every: 2 })
 * const at = { params: tensor([0]) }
 * const first = optimizer.update(tensor([1]), optimizer.init(tensor([0])), at)
 * first.updates // => [0]
 * optimizer.update(tensor([3]), first.state, at).updates // => [-2]
 */
export const accumulate = <S, C>(
  inner: Transform<S, C>,
  { every }: AccumulateOptions,
): Transform<AccumulateState<S>, C> => ({
  init: (params) => ({
    seen: noUpdates(),
    kept: noUpdates(),
    mean: zerosLike(params),
    inner: inner.init(params),
  }),
  update: (grads, state, context) => {
    const finite = allFinite(grads)
    const seen = add(state.seen, 1)
    const kept = where(finite, add(state.kept, 1), state.kept)
    const share = (m: Tensor, g: Tensor): Tensor =>
      cast(div(sub(where(finite, g, m), m), maximum(kept, 1)), m.dtype)
    const mean = tree.map((m: Tensor, g: Tensor) => add(m, share(m, g)), state.mean, grads) as typeof grads
    const full = greaterEqual(seen, every)
    const made = logicalAnd(full, greater(kept, 0))
    // Everything is handed to the branches: what they would take from around them would be computed there.
    const { params, value, key, ...rest } = context
    const given = {
      mean,
      state: state.inner,
      at: { params, ...(value === undefined ? {} : { value }), ...(key === undefined ? {} : { key }) },
    }
    const run = ({ mean, state, at }: typeof given): Updated<typeof grads, S> =>
      inner.update(mean, state, { ...rest, ...at } as typeof context)
    const { updates, next } = cond(
      made,
      (operands: typeof given) => {
        const done = run(operands)
        return { updates: done.updates, next: done.state }
      },
      ({ mean, state }) => ({ updates: zerosLike(mean) as typeof grads, next: state }),
      given,
    )
    return {
      updates,
      state: {
        seen: where(full, 0, seen),
        kept: where(full, 0, kept),
        mean: tree.map((m: Tensor) => where(full, 0, m), mean),
        inner: next,
      },
      // What of it is not read is not computed in a compiled step.
      info: { ...reportIf(made, run(given).info), made },
    }
  },
})
