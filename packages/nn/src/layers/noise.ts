import { add, CotangentError, mul, random, type Tensor } from '@cotangent/core'
import type { Empty, Layer } from '../layer.js'
import type { DropoutOptions } from './dropout.js'
import { checkRate, stochastic } from './stochastic.js'

const noise = (key: Tensor, x: Tensor): Tensor =>
  random.normal(key, x.shape, { dtype: x.dtype === 'float64' ? 'float64' : 'float32' })

/**
 * Multiplies each entry by a sample of N(1, rate/(1 - rate)) while training: the mean and the variance of dropout, but
 * no entry is lost. Srivastava et al. 2014, section 10.
 *
 * @example
 * gaussianDropout({ rate: 0.5 }).apply({}, {}, tensor([1, 2]), { train: false }).y // => [1, 2]
 */
export const gaussianDropout = ({ rate }: DropoutOptions): Layer<Empty> => {
  const std = Math.sqrt(checkRate('gaussianDropout', rate) / (1 - rate))
  return stochastic('gaussianDropout', rate, (x, key) => mul(x, add(mul(noise(key, x), std), 1)))
}

/**
 * Adds a sample of N(0, std²) to each entry while training. On the inputs of a linear regression it is ridge with
 * n·std². Bishop 1995, Training with noise is equivalent to Tikhonov regularization.
 *
 * @example
 * gaussianNoise({ std: 0.1 }).apply({}, {}, tensor([1, 2]), { train: false }).y // => [1, 2]
 */
export const gaussianNoise = ({ std }: { readonly std: number }): Layer<Empty> => {
  if (!(std >= 0 && std < Number.POSITIVE_INFINITY))
    throw new CotangentError('Value', `gaussianNoise: std is ${std}. Give a number of at least 0.`, {
      op: 'gaussianNoise',
    })
  return stochastic('gaussianNoise', std, (x, key) => add(x, mul(noise(key, x), std)))
}
