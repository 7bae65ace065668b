import { CotangentError } from '@cotangent/core'
import type { Functional } from '../functional.js'
import { none, type Penalty } from '../penalty.js'
import { type LinearForm, plainForm } from './formOf.js'
import { implicitSolution } from './implicit.js'
import { knownForm, paramsOf } from './linearForm.js'
import { linearSolver } from './linearSolver.js'
import { isLinear, type LinearData, type LinearLoss } from './losses.js'

/** Options of {@link minimise} and {@link solve}. */
export interface SolveOptions<P> {
  readonly loss: LinearLoss<P>
  readonly penalty?: Functional | Penalty
  /** Duality gap to stop at, as a share of the loss at 0. Default 1e-12. */
  readonly tolerance?: number
  /** Default 100,000 sweeps of coordinate descent, or 100 Newton steps for {@link logistic}. */
  readonly maxIterations?: number
}

/** A minimum and how sure it is. */
export interface Solution<P> {
  readonly params: P
  readonly objective: number
  /** The objective is at most so far from its minimum. */
  readonly gap: number
  readonly iterations: number
  readonly converged: boolean
}

const linear = <P>(op: string, loss: LinearLoss<P>): LinearLoss<P> => {
  if (isLinear(loss)) return loss
  throw new CotangentError(
    'Value',
    `${op}: the loss is not one of a linear model. Make it by leastSquares or logistic; for other losses there is fista in ` +
      '@cotangent/optim.',
    { op },
  )
}

const run = <P>(op: string, data: LinearData, form: LinearForm, options: SolveOptions<P>): Solution<P> => {
  const { tolerance = 1e-12, maxIterations = data.family === 'squared' ? 100_000 : 100 } = options
  if (!(tolerance >= 0))
    throw new CotangentError(
      'Value',
      `${op}: tolerance is ${tolerance}. Give a number that is not negative.`,
      { op },
    )
  const plain = plainForm(op, form, data.X.shape[1]!)
  const { w, bias, objective, gap, iterations, converged } = linearSolver(op, data).solve(
    plain,
    tolerance,
    maxIterations,
  )
  return { params: paramsOf(data, { w, bias }) as P, objective, gap, iterations, converged }
}

/**
 * The minimum of loss + penalty for a linear model, with what there is to say about it. Coordinate descent, by groups
 * where the penalty has them, for {@link leastSquares}; proximal Newton for {@link logistic}.
 *
 * @example
 * const loss = leastSquares(tensor([[1, 0], [0, 1]]), tensor([4, 2]))
 * const { params, gap } = minimise({ loss, penalty: l1(0.5) })
 * params // => [3, 1]
 * gap // => 0
 */
export const minimise = <P>(options: SolveOptions<P>): Solution<P> => {
  const loss = linear('minimise', options.loss)
  return run('minimise', loss, knownForm('minimise', loss, options.penalty ?? none), options)
}

/**
 * The parameters that minimise loss + penalty, as a differentiable function of all that went into them: strengths, weights of
 * terms, data. Differentiated by the implicit function theorem at the solution, so strengths can be learned. An error where
 * the tolerance is not reached.
 *
 * @example
 * const loss = leastSquares(tensor([[1], [1]]), tensor([3, 5]))
 * solve({ loss, penalty: l2(1) }) // => [2]
 * grad((lambda: Tensor) => sum(solve({ loss, penalty: l2(lambda) })))(tensor(1)) // => -1
 */
export const solve = <P>(options: SolveOptions<P>): P => {
  const loss = linear('solve', options.loss)
  return implicitSolution(loss, knownForm('solve', loss, options.penalty ?? none), (data, form) => {
    const { params, gap, converged, iterations } = run('solve', data, form, options)
    if (converged) return params
    throw new CotangentError(
      'Value',
      `solve: the duality gap is ${gap.toExponential(1)} after ${iterations} iterations. Raise maxIterations or tolerance, or ` +
        'use minimise to see what there is.',
      { op: 'solve' },
    )
  })
}
