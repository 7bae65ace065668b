import {
  abs,
  add,
  all,
  CotangentError,
  div,
  equal,
  greater,
  lessEqual,
  maximum,
  minimum,
  mul,
  type Num,
  sign,
  sub,
  sum,
  type Tensor,
  vmap,
  where,
} from '@cotangent/core'
import type { Functional } from '../functional.js'
import { blockShrink } from './blockShrink.js'
import { euclidean, grouped, groupedProx } from './grouped.js'
import type { GroupOptions } from './groups.js'
import { softThreshold } from './l1.js'
import { directions, lengths } from './radial.js'
import { minus, plus, times } from './scalars.js'
import { show, strength } from './strength.js'

const shrink = (rows: Tensor, tau: Tensor, metric: Tensor | undefined): Tensor => {
  if (metric !== undefined)
    return vmap((x: Tensor, t: Tensor, d: Tensor) => blockShrink(x, t, d))(rows, tau, metric)
  const n = lengths(rows)
  return mul(rows, maximum(sub(1, div(tau, where(greater(n, 0), n, 1))), 0))
}

const ballsOf = (name: string, lambda: Num, options: GroupOptions): Functional =>
  grouped(
    {
      op: name,
      name: `${name}*`,
      traits: { convex: true, smooth: false, indicator: true },
      value: (rows, omega) =>
        where(all(lessEqual(lengths(rows), mul(omega, lambda))), 0, Number.POSITIVE_INFINITY),
      prox: (rows, _, omega, metric) => {
        euclidean(name, metric)
        const n = lengths(rows)
        return mul(directions(rows, n), minimum(n, mul(omega, lambda)))
      },
    },
    options,
  )

/**
 * R(x) = λ·Σω_g‖x_g‖ over groups: each is zero as a whole or not. ω is the root of the size of the group unless told
 * otherwise. The prox shrinks each group as {@link norm2} does, in any diagonal metric. Yuan & Lin 2006,
 * https://doi.org/10.1111/j.1467-9868.2005.00532.x
 *
 * @example
 * groupLasso(1, { groups: [[0, 1], [2]], weights: 'none' }).value(tensor([3, 4, -2])) // => 7
 * groupLasso(1, { groups: [[0, 1], [2]], weights: 'none' }).prox(tensor([3, 4, -2]), 2.5) // => [1.5, 2, 0]
 * groupLasso(1, { groups: 'perUnitIn' }).value(tensor([[3, 4], [0, 0]])) // => 7.0711
 */
export const groupLasso = (lambda: Num, options: GroupOptions) => {
  strength('groupLasso', lambda)
  const name = `groupLasso(${show(lambda)})`
  return groupedProx(
    {
      op: 'groupLasso',
      name,
      traits: {
        convex: true,
        smooth: false,
        homogeneous: 1,
        metric: true,
        shrinks: true,
        form: { norms: { strength: lambda, options } },
      },
      value: (rows, omega) => mul(lengths(rows), mul(omega, lambda)),
      prox: (rows, step, omega, metric) => shrink(rows, mul(omega, times(step, lambda)), metric),
      kkt: (rows, grad, omega) => {
        const [n, tau] = [lengths(rows), mul(omega, lambda)]
        const elsewhere = lengths(add(grad, mul(directions(rows, n), tau)))
        return where(greater(n, 0), elsewhere, maximum(sub(lengths(grad), tau), 0))
      },
      conjugate: ballsOf('groupLasso', lambda, options),
      dualNorm: lengths,
    },
    options,
  )
}

/**
 * R(x) = λ(ρ·Σ|xᵢ| + (1-ρ)·Σω_g‖x_g‖): groups, and sparse inside. The prox is the soft threshold and then the shrinkage of
 * groups; the other order would be wrong. Simon et al. 2013, https://doi.org/10.1080/10618600.2012.681250
 *
 * @example
 * sparseGroupLasso(1.5, 1 / 3, { groups: [[0, 1, 2, 3]], weights: 'none' }).prox(tensor([3, -1, 0.5, -0.2]), 1) // => [1.5194, -0.3039, 0, 0]
 */
export const sparseGroupLasso = (lambda: Num, rho: Num, options: GroupOptions) => {
  strength('sparseGroupLasso', lambda)
  if (typeof rho === 'number' && !(rho >= 0 && rho <= 1))
    throw new CotangentError('Value', `sparseGroupLasso: ρ is ${rho}. Give a number from 0 to 1.`, {
      op: 'sparseGroupLasso',
    })
  const name = `sparseGroupLasso(${show(lambda)}, ${show(rho)})`
  const [entry, group] = [times(lambda, rho), times(lambda, plus(minus(rho), 1))]
  const conjugate = grouped(
    {
      op: 'sparseGroupLasso',
      name: `${name}*`,
      traits: { convex: true, smooth: false, indicator: true },
      value: (rows, omega) =>
        where(
          all(lessEqual(lengths(softThreshold(rows, entry)), mul(omega, group))),
          0,
          Number.POSITIVE_INFINITY,
        ),
    },
    options,
  )
  return groupedProx(
    {
      op: 'sparseGroupLasso',
      name,
      traits: {
        convex: true,
        smooth: false,
        homogeneous: 1,
        metric: true,
        shrinks: true,
        form: { l1: entry, norms: { strength: group, options } },
      },
      value: (rows, omega) =>
        add(mul(lengths(rows), mul(omega, group)), mul(sum(abs(rows), { axis: -1, keepDims: true }), entry)),
      prox: (rows, step, omega, metric) => {
        const t = times(step, entry)
        const inside = softThreshold(rows, metric === undefined ? t : div(t, metric))
        return shrink(inside, mul(omega, times(step, group)), metric)
      },
      kkt: (rows, grad, omega) => {
        const [n, tau] = [lengths(rows), mul(omega, group)]
        const zero = softThreshold(grad, entry)
        const along = add(add(grad, mul(sign(rows), entry)), mul(directions(rows, n), tau))
        return where(
          greater(n, 0),
          lengths(where(equal(rows, 0), zero, along)),
          maximum(sub(lengths(zero), tau), 0),
        )
      },
      conjugate,
    },
    options,
  )
}
