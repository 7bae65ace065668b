import { jit, random, type Tensor } from '@cotangent/core'
import type { Layer } from '@cotangent/nn'
import { type Batch, type Data, epochKey, sourceOf } from '../data/batches.js'
import type { Measured } from './epoch.js'
import type { Loss, Metric } from './options.js'

/** What is measured, on what model. */
export interface EvaluateOptions<P, S> {
  readonly model: Layer<P, S>
  readonly loss: Loss
  readonly metrics?: Readonly<Record<string, Metric>>
}

/** Batches one after another, whether they wait or not. */
export async function* each(
  batches: Iterable<Batch> | AsyncIterable<Batch>,
): AsyncGenerator<Batch, void, undefined> {
  yield* batches
}

/** A compiled measurement, for many calls. */
export const evaluator = <P, S>({ model, loss, metrics = {} }: EvaluateOptions<P, S>) => {
  const names = Object.keys(metrics)
  const measure = jit((params: P, layers: S, { x, y }: Batch) => {
    const prediction = model.apply(params, layers, x, { train: false }).y
    return [loss(prediction, y), ...names.map((name) => metrics[name]!(prediction, y))]
  })
  return async (params: P, layers: S, data: Data, key: Tensor): Promise<Measured> => {
    const source = sourceOf('evaluate', data, { size: 1024, shuffle: false })
    let count = 0
    const sums = new Float64Array(names.length + 1)
    for await (const batch of each(source.batches({ epoch: 1, key: epochKey(key, 0) }))) {
      const n = batch.x.shape[0]!
      measure(params, layers, batch).forEach((value, i) => {
        sums[i]! += n * value.item()
      })
      count += n
    }
    const [total, ...rest] = sums
    return {
      loss: total! / count,
      metrics: Object.fromEntries(names.map((name, i) => [name, rest[i]! / count])),
    }
  }
}

/**
 * The loss and the metrics of a model on some data, as it is outside of training.
 *
 * @example
 * const model = dense(1)
 * const { params, state } = model.init(random.key(0), [1, 2])
 * const data = dataset.fromArrays([[0, 0]], [[2]])
 * const { loss: error } = await evaluate({ model, loss: loss.mse }, params, state, data)
 * error // => 4
 */
export const evaluate = <P, S>(
  options: EvaluateOptions<P, S>,
  params: P,
  layers: S,
  data: Data,
): Promise<Measured> => evaluator(options)(params, layers, data, random.key(0))
