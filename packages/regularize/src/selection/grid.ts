import { CotangentError } from '@cotangent/core'
import type { PlainForm } from '../solvers/formOf.js'
import { groupThreshold } from '../solvers/groupGap.js'
import type { LinearSolver } from '../solvers/linearSolver.js'

/** The strengths of a path: those given, or geometric from the largest. Refuses what is no path. */
export const gridOf = (
  op: string,
  lambdas: readonly number[] | undefined,
  n: number,
  ratio: number,
  largest: () => number,
): readonly number[] => {
  if (lambdas !== undefined) {
    const bad = lambdas.find((l) => !(l >= 0 && l < Number.POSITIVE_INFINITY))
    if (bad !== undefined || lambdas.length === 0)
      throw new CotangentError(
        'Value',
        `${op}: ${bad === undefined ? 'lambdas is empty' : `a λ is ${bad}`}. Give numbers that are not negative.`,
        { op },
      )
    return [...lambdas].sort((x, y) => y - x)
  }
  if (!Number.isInteger(n) || n < 1)
    throw new CotangentError('Value', `${op}: n is ${n}. Give a whole number of strengths.`, { op })
  if (!(ratio > 0 && ratio < 1))
    throw new CotangentError('Value', `${op}: ratio is ${ratio}. Give a number between 0 and 1.`, { op })
  const top = largest()
  return Array.from({ length: n }, (_, k) => (n === 1 ? top : top * ratio ** (k / (n - 1))))
}

/** The least λ at which λ·penalty keeps every coefficient that it penalises at 0. */
export const lambdaMaxOf = (op: string, solver: LinearSolver, form: PlainForm): number => {
  const corr = solver.without(form)
  const { a, positive, norms } = form
  const zero = new Float64Array(a.length)
  let top = 0
  if (norms === undefined)
    for (let j = 0; j < a.length; j++) {
      const u = positive ? corr[j]! : Math.abs(corr[j]!)
      if (a[j]! > 0) top = Math.max(top, u / a[j]!)
    }
  else
    norms.groups.forEach((group, g) => {
      top = Math.max(top, groupThreshold(corr, zero, form, group, norms.c[g]!))
    })
  if (top > 0 && top < Number.POSITIVE_INFINITY) return top
  throw new CotangentError(
    'Value',
    `${op}: there is no λ from which on all coefficients are 0: ${top === 0 ? 'a ridge never makes any, or y does not depend on X' : 'a group has no strength'}. Give lambdas.`,
    { op },
  )
}
