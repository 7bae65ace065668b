import { add, CotangentError, cast, slice, type Tensor, tensor } from '@cotangent/core'
import { type Initializer, normal } from '../init.js'
import type { Layer } from '../layer.js'
import { keyOf } from '../path.js'
import type { EmbeddingParams } from './embedding.js'

/** Options of {@link positionalEmbedding}. */
export interface PositionalOptions {
  /** The longest sequence. Default the length that init is given. */
  readonly maxLength?: number
  /** A table that is learned (default), or sines and cosines. */
  readonly kind?: 'learned' | 'sinusoidal'
  /** Of the learned table. Default `init.normal({ std: 0.02 })`. */
  readonly embeddingInit?: Initializer
}

/** sin(t/10000^(2i/d)) in column 2i and the cosine in column 2i + 1. */
const waves = (time: number, features: number): Tensor => {
  const data = new Float64Array(time * features)
  for (let t = 0; t < time; t++)
    for (let j = 0; j < features; j++) {
      const angle = t / 10000 ** ((j - (j % 2)) / features)
      data[t * features + j] = j % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
    }
  return tensor(data, { shape: [time, features] })
}

/**
 * Adds to `[batch, time, features]` what tells the steps apart: a learned row for each step, or
 * sin(t/10000^(2i/d)) and cos(t/10000^(2i/d)) in the columns 2i and 2i + 1.
 * Vaswani et al. 2017, https://arxiv.org/abs/1706.03762
 *
 * @example
 * const layer = positionalEmbedding({ kind: 'sinusoidal' })
 * const { params, state } = layer.init(random.key(0), [1, 2, 2])
 * layer.apply(params, state, zeros([1, 2, 2]), { train: false }).y // => [[[0, 1], [0.841471, 0.540302]]]
 * positionalEmbedding({ maxLength: 9 }).init(random.key(0), [1, 2, 4]).params.embedding.shape // => [9, 4]
 */
export function positionalEmbedding(
  options?: PositionalOptions & { readonly kind?: 'learned' },
): Layer<EmbeddingParams>
export function positionalEmbedding(options: PositionalOptions): Layer<Partial<EmbeddingParams>>
export function positionalEmbedding({
  maxLength,
  kind = 'learned',
  embeddingInit = normal({ std: 0.02 }),
}: PositionalOptions = {}): Layer<Partial<EmbeddingParams>> {
  const op = 'positionalEmbedding'
  const check = (
    shape: readonly number[],
    rows = shape[1]!,
    columns = shape[2],
  ): readonly [number, number] => {
    if (shape.length !== 3 || shape[1]! > rows || shape[2] !== columns)
      throw new CotangentError(
        'Shape',
        `${op}: the input [${shape.join(', ')}] must be [batch, time, features]` +
          (shape.length === 3 ? ` with at most ${rows} steps of ${columns} features. Raise maxLength.` : '.'),
        { op, shapes: [shape] },
      )
    return [shape[1]!, shape[2]!]
  }
  return {
    kind: op,
    init: (key, inputShape) => {
      const [time, features] = check(inputShape, maxLength)
      const shape = [maxLength ?? time, features]
      const params = kind === 'sinusoidal' ? {} : { embedding: embeddingInit(keyOf(key, 'embedding'), shape) }
      return { params, state: {}, outputShape: inputShape }
    },
    apply: ({ embedding }, state, x) => {
      if (embedding === undefined) {
        const [time, features] = check(x.shape, maxLength)
        return { y: add(x, cast(waves(time, features), x.dtype)), state }
      }
      const [rows, columns] = embedding.shape
      const [time] = check(x.shape, rows, columns)
      return { y: add(x, slice(embedding, [0], [time])), state }
    },
  }
}
