import { type Tensor, tree } from '@cotangent/core'

/** A choice of parameters by path: a predicate, or a selection of `@cotangent/regularize` such as `role('kernel')`. */
export type On = ((path: string, leaf: Tensor) => boolean) | { matches(path: string, leaf: Tensor): boolean }

/** For each leaf in order, whether it is chosen. */
export const chosen = (on: On, params: unknown): boolean[] => {
  const names = tree.paths(params)
  const matches = typeof on === 'function' ? on : (path: string, leaf: Tensor) => on.matches(path, leaf)
  return tree.leaves(params).map((leaf, i) => matches(names[i]!, leaf))
}

/** Some leaves of a tree as a flat record by path: a tree of its own, without holes for the others. */
export type Part = Readonly<Record<string, Tensor>>

/** The leaves where `keep` holds. */
export const partOf = (t: unknown, keep: readonly boolean[]): Part => {
  const names = tree.paths(t)
  return Object.fromEntries(tree.leaves(t).flatMap((x, i) => (keep[i] ? [[names[i]!, x]] : [])))
}

/** The tree with the leaves of a part in their places; the inverse of {@link partOf}. */
export const withPart = <T>(t: T, part: Part): T => {
  const { leaves, def } = tree.flatten(t)
  const names = tree.paths(t)
  return tree.unflatten<T>(
    def,
    leaves.map((x, i) => part[names[i]!] ?? x),
  )
}
