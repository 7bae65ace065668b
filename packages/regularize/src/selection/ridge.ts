import { CotangentError, linalg, type Tensor, tensor, transpose } from '@cotangent/core'
import { dataOf } from '@cotangent/core/internal'
import { SCALAR } from '../arrays/scalar.js'
import { designOf, problemOf } from '../solvers/design.js'
import type { Affine } from '../solvers/losses.js'

/** A ridge regression and how well it predicts. */
export interface RidgeFit {
  readonly lambda: number
  readonly params: Affine
  /** Half the mean square of the residuals. */
  readonly loss: number
  /** The trace of the matrix that takes y to the predictions, intercept included. */
  readonly df: number
  /** The mean square of residuals at samples that were left out one at a time. */
  readonly loo: number
  /** The same with every leverage replaced by the mean one. */
  readonly gcv: number
}

/** Options of {@link ridgePath}. */
export interface RidgeOptions {
  /** Default true. */
  readonly intercept?: boolean
}

/**
 * Ridge regression 1/2n·‖y - Xw - b‖² + λ/2·‖w‖² at many λ from one singular value decomposition, with leave-one-out and
 * generalised cross-validation in closed form: the residual at a sample left out is rᵢ/(1 - hᵢ) with its leverage hᵢ. The
 * `alpha` of scikit-learn's Ridge is n·λ. Golub, Heath, Wahba 1979, https://doi.org/10.1080/00401706.1979.10489751
 *
 * @example
 * const fits = ridgePath(tensor([[-1], [0], [1]]), tensor([0, 1, 5]), [0, 2 / 3])
 * fits.map((fit) => fit.params.kernel.item()) // => [2.5, 1.25]
 * fits.map((fit) => fit.df) // => [2, 1.5]
 */
export const ridgePath = (
  X: Tensor,
  y: Tensor,
  lambdas: readonly number[],
  { intercept = true }: RidgeOptions = {},
): RidgeFit[] => {
  const op = 'ridgePath'
  const bad = lambdas.find((l) => !(l >= 0 && l < Number.POSITIVE_INFINITY))
  if (bad !== undefined)
    throw new CotangentError('Value', `${op}: a λ is ${bad}. Give numbers that are not negative.`, { op })
  if (X.rank !== 2 || y.rank !== 1 || X.shape[0] !== y.shape[0])
    throw new CotangentError(
      'Shape',
      `${op}: X of shape [${X.shape}] and y of shape [${y.shape}]. Give X as [samples, features] and y as [samples].`,
      { op, shapes: [X.shape, y.shape] },
    )
  const design = designOf(op, X, y)
  const { problem, bias } = problemOf(design, intercept)
  const { n, p } = problem
  const { u, s, vt } = linalg.svd(transpose(tensor(problem.x, { shape: [p, n] }) as Tensor))
  const [U, S, V] = [u, s, vt].map((t) => Float64Array.from(dataOf(t as Tensor))) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const k = S.length
  const column = (c: number): Float64Array => Float64Array.from({ length: n }, (_, i) => U[i * k + c]!)
  const columns = Array.from({ length: k }, (_, c) => column(c))
  const along = columns.map((v) => SCALAR.dot(v, 0, problem.y, 0, n))
  // What is 0 but for rounding spans nothing.
  const rank = S.filter((v) => v > 1e-14 * Math.max(n, p) * S[0]!).length
  return lambdas.map((lambda) => {
    const filter = Array.from({ length: rank }, (_, c) => S[c]! ** 2 / (S[c]! ** 2 + n * lambda))
    const w = new Float64Array(p)
    const r = problem.y.slice()
    const leverage = new Float64Array(n).fill(intercept ? 1 / n : 0)
    filter.forEach((f, c) => {
      for (let j = 0; j < p; j++) w[j]! += (f / S[c]!) * along[c]! * V[c * p + j]!
      for (let i = 0; i < n; i++) {
        const v = columns[c]![i]!
        r[i]! -= f * along[c]! * v
        leverage[i]! += f * v * v
      }
    })
    const square = SCALAR.dot(r, 0, r, 0, n) / n
    const df = filter.reduce((a, b) => a + b, intercept ? 1 : 0)
    return {
      lambda,
      params: { kernel: tensor(w) as Tensor, bias: tensor(bias(w), { dtype: 'float64' }) as Tensor },
      loss: square / 2,
      df,
      loo: r.reduce((sum, v, i) => sum + (v / (1 - leverage[i]!)) ** 2, 0) / n,
      gcv: square / (1 - df / n) ** 2,
    }
  })
}

/**
 * The variance of the noise, estimated from the residuals of least squares: RSS/(n - p), or n - p - 1 with an intercept.
 * Needs more samples than features.
 *
 * @example
 * noiseVariance(tensor([[-1], [0], [1], [0]]), tensor([0, 1, 5, 2]), { intercept: true }) // => 0.75
 */
export const noiseVariance = (X: Tensor, y: Tensor, { intercept = true }: RidgeOptions = {}): number => {
  const [n, p] = [X.shape[0]!, X.shape[1]!]
  const rest = n - p - (intercept ? 1 : 0)
  if (rest <= 0)
    throw new CotangentError(
      'Value',
      `noiseVariance: ${n} samples leave nothing beside ${p} features. Give the variance yourself.`,
      { op: 'noiseVariance', shapes: [X.shape] },
    )
  return (2 * n * ridgePath(X, y, [0], { intercept })[0]!.loss) / rest
}
