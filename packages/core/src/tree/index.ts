import { fail } from '../errors.js'
import type { Tensor } from '../tensor.js'
import { flatten as flattenTree, pathsOf, sameDef, type TreeDef, unflatten as unflattenTree } from './tree.js'

// The public functions on trees.

type Leaf = Tensor

/**
 * Applies a function to every leaf of one or more trees of the same structure.
 *
 * @example
 * tree.map((x: Tensor) => mul(x, 2), { a: tensor(1), b: [tensor(2)] }).b[0] // => 4
 */
export const map = <T, R = Tensor>(
  f: (leaf: Leaf, ...rest: Leaf[]) => R,
  t: T,
  ...rest: readonly unknown[]
): MapTree<T, R> => {
  const first = flattenTree(t, 'tree.map')
  const others = rest.map((r) => {
    const flat = flattenTree(r, 'tree.map')
    sameDef('tree.map', first.def, flat.def)
    return flat.leaves
  })
  return unflattenTree(
    first.def,
    first.leaves.map((leaf, i) => f(leaf, ...others.map((o) => o[i]!))),
  ) as MapTree<T, R>
}

/** The tree with another kind of leaf. */
export type MapTree<T, R> = T extends Tensor | number | boolean
  ? R
  : T extends object
    ? { [K in keyof T]: MapTree<T[K], R> }
    : T

/**
 * The leaves in order.
 *
 * @example
 * tree.leaves({ a: tensor(1), b: tensor(2) }).length // => 2
 */
export const leaves = (t: unknown): Tensor[] => [...flattenTree(t, 'tree.leaves').leaves]

/**
 * The path of every leaf, joined with `/`, in the order of {@link leaves}.
 *
 * @example
 * tree.paths({ a: tensor(1), b: [tensor(2)] }) // => ['a', 'b/0']
 */
export const paths = (t: unknown): string[] => pathsOf(flattenTree(t, 'tree.paths').def)

/**
 * Leaves and structure apart; `unflatten(def, leaves)` puts them together again.
 *
 * @example
 * tree.flatten({ a: tensor(1) }).leaves.length // => 1
 */
export const flatten = (t: unknown): { leaves: Tensor[]; def: TreeDef } => {
  const flat = flattenTree(t, 'tree.flatten')
  return { leaves: [...flat.leaves], def: flat.def }
}

/**
 * The inverse of {@link flatten}.
 *
 * @example
 * const { leaves, def } = tree.flatten([tensor(1), tensor(2)])
 * tree.leaves(tree.unflatten(def, leaves)).length // => 2
 */
export const unflatten = <T = unknown>(def: TreeDef, values: readonly Tensor[]): T => {
  const n = pathsOf(def).length
  if (values.length !== n)
    fail('Tree', `tree.unflatten: the structure has ${n} leaves, ${values.length} were given.`, {
      op: 'tree.unflatten',
    })
  return unflattenTree(def, values) as T
}

/**
 * Folds the leaves, in order.
 *
 * @example
 * tree.reduce((n: number, x: Tensor) => n + x.size, { a: tensor([1, 2]), b: tensor(3) }, 0) // => 3
 */
export const reduce = <R>(f: (acc: R, leaf: Leaf, path: string) => R, t: unknown, initial: R): R => {
  const flat = flattenTree(t, 'tree.reduce')
  const names = pathsOf(flat.def)
  return flat.leaves.reduce((acc, leaf, i) => f(acc, leaf, names[i]!), initial)
}

export { applyPatches, type Draft, type Patch, type Surgery, surgery, update } from './update.js'
