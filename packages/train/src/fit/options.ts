import type { Tensor } from '@cotangent/core'
import type { Layer } from '@cotangent/nn'
import type { Transform } from '@cotangent/optim'
import type { Functional, Penalty } from '@cotangent/regularize'
import type { Batch, Data } from '../data/batches.js'
import type { HealthOptions } from '../health/health.js'
import type { Callback } from './callback.js'
import type { TrainState } from './state.js'

/** A loss: the predictions and the answers of a batch to a scalar, the mean over the examples. */
export type Loss = (prediction: Tensor, y: Tensor) => Tensor
/** A number to watch, such as the accuracy: the mean over the examples. */
export type Metric = (prediction: Tensor, y: Tensor) => Tensor

/** What a term of the objective may look at beside the parameters. */
export interface TermContext<P, S> {
  readonly params: P
  readonly layers: S
  readonly batch: Batch
  readonly key: Tensor
  /** The model at these parameters, as it is while training. */
  predict(x: Tensor): Tensor
}

/** A term of the objective that depends on the data, such as a Jacobian penalty. */
export type ObjectiveTerm<P, S> = (context: TermContext<P, S>) => Tensor

/** Options of {@link fit}. */
export interface FitOptions<P, S, O> {
  readonly model: Layer<P, S>
  readonly loss: Loss
  /** A penalty of the parameters; smooth terms join the loss, others act by their proximal operators. */
  readonly penalty?: Functional | Penalty
  /** Further terms of the objective, by name; each is reported. */
  readonly terms?: Readonly<Record<string, ObjectiveTerm<P, S>>>
  /** `never`: whatever it needs in its context, `fit` provides. */
  readonly optimizer: Transform<O, never>
  /** `{ x, y }`, or batches from `dataset.batches`, `dataset.stream`, `dataset.streamCsv`. */
  readonly data: Data
  /** Measured after each epoch. */
  readonly validation?: Data
  readonly metrics?: Readonly<Record<string, Metric>>
  /** Changes each batch before it is used; a part of the compiled step. */
  readonly augment?: (key: Tensor, batch: Batch) => Batch
  /** Where `data` is `{ x, y }`: 1 for SGD, `'all'` for gradient descent. Default 32. */
  readonly batchSize?: number | 'all'
  readonly epochs: number
  readonly callbacks?: readonly Callback[]
  /** Initial values, order of the examples, augmentation and dropout follow from it. */
  readonly key: Tensor
  /** Parameters to begin with; default: those of `model.init`. */
  readonly params?: P
  readonly layers?: S
  /** A state to go on from; whatever was set above must be the same. */
  readonly resume?: TrainState<P, S, O> | undefined
  readonly signal?: AbortSignal
  /** The limits of the verdicts on gradients; false to leave them out. */
  readonly health?: HealthOptions | false
}
