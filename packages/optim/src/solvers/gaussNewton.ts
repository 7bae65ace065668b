import {
  abs,
  add,
  CotangentError,
  concat,
  diag,
  div,
  jacobian,
  linalg,
  matmul,
  max,
  maximum,
  mul,
  neg,
  reshape,
  slice,
  sqrt,
  square,
  sum,
  type Tensor,
  transpose,
  tree,
} from '@cotangent/core'
import { checkOptions, type Solved } from './forwardBackward.js'

/** A sum of squares. */
export interface LeastSquaresProblem<P> {
  /** The residuals r, in any tree of tensors; the objective is ½‖r‖². */
  readonly residuals: (params: P) => unknown
  /** Where to start. */
  readonly params: P
  /** First damping μ; it falls with steps that succeed and rises with those that do not. Default 1e-3. */
  readonly damping?: number
  /** Stops where every column of the Jacobian is at right angles to the residuals up to a cosine of this. Default 1e-8. */
  readonly tolerance?: number
  /** Default 200. */
  readonly maxIterations?: number
}

const packed = (leaves: readonly Tensor[]): Tensor =>
  concat(
    leaves.map((x) => reshape(x, [x.size]) as Tensor),
    { axis: 0 },
  ) as Tensor

/**
 * Minimises ½‖r(p)‖² by Gauss-Newton steps with the damping of Levenberg and Marquardt:
 * (JᵀJ + μ·diag(JᵀJ))·d = -Jᵀr with the Jacobian J of the residuals. Marquardt 1963; Nocedal & Wright 2006, chapter 10.
 *
 * @example
 * const [x, y] = [tensor([0, 1, 2], { dtype: 'float64' }), tensor([1, 2, 4], { dtype: 'float64' })]
 * const start = { a: tensor(1.5, { dtype: 'float64' }), b: tensor(0.5, { dtype: 'float64' }) }
 * const fit = gaussNewton({ residuals: ({ a, b }: typeof start) => sub(mul(a, exp(mul(b, x))), y), params: start })
 * fit.params.b // => 0.6931
 */
export const gaussNewton = <P>(problem: LeastSquaresProblem<P>): Solved<P> => {
  const { residuals, params, damping = 1e-3, tolerance = 1e-8, maxIterations = 200 } = problem
  checkOptions('gaussNewton', { damping, tolerance, maxIterations })
  const { leaves, def } = tree.flatten(params)
  const restored = (v: Tensor): P => {
    let at = 0
    return tree.unflatten(
      def,
      leaves.map((leaf) => {
        at += leaf.size
        return reshape(slice(v, [at - leaf.size], [at]) as Tensor, leaf.shape) as Tensor
      }),
    ) as P
  }
  const r = (v: Tensor): Tensor => packed(tree.leaves(residuals(restored(v))))
  const half = (x: Tensor): number => 0.5 * sum(square(x)).item()
  const slopes = jacobian(r)

  let v = packed(leaves)
  let here = r(v)
  let mu = damping
  for (let iterations = 0; ; iterations++) {
    const value = half(here)
    if (!Number.isFinite(value))
      throw new CotangentError('NonFinite', `gaussNewton: ½‖r‖² is ${value}. Start where it is finite.`, {
        op: 'gaussNewton',
      })
    const J = slopes(v) as Tensor
    const gradient = matmul(transpose(J), here) as Tensor
    const normal = matmul(transpose(J), J) as Tensor
    const lengths = sqrt(mul(diag(normal), 2 * value)) as Tensor
    const residual = max(abs(div(gradient, maximum(lengths, Number.MIN_VALUE)))).item()
    const done = residual <= tolerance || value === 0
    if (done || iterations >= maxIterations)
      return { params: restored(v), value, residual, iterations, converged: done }
    let moved = false
    for (let tries = 0; tries < 60 && !moved; tries++) {
      const scale = add(diag(normal), 1e-300)
      const d = linalg.solve(add(normal, diag(mul(scale, mu) as Tensor)) as Tensor, neg(gradient)) as Tensor
      const next = add(v, d) as Tensor
      const there = r(next)
      moved = half(there) < value
      mu = moved ? mu / 3 : mu * 4
      if (moved) {
        v = next
        here = there
      }
    }
    // Rounding leaves no better point.
    if (!moved) return { params: restored(v), value, residual, iterations, converged: residual <= tolerance }
  }
}
