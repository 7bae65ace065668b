import {
  abs,
  all,
  CotangentError,
  div,
  lessEqual,
  linalg,
  matmul,
  maximum,
  mul,
  type Num,
  reciprocal,
  reshape,
  sub,
  sum,
  type Tensor,
  transpose,
} from '@cotangent/core'
import { type Constraint, indicator } from './indicator.js'
import { keepDtype } from './keepDtype.js'
import { plus } from './scalars.js'

const SLACK = 1e-6
const flat = (x: Tensor): Tensor => reshape(x, [x.size])
const shapes = (op: string, what: string, x: Tensor): never => {
  throw new CotangentError('Shape', `${op}: ${what} does not fit a tensor of shape [${x.shape}].`, { op })
}

/**
 * The set of x with ⟨a, x⟩ ≤ b. The projection moves along a (in a metric, along a/d) until the bound is met.
 *
 * @example
 * halfspace(tensor([1, 1]), 2).prox(tensor([3, 1]), 1) // => [2, 0]
 */
export const halfspace = (a: Tensor, b: Num): Constraint =>
  keepDtype(
    indicator({
      op: 'halfspace',
      name: 'halfspace',
      convex: true,
      separable: 'block',
      metrics: true,
      inside: (x) => lessEqual(sum(mul(a, x)), plus(b, SLACK)),
      project: (x, metric) => {
        if (a.shape.join() !== x.shape.join()) shapes('halfspace', `a normal of shape [${a.shape}]`, x)
        const way = metric === undefined ? a : div(a, metric)
        const excess = maximum(sub(sum(mul(a, x)), b), 0)
        return sub(x, mul(way, div(excess, sum(mul(a, way)))))
      },
    }),
  )

/**
 * The set of x with A·x = b, x flattened and the rows of A independent. The projection is
 * x - D⁻¹Aᵀ(A·D⁻¹·Aᵀ)⁻¹(A·x - b) in the metric D.
 *
 * @example
 * affine(tensor([[1, 1, 1]]), tensor([3])).prox(tensor([1, 2, 3]), 1) // => [0, 1, 2]
 */
export const affine = (a: Tensor, b: Tensor): Constraint => {
  if (a.rank !== 2 || b.rank !== 1 || a.shape[0] !== b.shape[0])
    throw new CotangentError(
      'Shape',
      `affine: A of shape [${a.shape}] and b of shape [${b.shape}]. Give a matrix and a right-hand side for each row.`,
      { op: 'affine' },
    )
  const residual = (x: Tensor): Tensor => {
    if (a.shape[1] !== x.size) shapes('affine', `A of shape [${a.shape}]`, x)
    return sub(matmul(a, flat(x)), b)
  }
  return keepDtype(
    indicator({
      op: 'affine',
      name: 'affine',
      convex: true,
      separable: 'block',
      metrics: true,
      inside: (x) => all(lessEqual(abs(residual(x)), SLACK)),
      project: (x, metric) => {
        const back =
          metric === undefined ? transpose(a) : mul(transpose(a), reshape(reciprocal(metric), [x.size, 1]))
        const y = linalg.solve(matmul(a, back), residual(x))
        return sub(x, reshape(matmul(back, y), x.shape))
      },
    }),
  )
}
