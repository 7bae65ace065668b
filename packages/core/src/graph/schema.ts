import { fail } from '../errors.js'
import type { DType } from '../types/index.js'

// What a graph looks like as JSON. Numbers that JSON cannot say (NaN, infinities, -0), tensors and graphs inside of
// parameters are records with one key that starts with `$`.

export const FORMAT = 'cotangent.graph'
export const VERSION = 1

export interface AvalJSON {
  readonly dtype: DType
  readonly shape: readonly number[]
}

/** Elements row-major, little-endian, in base64. */
export interface ConstantJSON extends AvalJSON {
  readonly data: string
}

/** Values count from 0: inputs first, then the outputs of each node in turn. */
export interface NodeJSON {
  readonly op: string
  readonly in: readonly number[]
  readonly out: readonly AvalJSON[]
  readonly params?: Readonly<Record<string, unknown>>
  readonly path?: string
}

export interface BodyJSON {
  readonly inputs: readonly AvalJSON[]
  readonly nodes: readonly NodeJSON[]
  readonly outputs: readonly number[]
}

/** A traced rule: the graph gives only those results that are not symbolic zeros. */
export interface RuleJSON {
  readonly body: BodyJSON
  readonly active: readonly boolean[]
}

/** An operation with rules of its own: its meaning, and the rules it has, traced. */
export interface OpJSON {
  readonly name: string
  readonly key?: string
  readonly opaque?: boolean
  readonly meaning: BodyJSON
  readonly jvp?: RuleJSON
  readonly reverse?: { readonly forward: BodyJSON; readonly backward: RuleJSON }
  readonly linear?: { readonly from: number; readonly adjoint: RuleJSON }
  /** Descriptions of the nodes whose values are kept for the backward pass. */
  readonly recompute?: readonly string[]
}

export type TreeJSON =
  | '*'
  | readonly TreeJSON[]
  | { readonly keys: readonly string[]; readonly items: readonly TreeJSON[] }

export interface GraphJSON {
  readonly format: typeof FORMAT
  readonly version: typeof VERSION
  readonly args: readonly TreeJSON[]
  readonly result: TreeJSON
  readonly constants: readonly ConstantJSON[]
  readonly ops: readonly OpJSON[]
  readonly graph: BodyJSON
}

/** Refuses with the place in the file. */
export const formatError = (what: string): never =>
  fail('Format', `Graph.fromJSON: ${what}`, { op: 'Graph.fromJSON' })

export const toBase64 = (bytes: Uint8Array): string => {
  let text = ''
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096))
  return btoa(text)
}

export const fromBase64 = (text: string, where: string): Uint8Array => {
  try {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
  } catch {
    return formatError(`${where} is not base64. The file is damaged; write it again with toJSON.`)
  }
}
