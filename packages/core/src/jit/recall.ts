import { sameShape } from '../shape.js'
import { donatedTo, stamped, symOf, Tensor } from '../tensor.js'
import type { TreeDef } from '../tree/tree.js'
import type { DType, Shape } from '../types/index.js'

// The way of a call that looks like one before: the tree is walked along the structure of that one, leaf by leaf, and
// nothing is built. Whatever is not certain goes the long way.

/** A leaf of an earlier call. */
export interface LeafType {
  /** Replaced by an equal one that comes again and again: then it is recognised without looking into it. */
  shape: Shape
  readonly dtype: DType
  /** It was a JavaScript number. */
  readonly weak: boolean
}

const fitsShape = (shape: Shape, leaf: LeafType): boolean => {
  if (shape === leaf.shape) return true
  if (!sameShape(shape, leaf.shape)) return false
  leaf.shape = shape
  return true
}

const fits = (x: unknown, leaf: LeafType): x is Tensor | number => {
  if (x instanceof Tensor)
    return (
      !leaf.weak &&
      x.dtype === leaf.dtype &&
      fitsShape(x.shape, leaf) &&
      symOf(x) === undefined &&
      donatedTo(x) === undefined
    )
  // The dtype of a number can depend on its value unless a float tensor stands beside it.
  return typeof x === 'number' && leaf.weak && (leaf.dtype === 'float32' || leaf.dtype === 'float64')
}

/** Collects leaves as they come; false as soon as anything differs. */
export class Recall {
  readonly leaves: (Tensor | number)[] = []

  constructor(
    readonly types: readonly LeafType[],
    readonly call: number,
  ) {}

  /** Follows one argument; leaves of donated ones may occur once only. */
  follow(x: unknown, def: TreeDef, donated: boolean): boolean {
    if (def.kind === 'leaf') {
      const leaf = this.types[this.leaves.length]!
      if (!fits(x, leaf)) return false
      if (donated && typeof x !== 'number' && stamped(x, this.call)) return false
      this.leaves.push(x)
      return true
    }
    if (def.kind === 'array') {
      if (!Array.isArray(x) || x.length !== def.items.length) return false
      for (let i = 0; i < def.items.length; i++) if (!this.follow(x[i], def.items[i]!, donated)) return false
      return true
    }
    if (typeof x !== 'object' || x === null || x instanceof Tensor || Array.isArray(x)) return false
    const { keys, items } = def
    let i = 0
    for (const key in x) {
      if (key !== keys[i]) return false
      if (!this.follow((x as Readonly<Record<string, unknown>>)[key], items[i]!, donated)) return false
      i++
    }
    return i === keys.length
  }
}

/** Builds the tree of a result. */
export const rebuild = (def: TreeDef, leaves: readonly unknown[], at = { i: 0 }): unknown => {
  if (def.kind === 'leaf') return leaves[at.i++]
  if (def.kind === 'array') {
    const out = new Array<unknown>(def.items.length)
    for (let i = 0; i < out.length; i++) out[i] = rebuild(def.items[i]!, leaves, at)
    return out
  }
  const out: Record<string, unknown> = {}
  for (let i = 0; i < def.keys.length; i++) out[def.keys[i]!] = rebuild(def.items[i]!, leaves, at)
  return out
}
