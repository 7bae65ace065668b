import { add, cast, div, equal, mod, sub, type Tensor, tree, where } from '@cotangent/core'
import { type Hyper, hyper, like } from './hyper.js'
import { average, correction, scaled } from './numeric.js'
import { noUpdates, zerosLike } from './state.js'
import type { Transform } from './transform.js'

/** Options of {@link lookahead}. */
export interface LookaheadOptions {
  /** Fast steps per slow one. Default 5. */
  readonly every?: number
  /** How far the slow weights go towards the fast ones. Default 0.5. */
  readonly slow?: Hyper
}

/** State of {@link lookahead}. */
export interface LookaheadState<S> {
  readonly count: Tensor
  readonly slow: unknown
  readonly inner: S
}

/**
 * The inner optimiser, and after every k-th step slow ← slow + α(fast - slow) and fast ← slow. The context passes to the
 * inner one as it is. Zhang et al. 2019, https://arxiv.org/abs/1907.08610
 *
 * @example
 * const optimizer = lookahead(sgd({ learningRate: 1 }), { every: 1, slow: 0.5 })
 * optimizer.update(tensor([2]), optimizer.init(tensor([0])), { params: tensor([0]) }).updates // => [-1]
 */
export const lookahead = <S, C>(
  inner: Transform<S, C>,
  { every = 5, slow = 0.5 }: LookaheadOptions = {},
): Transform<LookaheadState<S>, C> => ({
  init: (params) => ({
    count: noUpdates(),
    slow: tree.map((p: Tensor) => p, params),
    inner: inner.init(params),
  }),
  update: (grads, state, context) => {
    const done = inner.update(grads, state.inner, context)
    const count = add(state.count, 1)
    const alpha = hyper(slow, state.count)
    const meets = equal(mod(count, every), 0)
    const next = tree.map(
      (s: Tensor, p: Tensor, u: Tensor) => where(meets, add(s, scaled(sub(add(p, u), s), alpha)), s),
      state.slow,
      context.params,
      done.updates,
    )
    const updates = tree.map(
      (u: Tensor, s: Tensor, p: Tensor) => where(meets, sub(s, p), u),
      done.updates,
      next,
      context.params,
    ) as typeof grads
    const values = { ...done.info.hyper, slow: alpha }
    return { updates, state: { count, slow: next, inner: done.state }, info: { ...done.info, hyper: values } }
  },
})

/** State of {@link ema}. */
export interface EmaState {
  readonly count: Tensor
  readonly mean: unknown
}

/**
 * Leaves the updates as they are and reports as `info.average` the exponential mean of the parameters after them,
 * ā ← d·ā + (1-d)·(p + u), divided by 1 - dᵗ. Put it last in a chain. Polyak & Juditsky 1992,
 * https://doi.org/10.1137/0330046
 *
 * @example
 * const optimizer = chain(sgd({ learningRate: 1 }), ema(0.5))
 * optimizer.update(tensor([2]), optimizer.init(tensor([3])), { params: tensor([3]) }).info.average // => [1]
 */
export const ema = (decay: Hyper): Transform<EmaState> => ({
  init: (params) => ({ count: noUpdates(), mean: zerosLike(params) }),
  update: (grads, state, { params }) => {
    const d = hyper(decay, state.count)
    const count = add(state.count, 1)
    const mean = tree.map(
      (m: Tensor, p: Tensor, u: Tensor) => average(d, m, add(p, u)),
      state.mean,
      params,
      grads,
    )
    const c = correction(d, cast(count, 'float64'))
    const corrected = tree.map((m: Tensor) => div(m, like(c, m)), mean)
    return { updates: grads, state: { count, mean }, info: { average: corrected, hyper: { decay: d } } }
  },
})
