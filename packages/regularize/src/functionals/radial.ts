import { add, div, greater, maximum, mul, type Num, norm, sub, type Tensor, where } from '@cotangent/core'
import type { EntryRule } from './entrywise.js'
import { euclidean, groupedProx } from './grouped.js'
import type { GroupOptions } from './groups.js'

/** The length of each row, as a column. */
export const lengths = (rows: Tensor): Tensor => norm(rows, { axis: -1, keepDims: true })

/** The rows divided by their lengths; 0 stays 0. */
export const directions = (rows: Tensor, n: Tensor): Tensor => div(rows, where(greater(n, 0), n, 1))

/** R(x) = Σ r(‖x_g‖) for an even rule r with strength λω: the prox changes lengths and keeps directions. */
export const radial = (
  op: string,
  name: string,
  lambda: Num,
  ruleOf: (strength: Tensor) => EntryRule,
  weakConvexity: Num,
  options: GroupOptions,
) =>
  groupedProx(
    {
      op,
      name,
      traits: { convex: false, smooth: false, weakConvexity, shrinks: true },
      value: (rows, omega) => ruleOf(mul(omega, lambda)).value(lengths(rows)),
      prox: (rows, step, omega, metric) => {
        euclidean(op, metric)
        const n = lengths(rows)
        return mul(directions(rows, n), ruleOf(mul(omega, lambda)).prox(n, step))
      },
      kkt: (rows, grad, omega) => {
        const n = lengths(rows)
        const strength = mul(omega, lambda)
        const elsewhere = lengths(add(grad, mul(directions(rows, n), ruleOf(strength).slope(n))))
        return where(greater(n, 0), elsewhere, maximum(sub(lengths(grad), strength), 0))
      },
    },
    options,
  )
