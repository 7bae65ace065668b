import { refuse } from './error.js'
import { FORMATS, type Format } from './formats.js'
import { type Json, parseJson } from './json.js'

/** Where a tensor lies in the file; offsets count from the end of the header. */
export interface Entry {
  readonly name: string
  readonly format: Format
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

/** What stands in front of the data. */
export interface Header {
  readonly entries: readonly Entry[]
  readonly metadata: ReadonlyMap<string, string>
  /** Where the data begins. */
  readonly dataAt: number
}

/** The reserved name of the metadata. */
export const METADATA = '__metadata__'
/** The limit of the reference implementation. */
export const MAX_HEADER = 100_000_000

const isMap = (x: Json | undefined): x is ReadonlyMap<string, Json> => x instanceof Map
const isCount = (x: Json): x is number => typeof x === 'number' && Number.isSafeInteger(x) && x >= 0

/** A list of counts, or nothing. */
const counts = (x: Json | undefined): readonly number[] | undefined =>
  Array.isArray(x) && x.every(isCount) ? x : undefined

const parseEntry = (name: string, json: Json): Entry => {
  const invalid = (what: string): never =>
    refuse({ kind: 'InvalidEntry', name, message: `tensor ${JSON.stringify(name)}: ${what}.` })
  if (!isMap(json)) return invalid('expected an object with dtype, shape and data_offsets')
  const label = json.get('dtype')
  if (typeof label !== 'string') return invalid('dtype must be a string')
  const shape = counts(json.get('shape')) ?? invalid('shape must be a list of counts')
  const [begin, end, ...rest] = counts(json.get('data_offsets')) ?? invalid('data_offsets must be two counts')
  if (begin === undefined || end === undefined || rest.length > 0 || begin > end)
    return invalid('data_offsets must be [begin, end] with begin <= end')
  const format = FORMATS.find((row) => row.label === label)
  if (format === undefined)
    return refuse({
      kind: 'UnsupportedDType',
      name,
      dtype: label,
      message: `tensor ${JSON.stringify(name)}: dtype ${JSON.stringify(label)} is none of ${FORMATS.map((row) => row.label).join(', ')}. Convert it before saving.`,
    })
  // Grows past 2^53 only to stay there, so that no product can wrap around to a fitting one.
  const bytes = shape.reduce((n, d) => n * d, format.width)
  if (bytes !== end - begin || !Number.isSafeInteger(bytes))
    refuse({
      kind: 'SizeMismatch',
      name,
      message: `tensor ${JSON.stringify(name)}: ${label} [${shape.join(', ')}] needs ${bytes} bytes, its data_offsets [${begin}, ${end}] hold ${end - begin}.`,
    })
  return { name, format, shape, begin, end }
}

const parseMetadata = (json: Json | undefined): ReadonlyMap<string, string> => {
  if (json === undefined || json === null) return new Map()
  const entries = isMap(json) ? [...json] : undefined
  if (entries === undefined || !entries.every((e): e is [string, string] => typeof e[1] === 'string'))
    return refuse({
      kind: 'InvalidEntry',
      name: METADATA,
      message: `${METADATA} must be an object of strings.`,
    })
  return new Map(entries)
}

/** The data is covered by the tensors from end to end, each byte once: nothing overlaps and nothing hides. */
const checkLayout = (entries: readonly Entry[], length: number): void => {
  let reached = 0
  let last = ''
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (end > length)
      refuse({
        kind: 'OutOfBounds',
        name,
        message: `tensor ${JSON.stringify(name)} ends at byte ${end} of the data, which has ${length}.`,
      })
    if (begin < reached)
      refuse({
        kind: 'Overlap',
        name,
        other: last,
        message: `tensors ${JSON.stringify(last)} and ${JSON.stringify(name)} share bytes.`,
      })
    if (begin > reached)
      refuse({
        kind: 'Hole',
        from: reached,
        to: begin,
        message: `bytes ${reached} to ${begin} of the data belong to no tensor.`,
      })
    reached = end
    last = name
  }
  if (reached < length)
    refuse({
      kind: 'Hole',
      from: reached,
      to: length,
      message: `bytes ${reached} to ${length} of the data belong to no tensor.`,
    })
}

const decode = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return refuse({ kind: 'InvalidJson', at: 0, message: 'the header is not UTF-8.' })
  }
}

/** Reads and checks everything but the data. Nothing larger than the header is allocated. */
export const parseHeader = (bytes: Uint8Array): Header => {
  const truncated = (needed: number): never =>
    refuse({
      kind: 'Truncated',
      needed,
      length: bytes.length,
      message: `the file has ${bytes.length} bytes; ${needed} are needed to hold its header.`,
    })
  if (bytes.length < 8) truncated(8)
  const size = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
  if (size > MAX_HEADER)
    refuse({
      kind: 'HeaderTooLarge',
      size,
      message: `the header claims ${size} bytes; at most ${MAX_HEADER} are read. Is this a safetensors file?`,
    })
  const dataAt = 8 + size
  if (dataAt > bytes.length) truncated(dataAt)
  const text = decode(bytes.subarray(8, dataAt))
  const json = text.startsWith('{') ? parseJson(text) : undefined
  if (!isMap(json))
    return refuse({
      kind: 'InvalidJson',
      at: 0,
      message: 'the header must be a JSON object and begin with {.',
    })
  const entries = [...json].flatMap(([name, value]) => (name === METADATA ? [] : [parseEntry(name, value)]))
  const metadata = parseMetadata(json.get(METADATA))
  checkLayout(entries, bytes.length - dataAt)
  return { entries, metadata, dataAt }
}
