import type { Epoch, Step } from './epoch.js'
import type { Plain, TrainState } from './state.js'

/** What is known of a run when it begins. */
export interface RunInfo {
  readonly epochs: number
  /** Steps of an epoch, where that is known. */
  readonly steps?: number
  /** The epochs and steps that a resumed run has behind it. */
  readonly from: { readonly epoch: number; readonly step: number }
}

/** What a callback is told after a step. */
export interface StepInfo extends Step {
  /** The data loss, averaged over the steps of the epoch so far. */
  meanLoss(): number
  /** A state to go on from. */
  state(): TrainState
}

/** How a run ended. */
export interface RunEnd {
  readonly how: 'finished' | 'stopped' | 'aborted' | 'left' | 'failed'
  state(): TrainState
}

/** What a callback wants after an epoch. */
export interface Reaction<M = Plain> {
  /** What it remembers from now on. */
  readonly memory?: M
  /** Ends the run, for this reason. */
  readonly stop?: string
}

/** Parameters that a callback puts back when the run is over. */
export interface Restored {
  readonly params: unknown
  readonly layers: unknown
}

/**
 * Something that watches a run. What it remembers is plain data that `fit` keeps in the state: a callback has no state
 * of its own that a resumed run would miss.
 */
export interface Callback<M extends Plain = Plain> {
  readonly name: string
  /** What it remembers before the first epoch. */
  readonly start?: M
  // Methods, so that callbacks that remember different things fit in one list.
  onStart?(run: RunInfo, memory: M): void | Promise<void>
  onStep?(step: StepInfo): void | Promise<void>
  onEpoch?(epoch: Epoch, memory: M): Reaction<M> | undefined | Promise<Reaction<M> | undefined>
  /** After all callbacks have seen an epoch and their memories are in its state. */
  onState?(epoch: Epoch, memory: M): void | Promise<void>
  /** Called when the run ends by itself: what to put back. */
  restore?(memory: M): Restored | undefined
  onEnd?(end: RunEnd, memory: M): void | Promise<void>
}
