import { CotangentError, type Tensor, type Tree } from '@cotangent/core'
import type { TreeDef } from '@cotangent/core/internal'
import { refuse } from './error.js'
import { type Json, MAX_DEPTH } from './json.js'

// The structure of a tree as JSON with the names of its tensors as leaves: {"head":{"kernel":"head/kernel"}}.

/** What the structure looks like as plain data. */
export type Skeleton = string | readonly Skeleton[] | { readonly [key: string]: Skeleton }

/** Fills a structure with names, in the order of the leaves. */
export const skeletonOf = (def: TreeDef, names: readonly string[]): Skeleton => {
  let at = 0
  const visit = (d: TreeDef, depth: number): Skeleton => {
    if (depth >= MAX_DEPTH)
      throw new CotangentError('Format', `save: the tree is nested deeper than ${MAX_DEPTH - 1}.`, {
        op: 'save',
      })
    if (d.kind === 'leaf') return names[at++]!
    const items = d.items.map((item) => visit(item, depth + 1))
    return d.kind === 'array' ? items : Object.fromEntries(d.keys.map((k, i) => [k, items[i]!]))
  }
  return visit(def, 0)
}

/** Builds the tree that a structure describes; the tensors it takes are removed from `tensors`. */
export const takeTree = (json: Json, tensors: Map<string, Tensor>): Tree => {
  if (typeof json === 'string') {
    const found = tensors.get(json)
    if (found === undefined)
      return refuse({
        kind: 'InvalidTree',
        message: `the structure refers to tensor ${JSON.stringify(json)}, which the file does not have, or refers to it twice.`,
      })
    tensors.delete(json)
    return found
  }
  if (json instanceof Map)
    return Object.fromEntries(Array.from(json, ([k, v]) => [k, takeTree(v as Json, tensors)]))
  if (Array.isArray(json)) return json.map((item: Json) => takeTree(item, tensors))
  return refuse({ kind: 'InvalidTree', message: 'the structure holds something that is not a name.' })
}

type Nest = Map<string, Tensor | Nest>

const toRecord = (nest: Nest): Tree =>
  Object.fromEntries(Array.from(nest, ([k, v]) => [k, v instanceof Map ? toRecord(v) : v]))

/** Records inside records from names such as `layers.0.weight`. */
export const nestNames = (tensors: ReadonlyMap<string, Tensor>, separator: string): Tree => {
  const root: Nest = new Map()
  for (const [name, value] of tensors) {
    const keys = name.split(separator, MAX_DEPTH + 1)
    if (keys.length > MAX_DEPTH)
      refuse({ kind: 'TooDeep', message: `a name has more than ${MAX_DEPTH} parts.` })
    const conflict = (): never =>
      refuse({
        kind: 'NameConflict',
        name,
        message: `${JSON.stringify(name)} and another name cannot both be in one tree: one is the beginning of the other. Load with names: 'flat'.`,
      })
    let at = root
    for (const key of keys.slice(0, -1)) {
      const next = at.get(key) ?? new Map<string, Tensor | Nest>()
      if (!(next instanceof Map)) return conflict()
      at.set(key, next)
      at = next
    }
    const last = keys.at(-1)!
    if (at.has(last)) conflict()
    at.set(last, value)
  }
  return toRecord(root)
}
