import { CotangentError } from '@cotangent/core'
import type { Plain } from '../fit/state.js'
import { type Criterion, lossesOf, type Monitor } from './criterion.js'

/** Options of {@link earlyStopping}. */
export interface EarlyStoppingOptions {
  /** Epochs without improvement after which to stop. Default 10. */
  readonly patience?: number
  /** An epoch improves where it is better than the best by more than this. Default 0. */
  readonly minDelta?: number
  /** Puts the parameters of the best epoch back at the end. Default false. */
  readonly restoreBest?: boolean
  /** What is watched. Default: the validation loss. */
  readonly monitor?: Monitor
  /** `max` for what should grow, such as the accuracy. Default `min`. */
  readonly mode?: 'min' | 'max'
}

/** What {@link earlyStopping} remembers. */
export interface Best {
  readonly [key: string]: Plain
  /** The best value, and its epoch; Infinity and 0 before there is one. */
  readonly value: number
  readonly epoch: number
  readonly params?: Plain
  readonly layers?: Plain
}

/**
 * Stops once `patience` epochs in a row were no better than the best one by more than `minDelta`. A value that is not a
 * number is never an improvement.
 *
 * @example
 * stopsAt(earlyStopping({ patience: 2, minDelta: 0.5 }), [3, 2, 1.6, 1.55, 1.4]) // => 4
 */
export const earlyStopping = ({
  patience = 10,
  minDelta = 0,
  restoreBest = false,
  monitor,
  mode = 'min',
}: EarlyStoppingOptions = {}): Criterion<Best> => {
  if (!Number.isInteger(patience) || patience < 1)
    throw new CotangentError(
      'Value',
      `earlyStopping: patience is ${patience}. Give a positive number of epochs.`,
      {
        op: 'earlyStopping',
      },
    )
  if (!(minDelta >= 0))
    throw new CotangentError(
      'Value',
      `earlyStopping: minDelta is ${minDelta}. Give a number of at least 0.`,
      {
        op: 'earlyStopping',
      },
    )
  const sign = mode === 'max' ? -1 : 1
  const judge: Criterion<Best>['judge'] = (best, { epoch, validation }) => {
    if (best.value - sign * validation > minDelta)
      return { memory: { value: sign * validation, epoch }, stop: false }
    return { memory: best, stop: epoch - best.epoch >= patience }
  }
  return {
    name: 'earlyStopping',
    start: { value: Number.POSITIVE_INFINITY, epoch: 0 },
    judge,
    onEpoch(seen, best) {
      const { memory, stop } = judge(best, lossesOf('earlyStopping', seen, monitor))
      const better = memory !== best && restoreBest
      const { params, layers } = seen.state as { readonly params: Plain; readonly layers: Plain }
      return {
        memory: better ? { ...memory, params, layers } : memory,
        ...(stop && {
          stop: `earlyStopping: no improvement for ${patience} epochs; the best was epoch ${memory.epoch} (${(sign * memory.value).toPrecision(6)})`,
        }),
      }
    },
    restore: ({ params, layers }) => (params === undefined ? undefined : { params, layers }),
  }
}
