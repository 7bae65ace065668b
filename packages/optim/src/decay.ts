import { add, type Tensor, tree } from '@cotangent/core'
import { type Hyper, hyper } from './hyper.js'
import { scaled } from './numeric.js'
import { chosen, type On } from './select.js'
import { noUpdates } from './state.js'
import type { Transform } from './transform.js'

/**
 * g + λp. After the scaling of an optimiser it is decoupled weight decay, before it the gradient of ½λ‖p‖²: where it
 * stands in the chain says which. `on` chooses the parameters; without it all.
 *
 * @example
 * const decay = addDecayedWeights(0.5, { on: (path: string) => path !== 'b' })
 * const p = { w: tensor([2]), b: tensor([4]) }
 * decay.update({ w: tensor([1]), b: tensor([1]) }, decay.init(p), { params: p }).updates.w // => [2]
 * decay.update({ w: tensor([1]), b: tensor([1]) }, decay.init(p), { params: p }).updates.b // => [1]
 */
export const addDecayedWeights = (
  weightDecay: Hyper,
  { on = () => true }: { readonly on?: On } = {},
): Transform<{ readonly count: Tensor }> => ({
  init: () => ({ count: noUpdates() }),
  update: (grads, { count }, { params }) => {
    const lambda = hyper(weightDecay, count)
    const decays = chosen(on, params)
    let i = 0
    const updates = tree.map(
      (g: Tensor, p: Tensor) => (decays[i++] ? add(g, scaled(p, lambda)) : g),
      grads,
      params,
    ) as typeof grads
    return { updates, state: { count: add(count, 1) }, info: { hyper: { weightDecay: lambda } } }
  },
})
