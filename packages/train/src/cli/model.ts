import { random, relu, type Tensor } from '@cotangent/core'
import { accuracy, activation, dense, type Layer, loss, sequential } from '@cotangent/nn'
import { adam } from '@cotangent/optim'
import { type Functional, l1, l2 } from '@cotangent/regularize'
import type { Dataset } from '../data/dataset.js'
import type { Callback } from '../fit/callback.js'
import type { Epoch } from '../fit/epoch.js'
import { fit } from '../fit/fit.js'
import type { Loss, Metric } from '../fit/options.js'
import { earlyStopping } from '../stop/earlyStopping.js'
import type { Config } from './config.js'

type Layers = Readonly<Record<string, unknown>>

/** What is learnt from a table, and how it is measured. */
export interface Problem {
  readonly kind: 'regression' | 'classification'
  readonly model: Layer<Layers, Layers>
  readonly loss: Loss
  readonly metrics: Readonly<Record<string, Metric>>
}

/** The network that the settings describe: hidden layers with relu, or none. */
export const problemOf = ({ hidden }: Pick<Config, 'hidden'>, { names, y }: Dataset): Problem => {
  const classes = names?.classes?.length
  const layers: Record<string, Layer<unknown, unknown>> = {}
  for (const [i, units] of hidden.entries()) {
    layers[`hidden${i + 1}`] = dense(units) as Layer<unknown, unknown>
    layers[`act${i + 1}`] = activation(relu) as Layer<unknown, unknown>
  }
  layers.head = dense(classes ?? y.shape[1] ?? 1) as Layer<unknown, unknown>
  const model = sequential(layers) as Layer<Layers, Layers>
  return classes !== undefined
    ? { kind: 'classification', model, loss: loss.softmaxCrossEntropy, metrics: { accuracy } }
    : { kind: 'regression', model, loss: loss.mse, metrics: { mae: loss.mae } }
}

const penaltyOf = (name: Config['penalty'], lambda: number): Functional | undefined =>
  name === 'none' || lambda === 0 ? undefined : name === 'l1' ? l1(lambda) : l2(lambda)

/** One training run with early stopping on the validation part. */
export const train = async (
  { penalty, epochs, batchSize, learningRate, patience, seed }: Config,
  { model, loss: of, metrics }: Problem,
  lambda: number,
  data: { readonly train: Dataset; readonly validation: Dataset },
  callbacks: readonly Callback[] = [],
): Promise<Epoch<Layers, Layers, unknown>> => {
  const term = penaltyOf(penalty, lambda)
  return fit({
    model,
    loss: of,
    metrics,
    ...(term !== undefined && { penalty: term }),
    optimizer: adam({ learningRate }),
    data: data.train,
    validation: data.validation,
    batchSize,
    epochs,
    key: random.key(seed) as Tensor,
    callbacks: [earlyStopping({ patience, restoreBest: true }), ...callbacks],
  }).last()
}
