import {
  type AvgPoolOptions,
  avgPool,
  CotangentError,
  maxPool,
  mean,
  type PoolOptions,
  type Tensor,
} from '@cotangent/core'
import { type Empty, type Layer, stateless } from '../layer.js'
import { shapeAfter } from './window.js'

const pooling = (op: string, f: (x: Tensor) => Tensor): Layer<Empty> => {
  const check = (shape: readonly number[]): void => {
    if (shape.length !== 4)
      throw new CotangentError(
        'Shape',
        `${op}: the input [${shape.join(', ')}] must be [batch, height, width, channels].`,
        { op, shapes: [shape] },
      )
  }
  return {
    kind: op,
    init: (_, inputShape) => {
      check(inputShape)
      return { params: {}, state: {}, outputShape: shapeAfter((x) => f(x!), inputShape) }
    },
    apply: (_, state, x) => {
      check(x.shape)
      return { y: f(x), state }
    },
  }
}

/**
 * The largest entry of each window of `[batch, height, width, channels]`; padding never wins, and ties share the gradient.
 *
 * @example
 * maxPool2d({ window: 2 }).init(random.key(0), [8, 28, 28, 3]).outputShape // => [8, 14, 14, 3]
 */
export const maxPool2d = (options: PoolOptions): Layer<Empty> =>
  pooling('maxPool2d', (x) => maxPool(x, options))

/**
 * The mean of each window of `[batch, height, width, channels]`, over entries of the input alone unless `countPadding`.
 *
 * @example
 * avgPool2d({ window: 2, strides: 1 }).init(random.key(0), [8, 5, 5, 3]).outputShape // => [8, 4, 4, 3]
 */
export const avgPool2d = (options: AvgPoolOptions): Layer<Empty> =>
  pooling('avgPool2d', (x) => avgPool(x, options))

/**
 * The mean of each channel, `[batch, ...spatial, channels]` to `[batch, channels]`.
 *
 * @example
 * globalAvgPool().apply({}, {}, tensor([[[1, 5], [3, 7]]]), { train: false }).y // => [[2, 6]]
 */
export const globalAvgPool = (): Layer<Empty> => {
  const spatial = (shape: readonly number[]): number[] => {
    if (shape.length < 3)
      throw new CotangentError(
        'Shape',
        `globalAvgPool: the input [${shape.join(', ')}] must be [batch, ...spatial, channels].`,
        { op: 'globalAvgPool', shapes: [shape] },
      )
    return shape.slice(1, -1).map((_, i) => i + 1)
  }
  return {
    ...stateless((x) => mean(x, { axis: spatial(x.shape) })),
    kind: 'globalAvgPool',
    init: (_, inputShape) => {
      spatial(inputShape)
      return { params: {}, state: {}, outputShape: [inputShape[0]!, inputShape.at(-1)!] }
    },
  }
}
