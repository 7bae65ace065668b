import { CotangentError } from '@cotangent/core'
import type { Bound } from './match.js'

// The prox of a sum is in general not the proxes one after another (Yu 2013, "On decomposing the proximal map"). It is,
// in any diagonal metric, for these: soft thresholds add up, and what scales every entry by a positive factor keeps
// the subgradient of |.|: so entry-wise l1 first, then either half squares or one norm of a block.
const KINDS = ['l1', 'l2', 'norm2'] as const
const kindOf = (b: Bound): number => KINDS.findIndex((kind) => b.term.functional.name.startsWith(`${kind}(`))

const refuse = (a: Bound, b: Bound, path: string): never => {
  throw new CotangentError(
    'Value',
    `${a.term.name} and ${b.term.name} both act on ${path || 'the root'} by their proximal operators, whose composition ` +
      "is not that of the sum. Select different parameters, or give the smooth one mode 'coupled'.",
    { op: 'plan', path },
  )
}

/** Proximal terms in the order in which they are composed exactly; refuses those that cannot be. */
export const inProximalOrder = (terms: readonly Bound[]): readonly Bound[] => {
  const sorted = [...terms].sort((a, b) => kindOf(a) - kindOf(b))
  sorted.forEach((a, i) => {
    for (const b of sorted.slice(i + 1)) {
      const shared = a.paths.find((path) => b.paths.includes(path))
      if (shared === undefined || a.mode !== b.mode) continue
      const [first, second] = [kindOf(a), kindOf(b)]
      const exact = first >= 0 && second >= 0 && (first === 0 || (first === 1 && second === 1))
      if (!exact) refuse(a, b, shared)
    }
  })
  return sorted
}
