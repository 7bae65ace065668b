import type { Tensor } from '@cotangent/core'
import { tree } from '@cotangent/core'
import { copyOfData, fromData } from '@cotangent/core/internal'

/** Plain data: what a callback remembers. It is saved with the state, so a resumed run goes on where it was. */
export type Plain =
  | undefined
  | null
  | boolean
  | number
  | string
  | Tensor
  | readonly Plain[]
  | { readonly [key: string]: Plain }

/** Sums over the steps of the running epoch, kept on the way so that a step is one call. Tensors of float64. */
export interface Sums {
  /** Examples. */
  readonly count: Tensor
  /** Of the data loss, weighted by the examples of the batch. */
  readonly data: Tensor
  /** Of the other terms of the objective, and of the metrics. */
  readonly terms: readonly Tensor[]
  readonly metrics: readonly Tensor[]
  /** Of the squared norms of the gradients of the parameters, `[parameters]`, and their largest. */
  readonly squares: Tensor
  readonly peaks: Tensor
  /** The step, from 1, and the parameter with the first gradient that is not finite; 0 before there is one. */
  readonly broken: Tensor
  /** The learning rate of the last step; NaN where the optimiser reports none. */
  readonly learningRate: Tensor
}

/** All that a run is: plain data. Given to `fit` as `resume`, the run goes on as if it had never stopped, bit for bit. */
export interface TrainState<P = unknown, S = unknown, O = unknown> {
  readonly params: P
  /** The state of the layers: running statistics and the like. */
  readonly layers: S
  /** The state of the optimiser. */
  readonly opt: O
  /** The key of the run; every step and every epoch has its own, derived from it and their numbers. */
  readonly key: Tensor
  /** Steps taken, epochs completed, and batches taken of the running epoch. */
  readonly step: number
  readonly epoch: number
  readonly batch: number
  readonly sums: Sums
  /** What the callbacks remember. */
  readonly memories: Readonly<Record<string, Plain>>
  /** Why the run is over, if it was stopped. */
  readonly stopped?: string
}

/** A copy of every tensor of a tree: what is donated to a step must not be what somebody holds. */
export const copied = <T>(t: T): T =>
  tree.map((x: Tensor) => fromData(copyOfData(x), x.shape, x.dtype), t) as T
