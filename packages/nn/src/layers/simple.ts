import { CotangentError, div, less, random, reshape, type Tensor, where } from '@cotangent/core'
import { type Empty, type Layer, stateless } from '../layer.js'

/**
 * An element-wise function as a layer.
 *
 * @example
 * activation(relu).apply({}, {}, tensor([-1, 2]), { train: false }).y // => [0, 2]
 */
export const activation = (f: (x: Tensor) => Tensor): Layer<Empty> => stateless((x) => f(x))

/**
 * All axes behind the batch as one: `[batch, a, b]` to `[batch, a·b]`.
 *
 * @example
 * flatten().apply({}, {}, zeros([5, 8, 8]), { train: false }).y.shape // => [5, 64]
 */
export const flatten = (): Layer<Empty> => {
  const flat = ([batch = 1, ...rest]: readonly number[]) => [batch, rest.reduce((a, b) => a * b, 1)]
  return {
    init: (_, inputShape) => ({ params: {}, state: {}, outputShape: flat(inputShape) }),
    apply: (_, state, x) => ({ y: reshape(x, flat(x.shape)), state }),
  }
}

/**
 * Drops each entry with probability `rate` while training and divides the others by 1 - rate, so that the mean stays;
 * the identity otherwise. Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html
 *
 * @example
 * dropout({ rate: 0.5 }).apply({}, {}, tensor([1, 2]), { train: false }).y // => [1, 2]
 */
export const dropout = ({ rate }: { readonly rate: number }): Layer<Empty> => {
  if (!(rate >= 0 && rate < 1))
    throw new CotangentError('Value', `dropout: rate is ${rate}. Give a number in [0, 1).`, { op: 'dropout' })
  return stateless((x, { train, key }) => {
    if (!train || rate === 0) return x
    if (key === undefined)
      throw new CotangentError(
        'Value',
        'dropout: training needs a key. Pass { train: true, key: random.foldIn(key, step) }.',
        { op: 'dropout' },
      )
    const kept = less(random.uniform(key, x.shape), 1 - rate)
    return where(kept, div(x, 1 - rate), 0)
  })
}
