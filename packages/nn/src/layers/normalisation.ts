import { add, CotangentError, mean, mul, reshape, rsqrt, square, type Tensor } from '@cotangent/core'
import { ones } from '../init.js'
import type { Empty, Layer } from '../layer.js'
import { keyOf } from '../path.js'
import { affineMap, freshNorm, moments, type NormParams, standardise } from './standardise.js'

// Normalisations of each example by itself: no state, and the same while training and after.

/** Options of the normalisations of single examples. */
export interface NormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number
  /** Whether a learned scale and offset follow. Default true. */
  readonly affine?: boolean
}
/** Options of {@link layerNorm}. */
export interface LayerNormOptions extends NormOptions {
  /** How many of the last axes are normalised together. Default 1. */
  readonly dims?: number
}

const refuse = (op: string, shape: readonly number[], why: string): never => {
  throw new CotangentError('Shape', `${op}: the input [${shape.join(', ')}] ${why}`, { op, shapes: [shape] })
}

const normalisation = (
  op: string,
  affine: boolean,
  check: (shape: readonly number[]) => void,
  paramShape: (shape: readonly number[]) => readonly number[],
  f: (x: Tensor) => Tensor,
): Layer<NormParams> => ({
  kind: op,
  init: (key, inputShape) => {
    check(inputShape)
    const params = affine ? freshNorm(key, paramShape(inputShape)) : {}
    return { params: params as NormParams, state: {}, outputShape: inputShape }
  },
  apply: (params, state, x) => {
    check(x.shape)
    const expected = paramShape(x.shape)
    if (affine && expected.some((n, i) => n !== params.scale.shape[i]))
      refuse(
        op,
        x.shape,
        `does not fit the scale [${params.scale.shape.join(', ')}]. Call init with its shape.`,
      )
    return { y: affineMap(f(x), params), state }
  },
})

const overAxes = (x: Tensor, axes: readonly number[], epsilon: number): Tensor => {
  const { mean: centre, variance } = moments(x, axes)
  return standardise(x, centre, variance, epsilon)
}

const lastAxes = (rank: number, dims: number): number[] =>
  Array.from({ length: dims }, (_, i) => rank - dims + i)

const checkDims = (op: string, dims: number): ((shape: readonly number[]) => void) => {
  if (!Number.isInteger(dims) || dims < 1)
    throw new CotangentError('Value', `${op}: dims is ${dims}. Give a positive integer.`, { op })
  return (shape) => {
    if (shape.length < dims) refuse(op, shape, `has fewer than ${dims} axes.`)
  }
}

/**
 * (x - μ)/√(σ² + ε)·scale + bias with the mean and the biased variance of the last axis, or of the last `dims` axes.
 * Ba et al. 2016, https://arxiv.org/abs/1607.06450
 *
 * @example
 * const layer = layerNorm()
 * const { params, state } = layer.init(random.key(0), [1, 4])
 * layer.apply(params, state, tensor([[1, 2, 3, 4]]), { train: true }).y // => [[-1.341635, -0.447212, 0.447212, 1.341635]]
 */
export function layerNorm(options?: LayerNormOptions & { readonly affine?: true }): Layer<NormParams>
export function layerNorm(options: LayerNormOptions & { readonly affine: false }): Layer<Empty>
export function layerNorm(options?: LayerNormOptions): Layer<Empty>
export function layerNorm({
  epsilon = 1e-5,
  affine = true,
  dims = 1,
}: LayerNormOptions = {}): Layer<NormParams | Empty> {
  return normalisation(
    'layerNorm',
    affine,
    checkDims('layerNorm', dims),
    (shape) => shape.slice(-dims),
    (x) => overAxes(x, lastAxes(x.rank, dims), epsilon),
  )
}

const inGroups = (x: Tensor, groups: number, epsilon: number): Tensor => {
  const split = [...x.shape.slice(0, -1), groups, x.shape.at(-1)! / groups]
  const within = split.map((_, i) => i).filter((i) => i !== 0 && i !== split.length - 2)
  return reshape(overAxes(reshape(x, split), within, epsilon), x.shape)
}

