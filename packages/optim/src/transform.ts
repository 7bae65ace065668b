import type { Num } from '@cotangent/core'

/** What a transform may look at beside the gradient. */
export interface UpdateContext {
  /** The current parameters. */
  readonly params: unknown
  /** The value of the objective, for those that watch it. */
  readonly value?: Num
  readonly [key: string]: unknown
}

/** What a transform reports of the step it took. */
export interface Info {
  /** The step length η of this update. */
  readonly learningRate?: Num
  /**
   * The diagonal metric D of this update, a tree like the parameters: the update is -η·D⁻¹·(gradient). Absent: the
   * Euclidean one. A proximal step in this metric solves the penalised problem; a Euclidean one does not.
   */
  readonly metric?: unknown
  /** Updates made before this one. */
  readonly count?: Num
  readonly [key: string]: unknown
}

/** New updates and state, and what there is to report. */
export interface Updated<P, S> {
  readonly updates: P
  readonly state: S
  readonly info: Info
}

/**
 * A step of an optimiser, from gradients to updates that are added to the parameters. Pure: everything it remembers
 * is in its state, a plain tree of tensors whose structure never changes, so that it can be compiled and saved.
 */
export interface Transform<S = unknown> {
  init(params: unknown): S
  update<P>(grads: P, state: S, context: UpdateContext): Updated<P, S>
  /** The steps this one is made of; a step of its own where absent. */
  readonly parts?: readonly Transform<unknown>[]
}

/** The state of a transform, as a type. */
export type StateOf<T> = T extends Transform<infer S> ? S : never
