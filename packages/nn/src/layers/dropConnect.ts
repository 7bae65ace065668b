import { div, type Tensor, tree, where } from '@cotangent/core'
import type { Layer } from '../layer.js'
import { keyOf } from '../path.js'
import { type DropoutOptions, keepMask } from './dropout.js'
import { checkRate, keyFor } from './stochastic.js'

/**
 * Drops each entry of the kernels of a layer with probability `rate` while training, and divides the others by 1 - rate:
 * y = (W∘m/(1 - rate))x. One mask serves the whole batch. Biases, scales and tables stay.
 * Wan et al. 2013, https://proceedings.mlr.press/v28/wan13.html
 *
 * @example
 * const layer = dropConnect(dense(2), { rate: 0.5 })
 * const { params, state } = layer.init(random.key(0), [1, 3])
 * layer.apply(params, state, zeros([1, 3]), { train: false }).y // => [[0, 0]]
 */
export const dropConnect = <P, S>(layer: Layer<P, S>, { rate }: DropoutOptions): Layer<P, S> => {
  const op = 'dropConnect'
  checkRate(op, rate)
  const thinned = (params: P, key: Tensor): P => {
    const paths = tree.paths(params)
    const { leaves, def } = tree.flatten(params)
    return tree.unflatten<P>(
      def,
      leaves.map((leaf, i) => {
        const path = paths[i]!
        if (path.split('/').at(-1) !== 'kernel') return leaf
        return where(keepMask(keyOf(key, path), leaf.shape, rate), div(leaf, 1 - rate), 0)
      }),
    )
  }
  return {
    kind: `dropConnect(${layer.kind ?? 'layer'})`,
    init: (key, inputShape) => layer.init(key, inputShape),
    apply: (params, state, x, context) => {
      const used =
        context.train && rate > 0 ? thinned(params, keyOf(keyFor(op, context), 'dropConnect')) : params
      return layer.apply(used, state, x, context)
    },
  }
}
