import { CotangentError } from '@cotangent/core'
import { type TaskEither, tryCatch } from 'fp-ts/lib/TaskEither.js'
import type { Callback } from '../fit/callback.js'
import type { TrainState } from '../fit/state.js'
import { type FileSystem, nodeFs, readIfThere, writeAtomically } from './atomic.js'
import { decodeState, encodeState } from './encode.js'
import { removeStale } from './stale.js'

/** Options of {@link checkpointEvery}. */
export interface CheckpointOptions {
  readonly file: string
  /** Saves after every so many epochs. Default 1, and none where `steps` is given. */
  readonly epochs?: number
  /** Saves after every so many steps. */
  readonly steps?: number
  /** Default: that of Node. */
  readonly fs?: FileSystem
}

const positive = (name: string, n: number | undefined): void => {
  if (n !== undefined && !(Number.isInteger(n) && n >= 1))
    throw new CotangentError('Value', `checkpointEvery: ${name} is ${n}. Give a positive integer.`, {
      op: 'checkpointEvery',
    })
}

/**
 * Saves the state of a run as it goes, and once more when it ends or is aborted. A reader finds the latest whole state
 * whenever the process is killed: each is written to a file beside it, flushed to the disk and renamed. What a killed
 * process left beside the file is removed when a run starts and when the file is read.
 *
 * @example
 * checkpointEvery({ file: 'run.safetensors', steps: 500 }).name // => 'checkpoint'
 */
export const checkpointEvery = ({
  file,
  steps,
  epochs = steps === undefined ? 1 : undefined,
  fs,
}: CheckpointOptions): Callback => {
  positive('epochs', epochs)
  positive('steps', steps)
  const write = (state: TrainState) => writeAtomically(file, encodeState(state), fs)
  return {
    name: 'checkpoint',
    onStart: async () => removeStale(file, fs ?? (await nodeFs())),
    ...(steps !== undefined && {
      async onStep({ step, state }) {
        if (step % steps === 0) await write(state())
      },
    }),
    async onState({ epoch, state, stopped, epochs: all }) {
      if ((epochs !== undefined && epoch % epochs === 0) || stopped !== undefined || epoch === all)
        await write(state)
    },
    async onEnd({ how, state }) {
      if (how === 'aborted' || how === 'left') await write(state())
    },
  }
}

/**
 * The state that {@link checkpointEvery} saved, for `fit({ ..., resume })`; undefined where there is no file, so that the
 * first start and every later one are the same line.
 *
 * @throws CotangentError of kind `Format` for a file that is not a whole checkpoint.
 * @example
 * await readCheckpoint('there/is/no/such.file') // => undefined
 */
export const readCheckpoint = async <P = unknown, S = unknown, O = unknown>(
  file: string,
  { fs }: { readonly fs?: FileSystem } = {},
): Promise<TrainState<P, S, O> | undefined> => {
  const system = fs ?? (await nodeFs())
  await removeStale(file, system)
  const bytes = await readIfThere(file, system)
  return bytes === undefined ? undefined : decodeState(bytes, file)
}

/**
 * {@link readCheckpoint} for pipelines: Left is the error.
 *
 * @example
 * (await readCheckpointTask('no/such.file')())._tag // => 'Right'
 */
export const readCheckpointTask = <P = unknown, S = unknown, O = unknown>(
  file: string,
): TaskEither<CotangentError, TrainState<P, S, O> | undefined> =>
  tryCatch(
    () => readCheckpoint<P, S, O>(file),
    (error) => {
      if (error instanceof CotangentError) return error
      throw error
    },
  )
