import { reshape, type Tensor } from '@cotangent/core'
import { type Empty, type Layer, stateless } from '../layer.js'

/**
 * An element-wise function as a layer.
 *
 * @example
 * activation(relu).apply({}, {}, tensor([-1, 2]), { train: false }).y // => [0, 2]
 */
export const activation = (f: (x: Tensor) => Tensor): Layer<Empty> => ({
  ...stateless((x) => f(x)),
  kind: 'activation',
})

/**
 * All axes behind the batch as one: `[batch, a, b]` to `[batch, a·b]`.
 *
 * @example
 * flatten().apply({}, {}, zeros([5, 8, 8]), { train: false }).y.shape // => [5, 64]
 */
export const flatten = (): Layer<Empty> => {
  const flat = ([batch = 1, ...rest]: readonly number[]) => [batch, rest.reduce((a, b) => a * b, 1)]
  return {
    kind: 'flatten',
    init: (_, inputShape) => ({ params: {}, state: {}, outputShape: flat(inputShape) }),
    apply: (_, state, x) => ({ y: reshape(x, flat(x.shape)), state }),
  }
}
