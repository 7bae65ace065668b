import type { Form } from './functional.js'
import type { Bound } from './match.js'

/** When the prox of a sum is the proxes one after another. */
export interface Composition {
  readonly name: string
  /** Whether prox of (first + second) is prox(second) after prox(first). */
  readonly proven: (first: Bound, second: Bound) => boolean
  /** In every diagonal metric, or only without one. */
  readonly metrics: boolean
  readonly why: string
  readonly source: string
}

const traits = ({ term }: Bound) => term.functional.traits
/** Whether the form of a functional has this part alone. */
const only = (b: Bound, part: keyof Form): boolean => Object.keys(traits(b).form ?? {}).join() === part
const isVariation = (b: Bound): boolean => b.term.functional.name.startsWith('tv1d(')
// Where the second is not convex it has to grow with every |xᵢ|, which what shrinks and does not see signs does.
const shrinks = (g: Bound): boolean =>
  traits(g).shrinks === true && (traits(g).convex || traits(g).invariant?.includes('signs') === true)
/** Every block of the first lies within one of the second; what is a sum of entries has blocks of any size. */
const nested = (first: Bound, second: Bound): boolean =>
  traits(first).separable === 'entry' ||
  (traits(second).separable === 'entry' && first.paths.every((path) => second.paths.includes(path))) ||
  first.blocks.every((block) => second.blocks.some((other) => block.every((i) => other.includes(i))))

/**
 * In general the prox of a sum is not the proxes one after another. Here it is: u = prox_f(x) and z = prox_g(u) give
 * D(x - u) ∈ ∂f(u) and D(u - z) ∈ ∂g(z), so that all that is needed is ∂f(u) ⊂ ∂f(z).
 */
export const compositions: readonly Composition[] = [
  {
    name: 'soft threshold first',
    proven: (f, g) => only(f, 'l1') && shrinks(g),
    metrics: true,
    why: '∂Σω|u| only grows where entries shrink towards 0 without passing it',
    source: 'Yu 2013, On decomposing the proximal map; Jenatton et al. 2011 for groups',
  },
  {
    name: 'non-negative first',
    proven: (f, g) => only(f, 'positive') && shrinks(g),
    metrics: true,
    why: 'the normal cone of x ≥ 0 only grows where entries shrink towards 0 without passing it',
    source: 'Yu 2013',
  },
  {
    name: 'interval last',
    proven: (f, g) =>
      traits(f).convex &&
      traits(f).separable === 'entry' &&
      traits(g).convex &&
      traits(g).separable === 'entry' &&
      traits(g).indicator === true,
    metrics: true,
    why: 'a convex function of one number rises from its minimum to both sides',
    source:
      'Combettes & Pesquet 2007, A Douglas-Rachford splitting approach to nonsmooth convex variational signal recovery',
  },
  {
    name: 'length last',
    proven: (f, g) =>
      traits(f).convex &&
      traits(f).homogeneous === 1 &&
      !traits(f).indicator &&
      traits(g).convex &&
      traits(g).radial === true &&
      nested(f, g),
    metrics: false,
    why: 'the subdifferential of a homogeneous function does not change with the scale of a block, and only grows at 0',
    source: 'Yu 2013; Jenatton et al. 2011 for trees of groups',
  },
  {
    name: 'variation first',
    proven: (f, g) =>
      isVariation(f) &&
      traits(g).convex &&
      traits(g).invariant?.includes('permutations') === true &&
      nested(g, f) &&
      nested(f, g),
    metrics: false,
    why: 'a prox that commutes with permutations keeps the order of neighbours',
    source: 'Friedman et al. 2007 for l1; Yu 2013',
  },
]

/** Terms in the order of their exact composition, with the row that proves each step. */
export interface Chain {
  readonly terms: readonly Bound[]
  readonly rows: readonly Composition[]
  /** Whether it holds in every metric. */
  readonly metrics: boolean
}

/**
 * The exact composition of terms that act on one set of tensors, if there is one: each term, by one row, before all that
 * follow it. Then the rest is again a function that the row speaks of, and the claim follows by induction.
 */
export const chainOf = (terms: readonly Bound[], metrics: boolean): Chain | undefined => {
  if (terms.length <= 1) return { terms, rows: [], metrics: true }
  for (const first of terms) {
    const others = terms.filter((t) => t !== first)
    for (const row of compositions) {
      if (metrics && !row.metrics) continue
      if (!others.every((g) => disjoint(first, g) || row.proven(first, g))) continue
      const rest = chainOf(others, metrics)
      if (rest !== undefined)
        return {
          terms: [first, ...rest.terms],
          rows: [row, ...rest.rows],
          metrics: row.metrics && rest.metrics,
        }
    }
  }
  return undefined
}

/** Whether two terms have no tensor in common. */
export const disjoint = (a: Bound, b: Bound): boolean => !a.paths.some((path) => b.paths.includes(path))

/** Terms that share tensors, directly or through others, together. */
export const clusters = (terms: readonly Bound[]): readonly (readonly Bound[])[] => {
  const found: Bound[][] = []
  for (const term of terms) {
    const touching = found.filter((c) => c.some((other) => !disjoint(term, other)))
    for (const c of touching) found.splice(found.indexOf(c), 1)
    found.push([...touching.flat(), term])
  }
  return found
}
