import { fail } from '../errors.js'
import { filled, Tensor } from '../tensor.js'

/** Any nesting of readonly records, arrays and tuples with tensors (or numbers) as leaves. */
export type Tree = Tensor | number | boolean | readonly Tree[] | { readonly [key: string]: Tree }

/** The shape of a tree without its leaves. */
export type TreeDef =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'array'; readonly items: readonly TreeDef[] }
  | { readonly kind: 'record'; readonly keys: readonly string[]; readonly items: readonly TreeDef[] }

export const LEAF: TreeDef = { kind: 'leaf' }

export interface Flat {
  readonly leaves: readonly Tensor[]
  readonly def: TreeDef
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => {
  if (typeof x !== 'object' || x === null) return false
  const proto: unknown = Object.getPrototypeOf(x)
  return proto === Object.prototype || proto === null
}

const join = (path: string, key: string | number): string => (path === '' ? String(key) : `${path}/${key}`)

const describe = (x: unknown): string =>
  x === null || x === undefined
    ? String(x)
    : typeof x === 'object'
      ? `a ${x.constructor?.name ?? 'object'}`
      : `a ${typeof x}`

/** A weak JavaScript scalar as a tensor: numbers are float32, booleans bool. */
export const scalar = (x: number | boolean): Tensor =>
  typeof x === 'number' ? filled(x, [], 'float32') : filled(Number(x), [], 'bool')

/** Leaves in order (records by insertion) and the structure around them. */
export const flatten = (tree: unknown, op = 'tree'): Flat => {
  const leaves: Tensor[] = []
  const visit = (x: unknown, path: string): TreeDef => {
    if (x instanceof Tensor) {
      leaves.push(x)
      return LEAF
    }
    if (typeof x === 'number' || typeof x === 'boolean') {
      leaves.push(scalar(x))
      return LEAF
    }
    if (Array.isArray(x)) return { kind: 'array', items: x.map((item, i) => visit(item, join(path, i))) }
    if (isRecord(x)) {
      const keys = Object.keys(x)
      return { kind: 'record', keys, items: keys.map((k) => visit(x[k], join(path, k))) }
    }
    return fail(
      'Tree',
      `${op}: ${path === '' ? 'the value' : `the leaf at ${path}`} is ${describe(x)}. ` +
        'A tree is made of plain records, arrays, tensors and numbers; pass anything else through a closure or staticArgs.',
      { op, path },
    )
  }
  const def = visit(tree, '')
  return { leaves, def }
}

/** The inverse of {@link flatten}. */
export const unflatten = <L>(def: TreeDef, leaves: readonly L[]): unknown => {
  let at = 0
  const visit = (d: TreeDef): unknown => {
    switch (d.kind) {
      case 'leaf':
        return leaves[at++]
      case 'array':
        return d.items.map(visit)
      case 'record':
        return Object.fromEntries(d.keys.map((k, i) => [k, visit(d.items[i]!)]))
    }
  }
  return visit(def)
}

/** Paths of the leaves, joined with `/`. */
export const pathsOf = (def: TreeDef): string[] => {
  const paths: string[] = []
  const visit = (d: TreeDef, path: string): void => {
    if (d.kind === 'leaf') paths.push(path)
    else
      d.items.forEach((item, i) => {
        visit(item, join(path, d.kind === 'record' ? d.keys[i]! : i))
      })
  }
  visit(def, '')
  return paths
}

export const countLeaves = (def: TreeDef): number =>
  def.kind === 'leaf' ? 1 : def.items.reduce((n, d) => n + countLeaves(d), 0)

/** A text that is equal for equal structures only. */
export const defKey = (def: TreeDef): string =>
  def.kind === 'leaf'
    ? '*'
    : def.kind === 'array'
      ? `[${def.items.map(defKey).join(',')}]`
      : `{${def.items.map((d, i) => `${JSON.stringify(def.keys[i])}:${defKey(d)}`).join(',')}}`

/** Refuses trees of different structure, naming the first path that differs. */
export const sameDef = (op: string, expected: TreeDef, got: TreeDef): void => {
  if (defKey(expected) === defKey(got)) return
  const [a, b] = [pathsOf(expected), pathsOf(got)]
  const at = a.findIndex((p, i) => p !== b[i])
  const path = at >= 0 ? a[at]! : (b[a.length] ?? '')
  const sorted = (xs: readonly string[]) => [...xs].sort().join('\n')
  const why =
    a.length === b.length && sorted(a) === sorted(b)
      ? 'the keys come in another order'
      : at >= 0 && b[at] !== undefined
        ? `expected a leaf at ${a[at] || 'the root'}, found ${b[at] || 'the root'}`
        : at >= 0
          ? `the leaf at ${a[at]} is missing`
          : `there is an extra leaf at ${path || 'the root'}`
  fail('Tree', `${op}: the trees have different structures: ${why}. Give both the same keys and lengths.`, {
    op,
    path,
  })
}
