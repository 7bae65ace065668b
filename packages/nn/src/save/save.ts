import { CotangentError, type Tensor } from '@cotangent/core'
import { dataOf, flatten, type TreeDef } from '@cotangent/core/internal'
import { WRITTEN } from './formats.js'
import { MAX_HEADER, METADATA } from './header.js'
import { type Skeleton, skeletonOf } from './structure.js'

/** The name in the metadata under which the structure stands. */
export const STRUCTURE = 'cotangent'

/** Options of {@link save}. */
export interface SaveOptions {
  /** Texts to keep with the tensors. */
  readonly metadata?: Readonly<Record<string, string>>
}

interface Part {
  readonly name: string
  readonly tensor: Tensor
  readonly rank: number
  readonly bytes: Uint8Array
}

const fail = (message: string): never => {
  throw new CotangentError('Format', `save: ${message}`, { op: 'save' })
}

// A `/` inside a key is written as in a JSON pointer (RFC 6901), so that different paths have different names.
const escapeKey = (key: string): string => {
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(key))
    fail(`the key ${JSON.stringify(key)} is not well-formed Unicode. Rename it.`)
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

const namesOf = (def: TreeDef, prefix: readonly string[]): readonly string[] => {
  const visit = (d: TreeDef, path: readonly string[]): readonly string[] =>
    d.kind === 'leaf'
      ? [path.join('/')]
      : d.items.flatMap((item, i) =>
          visit(item, [...path, d.kind === 'record' ? escapeKey(d.keys[i]!) : String(i)]),
        )
  return visit(def, prefix).map((name) => (name === METADATA ? '~2' : name))
}

const partOf = (name: string, tensor: Tensor): Part => {
  const data = dataOf(tensor)
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return { name, tensor, bytes, rank: WRITTEN.findIndex(({ dtype }) => dtype === tensor.dtype) }
}

const inBytes = (a: string, b: string): number => {
  const [x, y] = [new TextEncoder().encode(a), new TextEncoder().encode(b)]
  const at = x.findIndex((byte, i) => byte !== y[i])
  return at < 0 ? x.length - y.length : x[at]! - (y[at] ?? -1)
}

/**
 * Parameters, and the state if there is one, as a safetensors file (https://huggingface.co/docs/safetensors): every
 * tensor under its tree path, `hidden/kernel`; with a state the paths begin with `params/` and `state/`. The structure of
 * the trees is kept in the metadata, so that {@link load} gives back the same trees. The bytes are those that Python's
 * `safetensors` writes for the same tensors and metadata.
 *
 * @example
 * const file = load(save({ head: { kernel: tensor([[1, 2]]) } }))
 * file._tag === 'Right' && tree.paths(file.right.params) // => ['head/kernel']
 */
export const save = (params: unknown, state?: unknown, { metadata = {} }: SaveOptions = {}): Uint8Array => {
  if (Object.hasOwn(metadata, STRUCTURE))
    fail(`the metadata key "${STRUCTURE}" is taken by the structure of the trees. Rename it.`)
  const parts: Part[] = []
  const describe = (value: unknown, prefix: readonly string[]): Skeleton => {
    const flat = flatten(value, 'save')
    const names = namesOf(flat.def, prefix)
    flat.leaves.forEach((leaf, i) => {
      parts.push(partOf(names[i]!, leaf))
    })
    return skeletonOf(flat.def, names)
  }
  const structure =
    state === undefined
      ? { params: describe(params, []) }
      : { params: describe(params, ['params']), state: describe(state, ['state']) }
  parts.sort((a, b) => a.rank - b.rank || inBytes(a.name, b.name))

  let end = 0
  const entries = parts.map(({ name, tensor, rank, bytes }) => {
    const begin = end
    end += bytes.length
    const { label: dtype } = WRITTEN[rank]!
    return [name, { dtype, shape: tensor.shape, data_offsets: [begin, end] }] as const
  })
  // Joined by hand: an object would move keys that look like numbers to the front.
  const member = (key: string, value: unknown) => `${JSON.stringify(key)}:${JSON.stringify(value)}`
  const about = { ...metadata, [STRUCTURE]: JSON.stringify(structure) }
  const json = `{${[member(METADATA, about), ...entries.map(([k, v]) => member(k, v))].join(',')}}`
  const header = new TextEncoder().encode(json)
  const size = Math.ceil(header.length / 8) * 8
  if (size > MAX_HEADER) fail(`the header has ${size} bytes; the format allows ${MAX_HEADER}.`)

  const file = new Uint8Array(8 + size + end).fill(0x20, 8, 8 + size)
  new DataView(file.buffer).setBigUint64(0, BigInt(size), true)
  file.set(header, 8)
  parts.forEach(({ bytes }, i) => {
    file.set(bytes, 8 + size + entries[i]![1].data_offsets[0]!)
  })
  return file
}
