import { add, mul, type Tensor, tree } from '@cotangent/core'
import { type Hyper, hyper, like } from './hyper.js'
import { descend } from './learningRate.js'
import { noUpdates, zerosLike } from './state.js'
import type { Transform } from './transform.js'

/** Options of {@link sgd}. */
export interface SgdOptions {
  readonly learningRate: Hyper
  /** Default: none. */
  readonly momentum?: Hyper
  /** Looks ahead along the momentum. Default false. */
  readonly nesterov?: boolean
}

/** How many updates were made, and the running sum of gradients if there is momentum. */
export interface SgdState {
  readonly count: Tensor
  readonly momentum: unknown
}

/**
 * Gradient descent: b ← μ·b + g, update = -η·b; with `nesterov` -η·(g + μ·b). As in PyTorch with dampening 0.
 * Sutskever et al. 2013, https://proceedings.mlr.press/v28/sutskever13.html
 *
 * @example
 * const optimizer = sgd({ learningRate: 0.1, momentum: 0.9 })
 * optimizer.update(tensor([2]), optimizer.init(tensor([1])), { params: tensor([1]) }).updates // => [-0.2]
 */
export const sgd = ({ learningRate, momentum, nesterov = false }: SgdOptions): Transform<SgdState> => ({
  init: (params) => ({ count: noUpdates(), momentum: momentum === undefined ? [] : zerosLike(params) }),
  update: (grads, { count, momentum: before }) => {
    const eta = hyper(learningRate, count)
    const next = add(count, 1)
    const info = { learningRate: eta, count, hyper: { learningRate: eta } }
    if (momentum === undefined)
      return { updates: descend(grads, eta), state: { count: next, momentum: [] }, info }
    const mu = hyper(momentum, count)
    const along = (b: Tensor, g: Tensor) => add(mul(b, like(mu, b)), g)
    const sum = tree.map(along, before, grads)
    const direction = nesterov ? tree.map(along, sum, grads) : sum
    return {
      updates: descend(direction, eta) as typeof grads,
      state: { count: next, momentum: sum },
      info: { ...info, hyper: { learningRate: eta, momentum: mu } },
    }
  },
})
