import type { Tensor } from '@cotangent/core'
import { type Place, proxOf, proxOfSum, refuse } from './acting.js'
import { type Chain, chainOf, clusters, disjoint } from './compose.js'
import type { Bound } from './match.js'

/** Terms that share tensors, and how the prox of their sum is taken: by a proven composition, or by an inner solver. */
export interface Cluster {
  readonly terms: readonly Bound[]
  /** Without a metric. */
  readonly plain: Chain | undefined
  /** In every metric. */
  readonly metric: Chain | undefined
}

const clusterOf = (terms: readonly Bound[]): Cluster => {
  const plain = chainOf(terms, false)
  const metric = chainOf(terms, true)
  if (plain === undefined && !terms.every((t) => t.term.functional.traits.convex))
    for (const a of terms)
      for (const b of terms)
        if (a !== b && !disjoint(a, b) && chainOf([a, b], false) === undefined)
          refuse(a, b, a.paths.find((path) => b.paths.includes(path))!)
  return { terms, plain, metric }
}

/** All clusters of some terms; refuses those for which there is neither. */
export const clustersOf = (terms: readonly Bound[]): readonly Cluster[] => clusters(terms).map(clusterOf)

/** The leaves after the prox of the sum of a cluster. */
export const runCluster = (cluster: Cluster, leaves: readonly Tensor[], place: Place): Tensor[] => {
  const chain = place.metric === undefined ? cluster.plain : cluster.metric
  if (chain === undefined) return proxOfSum(cluster.terms, leaves, place)
  return chain.terms.reduce<Tensor[]>((now, term) => proxOf(term, now, place), [...leaves])
}
