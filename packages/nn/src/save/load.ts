import type { Tensor, Tree } from '@cotangent/core'
import { fromData } from '@cotangent/core/internal'
import type { Either } from 'fp-ts/lib/Either.js'
import { attempt, type LoadError, refuse } from './error.js'
import { type Entry, parseHeader } from './header.js'
import { parseJson } from './json.js'
import { STRUCTURE } from './save.js'
import { nestNames, takeTree } from './structure.js'

/** Options of {@link load}. */
export interface LoadOptions {
  /**
   * How names become a tree. `structure`, the default: as the file's metadata says, and `flat` where it says nothing.
   * `flat`: one record by name. `/` or `.`: records inside records, split there.
   */
  readonly names?: 'structure' | 'flat' | '/' | '.'
}

/** What a file holds. */
export interface Loaded {
  readonly params: Tree
  /** Undefined when the file was saved without a state. */
  readonly state: Tree | undefined
  /** The texts that were kept with the tensors. */
  readonly metadata: Readonly<Record<string, string>>
}

const readTensor = ({ name, format, shape, begin, end }: Entry, data: Uint8Array): Tensor => {
  const copy = new Uint8Array(end - begin)
  copy.set(data.subarray(begin, end))
  return fromData(format.read(copy, name), shape, format.dtype)
}

const arrange = (
  tensors: Map<string, Tensor>,
  text: string | undefined,
  names: NonNullable<LoadOptions['names']>,
): Pick<Loaded, 'params' | 'state'> => {
  if (names === '/' || names === '.') return { params: nestNames(tensors, names), state: undefined }
  if (names === 'flat' || text === undefined) return { params: Object.fromEntries(tensors), state: undefined }
  const structure = parseJson(text)
  const params = structure instanceof Map ? structure.get('params') : undefined
  if (!(structure instanceof Map) || params === undefined)
    return refuse({ kind: 'InvalidTree', message: `the metadata "${STRUCTURE}" has no params.` })
  const state = structure.get('state')
  const trees = {
    params: takeTree(params, tensors),
    state: state === undefined ? undefined : takeTree(state, tensors),
  }
  for (const name of tensors.keys())
    return refuse({
      kind: 'InvalidTree',
      message: `tensor ${JSON.stringify(name)} has no place in the structure of the file. Load with names: 'flat'.`,
    })
  return trees
}

/**
 * Reads a safetensors file. One written by {@link save} gives the trees that were saved, bit for bit; one written by
 * another program gives a record by name, or a nested one when `names` is the separator. F16 and BF16 become float32,
 * exactly, and I64 becomes int32 where every entry fits. Whatever the bytes are, the
 * answer is a value: a broken or hostile file is a {@link LoadError}, nothing is executed, and memory is bounded by a
 * multiple of the length of the file.
 *
 * @example
 * const file = load(save({ a: [tensor([1, 2])] }))
 * file._tag === 'Right' && tree.paths(file.right.params) // => ['a/0']
 * const broken = load(new Uint8Array(3))
 * broken._tag === 'Left' && broken.left.kind // => 'Truncated'
 */
export const load = (
  bytes: Uint8Array,
  { names = 'structure' }: LoadOptions = {},
): Either<LoadError, Loaded> =>
  attempt(() => {
    const { entries, metadata, dataAt } = parseHeader(bytes)
    const data = bytes.subarray(dataAt)
    const tensors = new Map(entries.map((entry) => [entry.name, readTensor(entry, data)]))
    const { [STRUCTURE]: structure, ...texts } = Object.fromEntries(metadata)
    return { ...arrange(tensors, structure, names), metadata: texts }
  })
