import { add, div, less, mul, random, type Tensor, where } from '@cotangent/core'
import type { Empty, Layer } from '../layer.js'
import { checkRate, stochastic } from './stochastic.js'

/** Options of the layers that drop. */
export interface DropoutOptions {
  /** The probability to drop, in [0, 1). */
  readonly rate: number
}

/** True with probability 1 - rate. */
export const keepMask = (key: Tensor, shape: readonly number[], rate: number): Tensor =>
  less(random.uniform(key, shape), 1 - rate)

const drop = (x: Tensor, key: Tensor, rate: number, shape: readonly number[]): Tensor =>
  where(keepMask(key, shape, rate), div(x, 1 - rate), 0)

/**
 * Drops each entry with probability `rate` while training and divides the others by 1 - rate, so that the mean stays;
 * the identity otherwise. Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html
 *
 * @example
 * dropout({ rate: 0.5 }).apply({}, {}, tensor([1, 2]), { train: false }).y // => [1, 2]
 */
export const dropout = ({ rate }: DropoutOptions): Layer<Empty> =>
  stochastic('dropout', checkRate('dropout', rate), (x, key) => drop(x, key, rate, x.shape))

/**
 * Drops whole channels, the last axis of `[batch, ...spatial, channels]`, with probability `rate` while training, and
 * divides the others by 1 - rate: neighbours in an image are alike, and dropping single ones hides nothing.
 * Tompson et al. 2015, https://arxiv.org/abs/1411.4280
 *
 * @example
 * spatialDropout({ rate: 0.5 }).apply({}, {}, tensor([[[1], [2]]]), { train: false }).y // => [[[1], [2]]]
 */
export const spatialDropout = ({ rate }: DropoutOptions): Layer<Empty> =>
  stochastic('spatialDropout', checkRate('spatialDropout', rate), (x, key) => {
    const last = x.rank - 1
    return drop(
      x,
      key,
      rate,
      x.shape.map((n, i) => (i === 0 || i === last ? n : 1)),
    )
  })

// What selu makes of -∞: -λα.
const SATURATED = -1.7580993408473766

/**
 * Sets entries to the saturation value of selu with probability `rate` while training, then scales and shifts so that
 * mean 0 and variance 1 stay: a·(x·m + α'(1 - m)) + b with α' = -1.7581, q = 1 - rate, a = (q + α'²q(1 - q))^(-1/2),
 * b = -a(1 - q)α'. For networks of selu. Klambauer et al. 2017, https://arxiv.org/abs/1706.02515
 *
 * @example
 * alphaDropout({ rate: 0.1 }).apply({}, {}, tensor([1, 2]), { train: false }).y // => [1, 2]
 */
export const alphaDropout = ({ rate }: DropoutOptions): Layer<Empty> => {
  const q = 1 - checkRate('alphaDropout', rate)
  const a = 1 / Math.sqrt(q + SATURATED ** 2 * q * (1 - q))
  const b = -a * (1 - q) * SATURATED
  return stochastic('alphaDropout', rate, (x, key) =>
    add(mul(where(keepMask(key, x.shape, rate), x, SATURATED), a), b),
  )
}

/**
 * Drops the whole input with probability `rate` while training and divides by 1 - rate otherwise: each example by
 * itself (`row`), or all of them together (`batch`). For the body of a {@link residual}, which it then skips.
 * Huang et al. 2016, https://arxiv.org/abs/1603.09382
 *
 * @example
 * stochasticDepth({ rate: 0.2 }).apply({}, {}, tensor([[1, 2]]), { train: false }).y // => [[1, 2]]
 */
export const stochasticDepth = ({
  rate,
  mode = 'row',
}: DropoutOptions & { readonly mode?: 'row' | 'batch' }): Layer<Empty> =>
  stochastic('stochasticDepth', checkRate('stochasticDepth', rate), (x, key) =>
    drop(
      x,
      key,
      rate,
      x.shape.map((n, i) => (i === 0 && mode === 'row' ? n : 1)),
    ),
  )
