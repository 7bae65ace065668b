import {
  CotangentError,
  div,
  matmul,
  ones,
  reshape,
  softmax,
  type Tensor,
  transpose,
  tril,
  where,
} from '@cotangent/core'
import type { Layer } from '../layer.js'
import { applyPart, initPart } from '../path.js'
import { type DenseParams, dense } from './dense.js'
import { dropout as dropoutLayer } from './dropout.js'

/** Options of {@link multiHeadAttention}. */
export interface AttentionOptions {
  /** Each step sees itself and what came before. Default false. */
  readonly causal?: boolean
  /** Rate at which attention weights are dropped while training. Default 0. */
  readonly dropout?: number
}

/** The four projections, each `[features, features]` with a bias. */
export interface AttentionParams {
  readonly query: DenseParams
  readonly key: DenseParams
  readonly value: DenseParams
  readonly output: DenseParams
}

const PARTS = ['query', 'key', 'value', 'output'] as const

/**
 * Self-attention over `[batch, time, features]` with several heads: softmax(QKᵀ/√d)V for each head of width
 * d = features/heads, side by side and projected once more. Vaswani et al. 2017, https://arxiv.org/abs/1706.03762
 *
 * @example
 * const layer = multiHeadAttention(2, { causal: true })
 * const { params, state, outputShape } = layer.init(random.key(0), [1, 3, 4])
 * outputShape // => [1, 3, 4]
 * layer.apply(params, state, zeros([1, 3, 4]), { train: false }).y.shape // => [1, 3, 4]
 */
export const multiHeadAttention = (
  heads: number,
  { causal = false, dropout: rate = 0 }: AttentionOptions = {},
): Layer<AttentionParams> => {
  const kind = 'multiHeadAttention'
  const op = `${kind}(${heads})`
  if (!Number.isInteger(heads) || heads < 1)
    throw new CotangentError('Value', `${kind}: ${heads} heads. Give a positive integer.`, { op: kind })
  const drop = dropoutLayer({ rate })
  const check = (shape: readonly number[]): readonly [number, number, number] => {
    const [batch, time, features] = shape
    if (shape.length !== 3 || features! % heads !== 0)
      throw new CotangentError(
        'Shape',
        `${op}: the input [${shape.join(', ')}] must be [batch, time, features] with features that ${heads} heads divide.`,
        { op: kind, shapes: [shape] },
      )
    return [batch!, time!, features!]
  }
  return {
    kind: op,
    init: (key, inputShape) => {
      const features = check(inputShape)[2]
      const parts = PARTS.map((name) => initPart(name, dense(features), key, inputShape))
      const [q, k, v, o] = parts.map((p) => p.params)
      return {
        params: { query: q!, key: k!, value: v!, output: o! },
        state: {},
        outputShape: inputShape,
        parts: parts.map((p) => p.part),
      }
    },
    apply: (params, state, x, context) => {
      const [batch, time, features] = check(x.shape)
      const width = features / heads
      const project = (name: (typeof PARTS)[number], input: Tensor): Tensor =>
        applyPart(name, dense(features), params[name], {}, input, context).y
      // [batch, heads, time, width]
      const perHead = (name: 'query' | 'key' | 'value'): Tensor =>
        transpose(reshape(project(name, x), [batch, time, heads, width]), [0, 2, 1, 3])
      const [q, k, v] = [perHead('query'), perHead('key'), perHead('value')]
      const scores = div(matmul(q, transpose(k, [0, 1, 3, 2])), Math.sqrt(width))
      const past = causal ? tril(ones([time, time], 'bool')) : undefined
      const weights = softmax(past === undefined ? scores : where(past, scores, Number.NEGATIVE_INFINITY))
      const kept = applyPart('dropout', drop, {}, {}, weights, context).y
      const mixed = reshape(transpose(matmul(kept, v), [0, 2, 1, 3]), [batch, time, features])
      return { y: project('output', mixed), state }
    },
  }
}