/**
 * (x - μ)/√(σ² + ε)·scale + bias with the statistics of each example and group of channels, over all places of
 * `[batch, ...spatial, channels]`. Wu & He 2018, https://arxiv.org/abs/1803.08494
 *
 * @example
 * const layer = groupNorm(2)
 * const { params, state } = layer.init(random.key(0), [1, 4])
 * layer.apply(params, state, tensor([[1, 3, 10, 30]]), { train: true }).y // => [[-1, 1, -1, 1]]
 */
export function groupNorm(
  groups: number,
  options?: NormOptions & { readonly affine?: true },
): Layer<NormParams>
export function groupNorm(groups: number, options: NormOptions & { readonly affine: false }): Layer<Empty>
export function groupNorm(groups: number, options?: NormOptions): Layer<Empty>
export function groupNorm(
  groups: number,
  { epsilon = 1e-5, affine = true }: NormOptions = {},
): Layer<NormParams | Empty> {
  const op = 'groupNorm'
  if (!Number.isInteger(groups) || groups < 1)
    throw new CotangentError('Value', `${op}: ${groups} groups. Give a positive integer.`, { op })
  const check = (shape: readonly number[]): void => {
    if (shape.length < 2 || shape.at(-1)! % groups !== 0)
      refuse(op, shape, `must be [batch, ..., channels] with channels that ${groups} groups divide.`)
  }
  return normalisation(
    op,
    affine,
    check,
    (shape) => shape.slice(-1),
    (x) => inGroups(x, groups, epsilon),
  )
}

/**
 * (x - μ)/√(σ² + ε)·scale + bias with the statistics of each example and channel over the places of
 * `[batch, ...spatial, channels]`. Ulyanov et al. 2016, https://arxiv.org/abs/1607.08022
 *
 * @example
 * const layer = instanceNorm()
 * const { params, state } = layer.init(random.key(0), [1, 2, 1])
 * layer.apply(params, state, tensor([[[10], [30]]]), { train: true }).y // => [[[-1], [1]]]
 */
export function instanceNorm(options?: NormOptions & { readonly affine?: true }): Layer<NormParams>
export function instanceNorm(options: NormOptions & { readonly affine: false }): Layer<Empty>
export function instanceNorm(options?: NormOptions): Layer<Empty>
export function instanceNorm({ epsilon = 1e-5, affine = true }: NormOptions = {}): Layer<NormParams | Empty> {
  const op = 'instanceNorm'
  const check = (shape: readonly number[]): void => {
    if (shape.length < 3 || shape.slice(1, -1).reduce((a, b) => a * b, 1) < 2)
      refuse(op, shape, 'must be [batch, ...spatial, channels] with at least two places.')
  }
  return normalisation(
    op,
    affine,
    check,
    (shape) => shape.slice(-1),
    (x) =>
      overAxes(
        x,
        x.shape.slice(1, -1).map((_, i) => i + 1),
        epsilon,
      ),
  )
}

/**
 * x/√(mean x² + ε)·scale over the last axis, or the last `dims` axes: a layer normalisation that does not centre.
 * Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467
 *
 * @example
 * const layer = rmsNorm()
 * const { params, state } = layer.init(random.key(0), [1, 2])
 * layer.apply(params, state, tensor([[1, 7]]), { train: true }).y // => [[0.2, 1.4]]
 */
export const rmsNorm = ({
  epsilon = 1e-6,
  dims = 1,
}: {
  readonly epsilon?: number
  readonly dims?: number
} = {}): Layer<{ readonly scale: Tensor }> => {
  const check = checkDims('rmsNorm', dims)
  return {
    kind: 'rmsNorm',
    init: (key, inputShape) => {
      check(inputShape)
      const scale = ones(keyOf(key, 'scale'), inputShape.slice(-dims))
      return { params: { scale }, state: {}, outputShape: inputShape }
    },
    apply: ({ scale }, state, x) => {
      check(x.shape)
      if (x.shape.slice(-dims).some((n, i) => n !== scale.shape[i]))
        refuse(
          'rmsNorm',
          x.shape,
          `does not fit the scale [${scale.shape.join(', ')}]. Call init with its shape.`,
        )
      const power = mean(square(x), { axis: lastAxes(x.rank, dims), keepDims: true })
      return { y: mul(mul(x, rsqrt(add(power, epsilon))), scale), state }
    },
  }
}
