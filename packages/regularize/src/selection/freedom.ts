import { Cholesky } from '../arrays/cholesky.js'
import { Workspace } from '../arrays/workspace.js'
import type { Design } from '../solvers/design.js'
import type { PlainForm } from '../solvers/formOf.js'

/**
 * Degrees of freedom of a fit: the coefficients that are not 0 (Zou, Hastie, Tibshirani 2007), less what a ridge takes:
 * tr X(XᵀX + n·diag(b))⁻¹Xᵀ over the columns of the support. The intercept is not counted. For groups the number of
 * coefficients is an upper bound.
 */
export const degreesOfFreedom = (
  { x, n }: Design,
  intercept: boolean,
  { b }: PlainForm,
  w: Float64Array,
): number => {
  const support = [...w.keys()].filter((j) => w[j] !== 0)
  if (support.every((j) => b[j] === 0)) return support.length
  const work = new Workspace(support.length * n)
  const columns = support.map((j) => {
    const column = x.slice(j * n, j * n + n)
    const mean = intercept ? column.reduce((s, v) => s + v, 0) / n : 0
    return work.floatsOf(column.map((v) => v - mean))
  })
  const products = columns.map((u) => work.floatsOf(columns.map((v) => work.kernels.dot(u, 0, v, 0, n))))
  const factor = new Cholesky(work, support.length)
  for (const [k, j] of support.entries())
    if (!factor.append(products[k]!.subarray(0, k), products[k]![k]! + n * b[j]!)) return support.length
  // tr (G + nB)⁻¹G, a column of G at a time.
  return products.reduce((total, column, k) => {
    factor.solve(column)
    return total + column[k]!
  }, 0)
}
