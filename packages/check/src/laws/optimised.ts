import { dataOf, evaluate, isFloat, optimise } from '@cotangent/core/internal'
import type { Traced } from '../subject/subject.js'
import { sameNumbers, together } from './bits.js'
import { type Context, type Finding, nothingFound } from './context.js'

const numbersOf = (xs: ReturnType<typeof evaluate>): number[] =>
  xs.flatMap((x) => (isFloat(x.dtype) ? [...dataOf(x)] : []))

/**
 * Folding, sharing, pruning and simplifying a graph are only ways to compute less: with the optimiser on and off the value and the
 * gradient are the same to the last bit.
 */
export const optimisedLaw = (c: Context): Finding => {
  const { subject: s, v } = c
  if (!s.traced || !s.tracedGradient) return nothingFound
  const same = (what: 'value' | 'gradient', { graph, inputs }: Traced) =>
    sameNumbers(
      c,
      'optimised',
      what,
      numbersOf(evaluate(graph, inputs)),
      numbersOf(evaluate(optimise(graph), inputs)),
    )
  return together('optimised', [
    () => same('value', s.traced!()),
    () => same('gradient', s.tracedGradient!(v)),
  ])
}
