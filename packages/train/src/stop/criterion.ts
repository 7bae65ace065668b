import { CotangentError } from '@cotangent/core'
import type { Callback } from '../fit/callback.js'
import type { Epoch } from '../fit/epoch.js'
import type { Plain } from '../fit/state.js'

/** What a criterion sees of an epoch. */
export interface Losses {
  /** From 1. */
  readonly epoch: number
  readonly training: number
  /** The number that is watched; smaller is better. */
  readonly validation: number
}

/**
 * When to stop, as a fold over the losses of the epochs: pure, and its memory is plain data. In a run it is a callback;
 * on a list of numbers it is {@link stopsAt}.
 */
export interface Criterion<M extends Plain = Plain> extends Callback<M> {
  readonly start: M
  /** What is remembered from now on, and whether to stop. */
  judge(memory: M, losses: Losses): { readonly memory: M; readonly stop: boolean }
}

/** What is watched in an epoch: the validation loss unless told otherwise, or `metrics.accuracy` and the like. */
export type Monitor = (epoch: Epoch) => number

const validationLoss =
  (op: string) =>
  (epoch: Epoch): number => {
    if (epoch.validation !== undefined) return epoch.validation.loss
    throw new CotangentError(
      'Value',
      `${op}: there is no validation loss to watch. Pass validation to fit, or monitor: (epoch) => epoch.loss.`,
      { op },
    )
  }

/** The losses of an epoch of a run. */
export const lossesOf = (op: string, epoch: Epoch, monitor: Monitor = validationLoss(op)): Losses => ({
  epoch: epoch.epoch,
  training: epoch.loss,
  validation: monitor(epoch),
})

/** A criterion from its fold. */
export const criterion = <M extends Plain>(
  name: string,
  start: M,
  judge: Criterion<M>['judge'],
  monitor?: Monitor,
): Criterion<M> => ({
  name,
  start,
  judge,
  onEpoch(epoch, memory) {
    const { memory: next, stop } = judge(memory, lossesOf(name, epoch, monitor))
    return { memory: next, ...(stop && { stop: name }) }
  },
})

/** Losses as a list: of validation alone, or with those of training. */
export type Sequence =
  | readonly number[]
  | { readonly training: readonly number[]; readonly validation: readonly number[] }

/**
 * The epoch, from 1, after which a criterion stops; undefined where it never does.
 *
 * @example
 * stopsAt(earlyStopping({ patience: 2 }), [3, 2, 2.5, 2.1, 1]) // => 4
 */
export const stopsAt = <M extends Plain>(criterion: Criterion<M>, losses: Sequence): number | undefined => {
  const both = Array.isArray(losses)
    ? { training: losses as readonly number[], validation: losses as readonly number[] }
    : (losses as { readonly training: readonly number[]; readonly validation: readonly number[] })
  let memory = criterion.start
  for (const [i, validation] of both.validation.entries()) {
    const next = criterion.judge(memory, {
      epoch: i + 1,
      training: both.training[i] ?? Number.NaN,
      validation,
    })
    if (next.stop) return i + 1
    memory = next.memory
  }
  return undefined
}
