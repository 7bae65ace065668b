import type { Tensor } from '@cotangent/core'
import type { Functional } from '../functional.js'
import type { Penalty } from '../penalty.js'
import type { PlainForm } from '../solvers/formOf.js'
import { linearForm, paramsOf, scaledForm } from '../solvers/linearForm.js'
import { type LinearSolver, linearSolver } from '../solvers/linearSolver.js'
import type { Affine, LinearLoss } from '../solvers/losses.js'
import { degreesOfFreedom } from './freedom.js'
import { gridOf, lambdaMaxOf } from './grid.js'

/** A solution on a path. */
export interface PathFit<P = Tensor | Affine> {
  readonly lambda: number
  readonly params: P
  /** Coefficients that are not 0. */
  readonly nonzeros: number
  /** Degrees of freedom: see {@link degreesOfFreedom}. */
  readonly df: number
  /** The mean loss, without the penalty. */
  readonly loss: number
  readonly objective: number
  /** The objective is at most so far from its minimum. */
  readonly gap: number
  readonly iterations: number
  readonly converged: boolean
}

/** Options of {@link lambdaPath}. */
export interface PathOptions<P = Tensor | Affine> {
  readonly loss: LinearLoss<P>
  /** The penalty at λ = 1: a path of `l1(1)` has strengths λ. */
  readonly penalty: Functional | Penalty
  /** Default: `n` values from the least λ that keeps all penalised coefficients at 0 down to `ratio` of it, geometric. */
  readonly lambdas?: readonly number[]
  /** Default 100. */
  readonly n?: number
  /** Default 1e-3. */
  readonly ratio?: number
  /** Whether each solution is the start of the next. Default true. */
  readonly warm?: boolean
  /** Duality gap to stop at, as a share of the loss at 0. Default 1e-8. */
  readonly tolerance?: number
  /** Default 100,000 sweeps, or 100 Newton steps. */
  readonly maxIterations?: number
}

/** What a path is solved on: the solver, the strengths at λ = 1 and the grid. */
export interface PathProblem {
  readonly solver: () => LinearSolver
  readonly form: PlainForm
  readonly lambdas: readonly number[]
}

export const pathProblem = <P>(op: string, options: PathOptions<P>): PathProblem => {
  const { loss, penalty, lambdas, n = 100, ratio = 1e-3, warm = true } = options
  const form = linearForm(op, loss, penalty)
  const first = linearSolver(op, loss)
  return {
    solver: warm ? () => first : () => linearSolver(op, loss),
    form,
    lambdas: gridOf(op, lambdas, n, ratio, () => lambdaMaxOf(op, first, form)),
  }
}

/**
 * The solutions of loss + λ·penalty for a falling sequence of λ, one at a time: each begins where the last one ended, and
 * looks first at the columns that its correlations make likely. For {@link leastSquares} and {@link logistic} with penalties of
 * coefficients: l1, l2, elastic net, groups, non-negativity and sums of them.
 *
 * @example
 * const loss = leastSquares(tensor([[1, 0], [0, 1]]), tensor([4, 2]))
 * const found: unknown[] = []
 * for await (const fit of lambdaPath({ loss, penalty: l1(1), lambdas: [2, 1.5, 0.5] })) found.push(fit.params.toArray())
 * found // => [[0, 0], [1, 0], [3, 1]]
 */
export async function* lambdaPath<P>(options: PathOptions<P>): AsyncGenerator<PathFit<P>, void, void> {
  yield* pathFits('lambdaPath', options)
}

/** The same without waiting. */
export function* pathFits<P>(op: string, options: PathOptions<P>): Generator<PathFit<P>, void, void> {
  const { loss, tolerance = 1e-8 } = options
  const maxIterations = options.maxIterations ?? (loss.family === 'squared' ? 100_000 : 100)
  const { solver, form, lambdas } = pathProblem(op, options)
  for (const lambda of lambdas) {
    const own = solver()
    const at = scaledForm(form, lambda)
    const { w, bias, ...rest } = own.solve(at, tolerance, maxIterations)
    let nonzeros = 0
    for (const v of w) if (v !== 0) nonzeros++
    yield {
      lambda,
      params: paramsOf(loss, { w, bias }) as P,
      nonzeros,
      get df() {
        return degreesOfFreedom(own.design, loss.intercept, at, w)
      },
      loss: rest.loss,
      objective: rest.objective,
      gap: rest.gap,
      iterations: rest.iterations,
      converged: rest.converged,
    }
  }
}
