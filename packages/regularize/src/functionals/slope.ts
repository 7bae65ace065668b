import {
  abs,
  add,
  arange,
  argsort,
  CotangentError,
  cast,
  cummax,
  cumsum,
  div,
  greater,
  greaterEqual,
  max,
  maximum,
  min,
  mul,
  type Num,
  reshape,
  sign,
  sort,
  sub,
  sum,
  type Tensor,
  takeAlongAxis,
  tensor,
  where,
} from '@cotangent/core'
import type { Functional } from '../functional.js'
import { euclidean, fixedPoint } from './grouped.js'

const flat = (x: Tensor): Tensor => reshape(x, [x.size])

/**
 * The nearest non-increasing sequence to v, by the formula zᵢ = min_{j≤i} max_{k≥i} mean(v_j … v_k), which has no loop whose
 * length depends on the data; it takes n² memory. Robertson, Wright & Dykstra 1988.
 */
const nonIncreasing = (v: Tensor): Tensor => {
  const n = v.size
  const s = cumsum(v)
  const before = reshape(sub(s, v), [n, 1])
  const at = arange(n)
  const [j, k] = [reshape(at, [n, 1]), reshape(at, [1, n])]
  const count = cast(maximum(add(sub(k, j), 1), 1), v.dtype)
  const means = div(sub(reshape(s, [1, n]), before), count)
  const upper = cummax(means, { axis: 1, reverse: true })
  return min(where(greaterEqual(k, j), upper, Number.POSITIVE_INFINITY), { axis: 0 })
}

/**
 * R(x) = Σλᵢ|x|₍ᵢ₎, the largest entry with the largest λ: the sorted L1 norm (SLOPE, OWL, OSCAR), which finds clusters of
 * equal entries. The prox is an isotonic regression of the sorted |x| - tλ. Bogdan et al. 2015,
 * https://doi.org/10.1214/15-AOAS842
 *
 * @example
 * slope([2, 1]).value(tensor([3, -4])) // => 11
 * slope([2, 1]).prox(tensor([3, -3.5]), 1) // => [1.75, -1.75]
 */
export const slope = (lambdas: readonly number[] | Tensor): Required<Functional> => {
  if (Array.isArray(lambdas))
    lambdas.forEach((v: number, i) => {
      if (!(v >= 0) || (i > 0 && v > lambdas[i - 1]!))
        throw new CotangentError(
          'Value',
          `slope: λ${i} is ${v}. Give numbers that are not negative, the largest first.`,
          { op: 'slope' },
        )
    })
  const strengths = (x: Tensor): Tensor => {
    const l = 'shape' in lambdas ? lambdas : tensor([...lambdas], { dtype: x.dtype })
    if (l.size !== x.size)
      throw new CotangentError(
        'Shape',
        `slope: ${l.size} strengths for ${x.size} entries. Give one for each.`,
        {
          op: 'slope',
        },
      )
    return l
  }
  const ordered = (x: Tensor): Tensor => sort(flat(abs(x)), { descending: true })
  const prox = (x: Tensor, step: Num, metric?: Tensor): Tensor => {
    euclidean('slope', metric)
    const a = flat(abs(x))
    const order = argsort(a, { descending: true })
    const near = maximum(nonIncreasing(sub(takeAlongAxis(a, order), mul(strengths(x), step))), 0)
    return mul(sign(x), reshape(takeAlongAxis(near, argsort(order)), x.shape))
  }
  const dualNorm = (y: Tensor): Tensor => max(div(cumsum(ordered(y)), cumsum(strengths(y))))
  return {
    name: 'slope',
    traits: {
      convex: true,
      smooth: false,
      separable: 'block',
      homogeneous: 1,
      shrinks: true,
      invariant: ['signs', 'permutations'],
    },
    value: (x) => sum(mul(ordered(x), strengths(x))),
    prox,
    conjugate: {
      name: 'slope*',
      traits: { convex: true, smooth: false, separable: 'block', indicator: true },
      value: (y) => where(greater(dualNorm(y), 1), Number.POSITIVE_INFINITY, 0),
    },
    dualNorm,
    kkt: fixedPoint(prox),
  }
}
