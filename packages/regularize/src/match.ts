import { CotangentError, type Tensor } from '@cotangent/core'
import type { Group, Mode, Term } from './penalty.js'
import { roleOf } from './roles.js'
import { selection } from './select.js'
import { repairGlob } from './suggest.js'

/** A term bound to the leaves it acts on. */
export interface Bound {
  readonly term: Term
  readonly mode: Exclude<Mode, 'auto'>
  /** Indices of leaves, one list for each block. */
  readonly blocks: readonly (readonly number[])[]
  readonly paths: readonly string[]
}

const PLACES = 6

const nothing = (term: Term, paths: readonly string[], leaves: readonly Tensor[]): never => {
  const text = term.where.text
  const glob = /^'(.*)'$/.exec(text)?.[1]
  const repaired = glob === undefined ? undefined : repairGlob(glob, paths)
  const found =
    repaired === undefined || repaired === glob
      ? 0
      : paths.filter((path, i) => selection(repaired).matches(path, leaves[i]!)).length
  const shown = paths.slice(0, PLACES).map((path) => `${path || 'the root'} (${roleOf(path)})`)
  const more = paths.length > PLACES ? `, and ${paths.length - PLACES} more` : ''
  const help =
    found > 0
      ? `Did you mean '${repaired}' (${found} parameter${found === 1 ? '' : 's'})?`
      : `There ${paths.length === 1 ? 'is' : 'are'} ${paths.length === 0 ? 'none' : shown.join(', ')}${more}.`
  throw new CotangentError('Selector', `${text} matches no parameter (term ${term.name}). ${help}`, {
    op: 'plan',
    ...(glob === undefined ? {} : { path: glob }),
  })
}

const layerOf = (path: string): string => path.split('/').slice(0, -1).join('/')

const blocksOf = (group: Group, indices: readonly number[], paths: readonly string[]): number[][] => {
  if (group === 'perTensor') return indices.map((i) => [i])
  if (group === 'global') return [[...indices]]
  const layers = new Map<string, number[]>()
  for (const i of indices) layers.set(layerOf(paths[i]!), [...(layers.get(layerOf(paths[i]!)) ?? []), i])
  return [...layers.values()]
}

const modeOf = ({ functional, mode, name }: Term): Exclude<Mode, 'auto'> => {
  const { smooth, indicator } = functional.traits
  const own = indicator ? 'constraint' : smooth || functional.prox === undefined ? 'coupled' : 'proximal'
  const chosen = mode === 'auto' ? own : mode
  if (chosen === 'constraint' && !indicator)
    throw new CotangentError(
      'Value',
      `${name}: mode 'constraint' is for sets, and this is a penalty. Use 'proximal'.`,
      { op: 'plan' },
    )
  if (chosen !== 'coupled' && functional.prox === undefined)
    throw new CotangentError(
      'Value',
      `${name}: mode '${chosen}' needs a prox, and it has none. Give it one, or choose mode 'coupled' (no exact zeros).`,
      { op: 'plan' },
    )
  return chosen
}

// What is not known yet, a schedule or a tensor, is not looked at.
const checkWeights = ({ name, weights }: Term, mode: Bound['mode']): void => {
  for (const w of weights) {
    if (typeof w !== 'number' || (mode === 'coupled' ? Number.isFinite(w) : w >= 0 && Number.isFinite(w)))
      continue
    const remedy =
      mode === 'coupled'
        ? 'Give a finite number.'
        : 'Give a number that is not negative: a negative penalty has no prox.'
    throw new CotangentError('Value', `${name}: a weight is ${w}. ${remedy}`, { op: 'plan' })
  }
}

/** Finds what a term acts on; refuses a selector that matches nothing. */
export const bindTerm = (term: Term, paths: readonly string[], leaves: readonly Tensor[]): Bound => {
  const indices = paths.flatMap((path, i) => (term.where.matches(path, leaves[i]!) ? [i] : []))
  if (indices.length === 0) nothing(term, paths, leaves)
  // A functional that sums over entries does not see the blocks.
  const group = term.functional.traits.separable === 'entry' ? 'perTensor' : term.group
  const mode = modeOf(term)
  checkWeights(term, mode)
  return {
    term,
    mode,
    blocks: blocksOf(group, indices, paths),
    paths: indices.map((i) => paths[i]!),
  }
}
