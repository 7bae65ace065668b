import type { Num, Tensor } from '@cotangent/core'

/** An optimiser as plain functions: a state, and updates that are added to the parameters. */
export interface Optimizer<S = unknown> {
  readonly init: (params: never) => S
  readonly update: (
    gradient: never,
    state: S,
    context: never,
  ) => { readonly updates: unknown; readonly state: S }
}

/** What the laws see. */
export interface Known {
  readonly make: (learningRate: Num) => Optimizer
  readonly params: unknown
  readonly loss: (params: unknown) => Tensor
  /** What an update may look at beside the parameters, the value and the gradient elsewhere. */
  readonly context: Readonly<Record<string, unknown>>
  readonly learningRate: number
  readonly steps: number
  /** Whether parameters move although the gradient is 0. */
  readonly restless: boolean
  readonly seed: number
}

/** A law of optimisers: how many cases hold, or what is wrong. */
export type OptimizerLaw = (k: Known) => number | string
