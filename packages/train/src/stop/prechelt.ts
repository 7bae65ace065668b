import { CotangentError } from '@cotangent/core'
import { type Criterion, criterion, type Monitor } from './criterion.js'

// Prechelt 1998, "Early stopping - but when?", https://doi.org/10.1007/978-3-642-35289-8_5

const positive = (op: string, name: string, x: number, whole = false): void => {
  if (!(x > 0) || (whole && !Number.isInteger(x)))
    throw new CotangentError(
      'Value',
      `${op}: ${name} is ${x}. Give a positive ${whole ? 'integer' : 'number'}.`,
      {
        op,
      },
    )
}

/** GL = 100·(E_va / E_opt - 1): by how many per cent the validation loss is above its least. */
const loss = (validation: number, least: number): number => 100 * (validation / least - 1)

/** The lesser of two, where one that is not a number does not count: Math.min would pass it on for ever. */
const lesser = (least: number, x: number): number => (Number.isNaN(x) ? least : Math.min(least, x))

/** What {@link gl} remembers: the least validation loss. */
export type Least = { readonly least: number }

/**
 * GL_α: stops when the validation loss is more than α per cent above the least so far, GL(t) = 100·(E_va(t)/E_opt(t) - 1).
 *
 * @example
 * stopsAt(prechelt.gl(12), [10, 8, 9, 10]) // => 3
 */
export const gl = (alpha: number, { monitor }: { readonly monitor?: Monitor } = {}): Criterion<Least> => {
  positive('prechelt.gl', 'alpha', alpha)
  return criterion(
    `GL_${alpha}`,
    { least: Number.POSITIVE_INFINITY },
    ({ least }, { validation }) => {
      const next = lesser(least, validation)
      return { memory: { least: next }, stop: loss(validation, next) > alpha }
    },
    monitor,
  )
}

/** Options of {@link pq} and {@link up}. */
export interface StripOptions {
  /** Epochs between two judgements. Default 5. */
  readonly strip?: number
  readonly monitor?: Monitor
}

/** What {@link pq} remembers: the least validation loss, and the training losses of the strip. */
export type Progress = { readonly least: number; readonly training: readonly number[] }

/**
 * PQ_α: stops at the end of a strip when the loss of generality is large against the progress that training still makes,
 * GL(t)/P_k(t) > α, where P_k(t) = 1000·(mean/least of the last k training losses - 1).
 *
 * @example
 * const losses = { training: [10, 9, 8.1, 7.3], validation: [10, 9, 9.5, 12] }
 * stopsAt(prechelt.pq(0.5, { strip: 2 }), losses) // => 4
 */
export const pq = (alpha: number, { strip = 5, monitor }: StripOptions = {}): Criterion<Progress> => {
  positive('prechelt.pq', 'alpha', alpha)
  positive('prechelt.pq', 'strip', strip, true)
  return criterion<Progress>(
    `PQ_${alpha}`,
    { least: Number.POSITIVE_INFINITY, training: [] },
    (memory, { epoch, training, validation }) => {
      const least = lesser(memory.least, validation)
      const last = [...memory.training, training].slice(-strip)
      const next = { least, training: last }
      if (epoch % strip !== 0) return { memory: next, stop: false }
      const mean = last.reduce((a, b) => a + b, 0) / last.length
      const progress = 1000 * (mean / Math.min(...last) - 1)
      // No progress at all: any loss of generality is too much.
      return { memory: next, stop: loss(validation, least) > alpha * progress }
    },
    monitor,
  )
}

/** What {@link up} remembers: the validation loss at the end of the last strip, and how often in a row it has grown. */
export type Growth = { readonly before: number; readonly grown: number }

/**
 * UP_s: stops when the validation loss has grown in s strips one after another, measured at their ends, however small
 * the growth.
 *
 * @example
 * stopsAt(prechelt.up(2, { strip: 1 }), [3, 2, 2.1, 2.2]) // => 4
 */
export const up = (s: number, { strip = 5, monitor }: StripOptions = {}): Criterion<Growth> => {
  positive('prechelt.up', 's', s, true)
  positive('prechelt.up', 'strip', strip, true)
  return criterion(
    `UP_${s}`,
    { before: Number.POSITIVE_INFINITY, grown: 0 },
    (memory, { epoch, validation }) => {
      if (epoch % strip !== 0) return { memory, stop: false }
      const grown = validation > memory.before ? memory.grown + 1 : 0
      return { memory: { before: validation, grown }, stop: grown >= s }
    },
    monitor,
  )
}
