import type { ReportRow } from '@cotangent/regularize'
import type { GradientHealth } from '../health/health.js'
import type { TrainState } from './state.js'

/** A loss and metrics on some data. */
export interface Measured {
  readonly loss: number
  readonly metrics: Readonly<Record<string, number>>
}

/** One pass over the data, and where it led. */
export interface Epoch<P = unknown, S = unknown, O = unknown> {
  /** From 1. */
  readonly epoch: number
  readonly epochs: number
  /** Steps taken since the beginning of the run. */
  readonly step: number
  /** The data loss alone, averaged over the examples while they were trained on. */
  readonly loss: number
  /** The penalty at the end of the epoch, and its terms. */
  readonly penalty: number
  readonly penalties: readonly ReportRow[]
  /** The further terms of the objective, averaged like the loss. */
  readonly terms: Readonly<Record<string, number>>
  /** Loss, terms and penalty together. */
  readonly objective: number
  /** Averaged like the loss. */
  readonly metrics: Readonly<Record<string, number>>
  readonly validation?: Measured
  readonly gradientHealth: GradientHealth
  readonly learningRate?: number
  readonly seconds: number
  /** Why this was the last epoch, if something stopped the run. */
  readonly stopped?: string
  /** All that is needed to go on from here; its parameters are the best ones where a callback restores them. */
  readonly state: TrainState<P, S, O>
}

/** One step, as `fit(...).steps()` gives them. */
export interface Step {
  readonly epoch: number
  /** Since the beginning of the run, from 1. */
  readonly step: number
  /** Of the epoch, from 1. */
  readonly batch: number
  /** Of the epoch, where that is known. */
  readonly batches?: number
  /** The data loss of this step. */
  readonly loss: number
}
