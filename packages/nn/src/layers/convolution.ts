import { add, CotangentError, conv, type Padding, type PerAxis, type Tensor } from '@cotangent/core'
import { heUniform, type Initializer, zeros } from '../init.js'
import type { Layer } from '../layer.js'
import { keyOf } from '../path.js'
import type { DenseParams } from './dense.js'
import { shapeAfter, spread } from './window.js'

/** Options of {@link conv1d} and {@link conv2d}; numbers hold for every spatial axis. */
export interface ConvLayerOptions {
  /** Extent of the kernel. */
  readonly window: PerAxis
  /** Steps of the window; 1 by default. */
  readonly strides?: PerAxis
  /** `valid` by default. */
  readonly padding?: Padding
  /** Distance between the entries of the window; 1 by default. */
  readonly dilation?: PerAxis
  /** Input and output channels fall into this many groups that do not see each other; 1 by default. */
  readonly groups?: number
  /** Default true. */
  readonly bias?: boolean
  /** Default `init.heUniform`; fan-in is window·channels/groups. */
  readonly kernelInit?: Initializer
  /** Default `init.zeros`. */
  readonly biasInit?: Initializer
}

type Kernel = Pick<DenseParams, 'kernel'>

const convolution = (
  op: string,
  dims: number,
  filters: number,
  { window, bias = true, kernelInit = heUniform, biasInit = zeros, ...options }: ConvLayerOptions,
): Layer<DenseParams> => {
  if (!Number.isInteger(filters) || filters < 1)
    throw new CotangentError('Value', `${op}: ${filters} filters. Give a positive integer.`, { op })
  const size = spread(op, 'window', window, dims)
  const check = (shape: readonly number[], channels?: number): void => {
    if (shape.length !== dims + 2)
      throw new CotangentError(
        'Shape',
        `${op}(${filters}): the input [${shape.join(', ')}] must be [batch, ${dims === 1 ? 'time' : 'height, width'}, channels].`,
        { op, shapes: [shape] },
      )
    if (channels !== undefined && shape.at(-1) !== channels)
      throw new CotangentError(
        'Shape',
        `${op}(${filters}): the input [${shape.join(', ')}] has ${shape.at(-1)} channels, but the kernel was ` +
          `initialised for ${channels}. Call init with the shape that apply is given.`,
        { op, shapes: [shape] },
      )
  }
  const run = (x: Tensor, kernel: Tensor): Tensor => conv(x, kernel, options)
  return {
    kind: op,
    init: (key, inputShape) => {
      check(inputShape)
      const kernelShape = [...size, inputShape.at(-1)! / (options.groups ?? 1), filters]
      const outputShape = shapeAfter((x, w) => run(x!, w!), inputShape, kernelShape)
      const kernel = kernelInit(keyOf(key, 'kernel'), kernelShape)
      const params = bias ? { kernel, bias: biasInit(keyOf(key, 'bias'), [filters]) } : { kernel }
      return { params: params as DenseParams, state: {}, outputShape }
    },
    apply: ({ kernel, bias: offset }, state, x) => {
      check(x.shape, kernel.shape.at(-2)! * (options.groups ?? 1))
      const y = run(x, kernel)
      return { y: bias ? add(y, offset) : y, state }
    },
  }
}

/**
 * A convolution along one axis, `[batch, time, channels]` to `[batch, places, filters]`: y = conv(x, kernel) + bias with
 * a kernel `[window, channels / groups, filters]`.
 *
 * @example
 * const layer = conv1d(4, { window: 3, padding: 'causal' })
 * const { params, state, outputShape } = layer.init(random.key(0), [8, 10, 2])
 * outputShape // => [8, 10, 4]
 * params.kernel.shape // => [3, 2, 4]
 * layer.apply(params, state, zeros([8, 10, 2]), { train: false }).y.shape // => [8, 10, 4]
 */
export function conv1d(
  filters: number,
  options: ConvLayerOptions & { readonly bias?: true },
): Layer<DenseParams>
export function conv1d(filters: number, options: ConvLayerOptions & { readonly bias: false }): Layer<Kernel>
export function conv1d(filters: number, options: ConvLayerOptions): Layer<Kernel>
export function conv1d(filters: number, options: ConvLayerOptions): Layer<DenseParams> {
  return convolution('conv1d', 1, filters, options)
}

/**
 * A convolution of images, `[batch, height, width, channels]` to `[batch, ...places, filters]`: y = conv(x, kernel) +
 * bias with a kernel `[...window, channels / groups, filters]`.
 *
 * @example
 * const layer = conv2d(16, { window: 3, strides: 2, padding: 'same' })
 * const { params, outputShape } = layer.init(random.key(0), [8, 28, 28, 3])
 * outputShape // => [8, 14, 14, 16]
 * params.kernel.shape // => [3, 3, 3, 16]
 */
export function conv2d(
  filters: number,
  options: ConvLayerOptions & { readonly bias?: true },
): Layer<DenseParams>
export function conv2d(filters: number, options: ConvLayerOptions & { readonly bias: false }): Layer<Kernel>
export function conv2d(filters: number, options: ConvLayerOptions): Layer<Kernel>
export function conv2d(filters: number, options: ConvLayerOptions): Layer<DenseParams> {
  return convolution('conv2d', 2, filters, options)
}
