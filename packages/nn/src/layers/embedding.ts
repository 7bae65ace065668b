import { CotangentError, type Tensor, take } from '@cotangent/core'
import { type Initializer, normal } from '../init.js'
import type { Layer } from '../layer.js'
import { keyOf } from '../path.js'

/** Options of {@link embedding}. */
export interface EmbeddingOptions {
  /** Default `init.normal({ std: 1 })`, as in PyTorch. */
  readonly embeddingInit?: Initializer
}

/** One row for each word, `[words, features]`. */
export interface EmbeddingParams {
  readonly embedding: Tensor
}

/**
 * Looks up rows of a table: int32 positions `[batch, ...]` to `[batch, ..., features]`. A row read twice collects both
 * cotangents. A position outside of the table is an IndexError.
 *
 * @example
 * const layer = embedding(10, 3)
 * const { params, state, outputShape } = layer.init(random.key(0), [2, 5])
 * outputShape // => [2, 5, 3]
 * layer.apply(params, state, tensor([[1, 2]], { dtype: 'int32' }), { train: false }).y.shape // => [1, 2, 3]
 */
export const embedding = (
  words: number,
  features: number,
  { embeddingInit = normal({ std: 1 }) }: EmbeddingOptions = {},
): Layer<EmbeddingParams> => {
  if (![words, features].every((n) => Number.isInteger(n) && n > 0))
    throw new CotangentError(
      'Value',
      `embedding: a table of [${words}, ${features}]. Give two positive integers.`,
      { op: 'embedding' },
    )
  return {
    kind: 'embedding',
    init: (key, inputShape) => ({
      params: { embedding: embeddingInit(keyOf(key, 'embedding'), [words, features]) },
      state: {},
      outputShape: [...inputShape, features],
    }),
    apply: (params, state, x) => ({ y: take(params.embedding, x, { axis: 0 }), state }),
  }
}
