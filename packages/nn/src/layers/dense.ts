import { add, CotangentError, matmul, type Tensor } from '@cotangent/core'
import { type Initializer, xavierUniform, zeros } from '../init.js'
import type { Layer } from '../layer.js'
import { keyOf } from '../path.js'

/** Options of {@link dense}. */
export interface DenseOptions {
  /** Default true. */
  readonly bias?: boolean
  /** Default `init.xavierUniform`. */
  readonly kernelInit?: Initializer
  /** Default `init.zeros`. */
  readonly biasInit?: Initializer
}

/** A kernel `[in, units]`, and a bias `[units]` unless it was declined. */
export interface DenseParams {
  readonly kernel: Tensor
  readonly bias: Tensor
}

const wrongInput = (units: number, shape: readonly number[], expected?: number): never => {
  const why =
    expected === undefined
      ? `[${shape.join(', ')}] has no axis of features. Shapes are [batch, ..., features].`
      : `the input [${shape.join(', ')}] has ${shape.at(-1)} features, but the kernel was initialised for ${expected}. ` +
        'Call init with the shape that apply is given.'
  throw new CotangentError('Shape', `dense(${units}): ${why}`, { op: 'dense', shapes: [shape] })
}

/**
 * A fully connected layer, y = x·kernel + bias, on the last axis: `[batch, ..., in]` to `[batch, ..., units]`.
 *
 * @example
 * const layer = dense(3)
 * const { params, state, outputShape } = layer.init(random.key(0), [8, 2])
 * outputShape // => [8, 3]
 * layer.apply(params, state, zeros([8, 2]), { train: false }).y.shape // => [8, 3]
 */
export function dense(units: number, options?: DenseOptions & { readonly bias?: true }): Layer<DenseParams>
export function dense(
  units: number,
  options: DenseOptions & { readonly bias: false },
): Layer<Pick<DenseParams, 'kernel'>>
export function dense(units: number, options?: DenseOptions): Layer<Pick<DenseParams, 'kernel'>>
export function dense(
  units: number,
  { bias = true, kernelInit = xavierUniform, biasInit = zeros }: DenseOptions = {},
): Layer<DenseParams> {
  if (!Number.isInteger(units) || units < 1)
    throw new CotangentError('Value', `dense: ${units} units. Give a positive integer.`, { op: 'dense' })
  return {
    kind: 'dense',
    init: (key, inputShape) => {
      const features = inputShape.at(-1) ?? wrongInput(units, inputShape)
      const kernel = kernelInit(keyOf(key, 'kernel'), [features, units])
      const params = bias ? { kernel, bias: biasInit(keyOf(key, 'bias'), [units]) } : { kernel }
      return { params: params as DenseParams, state: {}, outputShape: [...inputShape.slice(0, -1), units] }
    },
    apply: (params, state, x) => {
      if (x.shape.at(-1) !== params.kernel.shape[0]) wrongInput(units, x.shape, params.kernel.shape[0])
      const y = matmul(x, params.kernel)
      return { y: bias ? add(y, params.bias) : y, state }
    },
  }
}
