import {
  CotangentError,
  div,
  equal,
  matmul,
  maximum,
  mul,
  norm,
  random,
  reshape,
  stopGradient,
  sum,
  type Tensor,
  transpose,
  where,
} from '@cotangent/core'
import type { Layer } from '../layer.js'
import { keyOf } from '../path.js'

// Layers whose kernel is a function of what is learned. The last axis of a kernel is that of the units.

interface WithKernel {
  readonly kernel: Tensor
}

const kernelOf = (op: string, params: WithKernel): Tensor => {
  if (params.kernel === undefined)
    throw new CotangentError(
      'Tree',
      `${op}: the layer has no parameter named kernel. Wrap a dense or a convolution, not layers in a row.`,
      { op },
    )
  return params.kernel
}

const nonZero = (x: Tensor): Tensor => where(equal(x, 0), 1, x)

const unitNorms = (kernel: Tensor): Tensor =>
  kernel.rank < 2 ? norm(kernel) : norm(kernel, { axis: kernel.shape.slice(0, -1).map((_, i) => i) })

/**
 * The kernel of a layer as length times direction for each unit, W = scale·v/‖v‖, with v in the place of the kernel: the
 * gradient in v is orthogonal to v. The scale starts at ‖v‖, so that the layer starts as it was.
 * Salimans & Kingma 2016, https://arxiv.org/abs/1602.07868
 *
 * @example
 * const layer = weightNorm(dense(1))
 * const params = { kernel: tensor([[3], [4]]), bias: tensor([0]), scale: tensor([10]) }
 * layer.apply(params, {}, tensor([[1, 0]]), { train: false }).y // => [[6]]
 */
export const weightNorm = <P extends WithKernel, S>(
  layer: Layer<P, S>,
): Layer<P & { readonly scale: Tensor }, S> => ({
  kind: `weightNorm(${layer.kind ?? 'layer'})`,
  init: (key, inputShape) => {
    const { params, ...rest } = layer.init(key, inputShape)
    return { ...rest, params: { ...params, scale: unitNorms(kernelOf('weightNorm', params)) } }
  },
  apply: (params, state, x, context) => {
    const v = params.kernel
    const kernel = mul(v, div(params.scale, nonZero(unitNorms(v))))
    return layer.apply({ ...params, kernel }, state, x, context)
  },
})

/** Options of {@link spectralNorm}. */
export interface SpectralNormOptions {
  /** Steps of the power iteration each time the layer is applied while training. Default 1. */
  readonly iterations?: number
  /** Least length of a vector that is normalised. Default 1e-12. */
  readonly epsilon?: number
}

/** The state of {@link spectralNorm}: of the layer inside, and the singular vectors, `[units]` and `[inputs]`. */
export interface SpectralNormState<S> {
  readonly layer: S
  readonly u: Tensor
  readonly v: Tensor
}

// Iterations before the first use, as in PyTorch.
const WARM_UP = 15

/**
 * The kernel of a layer divided by its largest singular value, W/σ with σ = uᵀWv. The vectors are state: a step of the
 * power iteration improves them whenever the layer is applied while training. The derivative is that of σ with u and v
 * held. Miyato et al. 2018, https://arxiv.org/abs/1802.05957
 *
 * @example
 * const layer = spectralNorm(dense(2, { bias: false, kernelInit: init.identity({ gain: 3 }) }))
 * const { params, state } = layer.init(random.key(0), [1, 2])
 * layer.apply(params, state, tensor([[1, 2]]), { train: false }).y // => [[1, 2]]
 */
export const spectralNorm = <P extends WithKernel, S>(
  layer: Layer<P, S>,
  { iterations = 1, epsilon = 1e-12 }: SpectralNormOptions = {},
): Layer<P, SpectralNormState<S>> => {
  if (!Number.isInteger(iterations) || iterations < 1)
    throw new CotangentError('Value', `spectralNorm: ${iterations} iterations. Give a positive integer.`, {
      op: 'spectralNorm',
    })
  const unit = (x: Tensor): Tensor => div(x, maximum(norm(x), epsilon))
  const matrix = (kernel: Tensor): Tensor => {
    const units = kernel.shape.at(-1)!
    return reshape(kernel, [kernel.size / units, units])
  }
  const iterate = (kernel: Tensor, u: Tensor, v: Tensor, steps: number): { u: Tensor; v: Tensor } => {
    const m = stopGradient(matrix(kernel))
    let [left, right] = [stopGradient(u), stopGradient(v)]
    for (let i = 0; i < steps; i++) {
      left = unit(matmul(transpose(m), right))
      right = unit(matmul(m, left))
    }
    return { u: left, v: right }
  }
  return {
    kind: `spectralNorm(${layer.kind ?? 'layer'})`,
    init: (key, inputShape) => {
      const { params, state, ...rest } = layer.init(key, inputShape)
      const m = matrix(kernelOf('spectralNorm', params))
      const start = (name: string, n: number): Tensor => unit(random.normal(keyOf(key, name), [n]))
      const vectors = iterate(params.kernel, start('u', m.shape[1]!), start('v', m.shape[0]!), WARM_UP)
      return { ...rest, params, state: { layer: state, ...vectors } }
    },
    apply: (params, state, x, context) => {
      const { kernel } = params
      const { u, v } = iterate(kernel, state.u, state.v, context.train ? iterations : 0)
      const sigma = sum(mul(matmul(v, matrix(kernel)), u))
      const next = layer.apply({ ...params, kernel: div(kernel, nonZero(sigma)) }, state.layer, x, context)
      return { y: next.y, state: { layer: next.state, u, v } }
    },
  }
}
