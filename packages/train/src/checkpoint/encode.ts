import { CotangentError, type Tensor } from '@cotangent/core'
import { load, save } from '@cotangent/nn'
import type { Plain, TrainState } from '../fit/state.js'
import { join, split } from './plain.js'

const FORMAT = 'cotangent.checkpoint'
const VERSION = '1'

/** The bytes of a state: a safetensors file, every tensor under its path in the state, the rest as JSON in the metadata. */
export const encodeState = (state: TrainState): Uint8Array => {
  const { json, tensors } = split(state as unknown as Plain)
  return save(tensors, undefined, { metadata: { [FORMAT]: VERSION, state: json } })
}

const refuse = (file: string, why: string): never => {
  throw new CotangentError('Format', `checkpoint: ${file} ${why}`, { op: 'checkpoint' })
}

/** The inverse of {@link encodeState}; `file` names the bytes in messages. */
export const decodeState = <P, S, O>(bytes: Uint8Array, file: string): TrainState<P, S, O> => {
  const loaded = load(bytes)
  if (loaded._tag === 'Left') return refuse(file, `is not a whole checkpoint: ${loaded.left.message}`)
  const { params, metadata } = loaded.right
  const version = metadata[FORMAT]
  if (version !== VERSION || metadata.state === undefined)
    return refuse(
      file,
      version === undefined
        ? 'has tensors but no state of a run. Read parameters with load of @cotangent/nn.'
        : `is of version ${version}; this is version ${VERSION}.`,
    )
  try {
    return join(
      metadata.state,
      params as unknown as Readonly<Record<string, Tensor>>,
    ) as unknown as TrainState<P, S, O>
  } catch (error) {
    return refuse(file, `is not a checkpoint: ${error instanceof Error ? error.message : String(error)}.`)
  }
}
