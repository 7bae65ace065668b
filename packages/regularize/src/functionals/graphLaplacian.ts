import {
  abs,
  add,
  CotangentError,
  diag,
  eye,
  linalg,
  matmul,
  mul,
  type Num,
  reshape,
  sum,
  type Tensor,
} from '@cotangent/core'
import type { Functional } from '../functional.js'
import type { Proximal } from './grouped.js'
import { keepDtype } from './keepDtype.js'
import { times } from './scalars.js'
import { show, strength } from './strength.js'

/**
 * R(x) = λ/2·xᵀLx for a symmetric L, the Laplacian of a graph, x flattened: neighbours are alike. Its prox solves
 * (D + tλL)z = D·x. Belkin, Niyogi & Sindhwani 2006, https://jmlr.org/papers/v7/belkin06a.html
 *
 * @example
 * graphLaplacian(1, tensor([[1, -1], [-1, 1]])).value(tensor([3, 1])) // => 2
 * graphLaplacian(1, tensor([[1, -1], [-1, 1]])).prox(tensor([3, 1]), 0.5) // => [2.5, 1.5]
 */
export const graphLaplacian = (
  lambda: Num,
  laplacian: Tensor,
): Proximal & Required<Pick<Functional, 'kkt'>> => {
  strength('graphLaplacian', lambda)
  const op = 'graphLaplacian'
  const apply = (x: Tensor): Tensor => {
    const n = x.size
    if (laplacian.shape.join() !== `${n},${n}`)
      throw new CotangentError(
        'Shape',
        `${op}: L of shape [${laplacian.shape}] for ${n} entries [${x.shape}]. Give a symmetric matrix [${n},${n}].`,
        { op },
      )
    return reshape(matmul(laplacian, reshape(x, [n])), x.shape)
  }
  return keepDtype({
    name: `graphLaplacian(${show(lambda)})`,
    traits: { convex: true, smooth: true, separable: 'block', homogeneous: 2, metric: true },
    value: (x) => mul(sum(mul(x, apply(x))), times(lambda, 0.5)),
    prox: (x, step, metric) => {
      apply(x)
      const n = x.size
      const d = metric === undefined ? eye(n, x.dtype as 'float32') : diag(reshape(metric, [n]))
      const right = reshape(metric === undefined ? x : mul(metric, x), [n])
      return reshape(linalg.solve(add(mul(laplacian, times(step, lambda)), d), right), x.shape)
    },
    kkt: (x, grad) => abs(add(grad, mul(apply(x), lambda))),
  })
}
