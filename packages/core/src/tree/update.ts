import {
  applyPatches as apply,
  enablePatches,
  type Patch as ImmerPatch,
  produce,
  produceWithPatches,
} from 'immer'
import { fail } from '../errors.js'
import { Tensor } from '../tensor.js'
import { flatten, pathsOf } from './tree.js'

// Trees edited by hand, through immer.

/** A tree as it may be edited: plain records and arrays are open, tensors are opaque. */
export type Draft<T> = T extends Tensor | number | boolean
  ? T
  : T extends object
    ? { -readonly [K in keyof T]: Draft<T[K]> }
    : T

const refuseAliases = (op: string, t: unknown): void => {
  const seen = new Map<object, string>()
  const visit = (x: unknown, path: string): void => {
    if (typeof x !== 'object' || x === null || x instanceof Tensor) return
    const before = seen.get(x)
    if (before !== undefined)
      fail(
        'Tree',
        `${op}: ${path} and ${before || 'the root'} are the same object, and editing would untie them. Keep tied parts in one place and refer to them when applying.`,
        { op, path },
      )
    seen.set(x, path)
    for (const [k, v] of Object.entries(x)) visit(v, path === '' ? k : `${path}/${k}`)
  }
  visit(t, '')
}

/**
 * A copy of a tree, edited by hand: assign to the draft, the original stays, untouched parts are shared. Tensors are
 * opaque to it: replace them, their contents cannot change. A node that stands in two places would be silently untied,
 * so such trees are refused.
 *
 * @example
 * tree.update({ a: tensor(1), b: tensor(2) }, (draft) => { draft.a = tensor(5) }).a // => 5
 */
export const update = <T>(t: T, edit: (draft: Draft<T>) => void): T => {
  refuseAliases('tree.update', t)
  return produce(t, (draft: unknown) => {
    edit(draft as Draft<T>)
  }) as T
}

/** One change: what happens at a path. The value is a tensor or a part of a tree. */
export interface Patch {
  readonly op: 'add' | 'remove' | 'replace'
  readonly path: readonly (string | number)[]
  readonly value?: unknown
}

/** An edited tree, and the changes that lead there and back. */
export interface Surgery<T> {
  readonly params: T
  readonly patches: readonly Patch[]
  readonly inverse: readonly Patch[]
}

/**
 * {@link update} that also says what it changed: a list of patches from the old tree to the new one, and the list that
 * undoes them. Applied with {@link applyPatches}, to this tree or to another with the same paths.
 *
 * @example
 * const { params, patches, inverse } = tree.surgery({ a: tensor(1), b: tensor(2) }, (draft) => { draft.a = tensor(5) })
 * params.a // => 5
 * patches[0]!.path // => ['a']
 * tree.applyPatches(params, inverse).a // => 1
 */
export const surgery = <T>(t: T, edit: (draft: Draft<T>) => void): Surgery<T> => {
  enablePatches()
  refuseAliases('tree.surgery', t)
  const [params, patches, inverse] = produceWithPatches(t, (draft: unknown) => {
    edit(draft as Draft<T>)
  }) as unknown as [T, ImmerPatch[], ImmerPatch[]]
  // A removed key that is added again would come last, and the order of keys is part of a tree: then the whole is put back.
  const restored = pathsOf(flatten(apply(params as object, inverse)).def)
  const exact = restored.join('\n') === pathsOf(flatten(t).def).join('\n')
  return { params, patches, inverse: exact ? inverse : [{ op: 'replace', path: [], value: t }] }
}

/**
 * The tree after the changes of a {@link surgery}; the original stays. A path that the tree does not have is an error.
 *
 * @example
 * tree.applyPatches({ a: tensor(1) }, [{ op: 'replace', path: ['a'], value: tensor(2) }]).a // => 2
 */
export const applyPatches = <T>(t: T, patches: readonly Patch[]): T => {
  enablePatches()
  refuseAliases('tree.applyPatches', t)
  const own = patches.map(({ path, ...rest }) => ({ ...rest, path: [...path] }))
  try {
    return apply(t as object, own) as T
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'Error') throw error
    return fail('Tree', `tree.applyPatches: ${error.message}. Apply patches to a tree with the same paths.`, {
      op: 'tree.applyPatches',
    })
  }
}
