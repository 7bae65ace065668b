import { add, CotangentError, cast, mul, reshape, stopGradient, type Tensor } from '@cotangent/core'
import { ones, zeros } from '../init.js'
import type { Empty, Layer } from '../layer.js'
import { affineMap, freshNorm, moments, type NormParams, standardise } from './standardise.js'

/** Options of {@link batchNorm}. */
export interface BatchNormOptions {
  /**
   * `torch`: running ← (1 - m)·running + m·statistic, with the unbiased variance. `keras`: running ← m·running +
   * (1 - m)·statistic, with the biased one. Default `torch`.
   */
  readonly convention?: 'torch' | 'keras'
  /** m above. Default 0.1 (`torch`) or 0.99 (`keras`). */
  readonly momentum?: number
  /** Added to the variance. Default 1e-5 (`torch`) or 1e-3 (`keras`). */
  readonly epsilon?: number
  /** Whether a learned scale and offset follow. Default true. */
  readonly affine?: boolean
}

/** Running statistics, `[channels]` each: what replaces those of the batch outside of training. */
export interface BatchNormState {
  readonly mean: Tensor
  readonly variance: Tensor
}

const track = (running: Tensor, statistic: Tensor, rate: number): Tensor =>
  cast(add(mul(running, 1 - rate), mul(stopGradient(reshape(statistic, running.shape)), rate)), running.dtype)

/**
 * (x - μ)/√(σ² + ε)·scale + bias for each channel, the last axis of `[batch, ..., channels]`. While training, μ and the
 * biased σ² are those of the batch, and the returned state is moved towards them; otherwise they are the state's.
 * Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167
 *
 * @example
 * const layer = batchNorm()
 * const { params, state } = layer.init(random.key(0), [4, 1])
 * const out = layer.apply(params, state, tensor([[1], [2], [3], [4]]), { train: true })
 * out.y // => [[-1.341635], [-0.447212], [0.447212], [1.341635]]
 * out.state.mean // => [0.25]
 * out.state.variance // => [1.066667]
 */
export function batchNorm(
  options?: BatchNormOptions & { readonly affine?: true },
): Layer<NormParams, BatchNormState>
export function batchNorm(
  options: BatchNormOptions & { readonly affine: false },
): Layer<Empty, BatchNormState>
export function batchNorm(options?: BatchNormOptions): Layer<Empty, BatchNormState>
export function batchNorm({
  convention = 'torch',
  momentum = convention === 'torch' ? 0.1 : 0.99,
  epsilon = convention === 'torch' ? 1e-5 : 1e-3,
  affine = true,
}: BatchNormOptions = {}): Layer<NormParams | Empty, BatchNormState> {
  const op = 'batchNorm'
  if (!(momentum >= 0 && momentum <= 1))
    throw new CotangentError('Value', `${op}: momentum is ${momentum}. Give a number in [0, 1].`, { op })
  const check = (shape: readonly number[], channels?: number): number => {
    if (shape.length >= 2 && (channels === undefined || shape.at(-1) === channels)) return shape.at(-1)!
    const why = channels === undefined || shape.length < 2 ? '' : ` The state is for ${channels} channels.`
    throw new CotangentError(
      'Shape',
      `${op}: the input [${shape.join(', ')}] must be [batch, ..., channels].${why}`,
      { op, shapes: [shape] },
    )
  }
  return {
    kind: op,
    init: (key, inputShape) => {
      const shape = [check(inputShape)]
      return {
        params: (affine ? freshNorm(key, shape) : {}) as NormParams,
        state: { mean: zeros(key, shape), variance: ones(key, shape) },
        outputShape: inputShape,
      }
    },
    apply: (params, state, x, { train }) => {
      const channels = check(x.shape, state.mean.shape[0])
      if (!train) {
        // The state is data: a loss taken through it must not move the statistics.
        const y = standardise(x, stopGradient(state.mean), stopGradient(state.variance), epsilon)
        return { y: affineMap(y, params), state }
      }
      const n = x.size / channels
      if (n < 2)
        throw new CotangentError(
          'Shape',
          `${op}: training on [${x.shape.join(', ')}] has one value for each channel, whose variance is 0. Use a larger batch, or train: false.`,
          { op, shapes: [x.shape] },
        )
      const batch = moments(
        x,
        x.shape.slice(0, -1).map((_, i) => i),
      )
      const [rate, unbiased] = convention === 'torch' ? [momentum, n / (n - 1)] : [1 - momentum, 1]
      return {
        y: affineMap(standardise(x, batch.mean, batch.variance, epsilon), params),
        state: {
          mean: track(state.mean, batch.mean, rate),
          variance: track(state.variance, mul(batch.variance, unbiased), rate),
        },
      }
    },
  }
}
