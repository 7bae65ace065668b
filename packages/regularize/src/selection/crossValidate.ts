import type { Tensor } from '@cotangent/core'
import { dataOf } from '@cotangent/core/internal'
import type { Functional } from '../functional.js'
import type { Penalty } from '../penalty.js'
import { FAMILIES } from '../solvers/family.js'
import {
  type Affine,
  type LinearLoss,
  type LinearLossOf,
  leastSquares,
  predictions,
} from '../solvers/losses.js'
import { type Folds, foldsOf } from './folds.js'
import { type PathFit, pathFits, pathProblem } from './path.js'

/** Options of {@link crossValidate}. */
export interface CrossValidateOptions {
  /** [samples, features] and [samples]. */
  readonly X: Tensor
  readonly y: Tensor
  /** The penalty at λ = 1. */
  readonly penalty: Functional | Penalty
  /** How many folds, or the fold of each sample. Default 5. */
  readonly folds?: Folds
  /** Which λ is chosen: that of least error, or the largest within one standard error of it. Default `min`. */
  readonly rule?: 'min' | '1se'
  /** Shuffles the samples; without it folds are blocks of samples in their order. */
  readonly key?: Tensor
  /** Default {@link leastSquares}; {@link logistic} for labels. */
  readonly loss?: LinearLossOf
  /** Default true. */
  readonly intercept?: boolean
  readonly lambdas?: readonly number[]
  /** Default 100. */
  readonly n?: number
  /** Default 1e-3. */
  readonly ratio?: number
  readonly tolerance?: number
  readonly maxIterations?: number
}

/** What {@link crossValidate} found. */
export interface CrossValidation<P = Tensor | Affine> {
  readonly lambdas: readonly number[]
  /** Mean error on the samples left out, of each fold and λ: squares, or deviances. */
  readonly errors: readonly (readonly number[])[]
  /** Over the folds, for each λ. */
  readonly mean: readonly number[]
  readonly standardError: readonly number[]
  /** The λ of least mean error. */
  readonly lambdaMin: number
  /** The largest λ whose mean error is within one standard error of the least. */
  readonly lambda1se: number
  /** The one that the rule chooses, and its fit to all samples. */
  readonly lambda: number
  readonly fit: PathFit<P>
}

/**
 * Chooses λ by k-fold cross-validation: a path on all samples but those of a fold, the error on those, for each fold. The λ
 * are those of the path on all samples. Breiman et al. 1984 for the rule of one standard error.
 *
 * @example
 * const X = tensor([[1, 0], [2, 1], [3, 0], [4, 1], [5, 0], [6, 1]])
 * const y = tensor([1.1, 1.9, 3.2, 3.9, 5.1, 5.9])
 * const chosen = await crossValidate({ X, y, penalty: l1(1), folds: 3, lambdas: [1, 0.1, 0.01] })
 * chosen.lambdaMin // => 0.01
 */
export async function crossValidate(
  options: CrossValidateOptions & { readonly intercept: false },
): Promise<CrossValidation<Tensor>>
export async function crossValidate(options: CrossValidateOptions): Promise<CrossValidation<Affine>>
export async function crossValidate(options: CrossValidateOptions): Promise<CrossValidation> {
  const { X, y, penalty, folds = 5, rule = 'min', key, loss: make = leastSquares, intercept = true } = options
  const whole = (intercept ? make(X, y, { intercept: true }) : make(X, y)) as LinearLoss
  const common = { penalty, ...pick(options) }
  const { lambdas } = pathProblem('crossValidate', { ...common, loss: whole, ...grid(options) })
  const n = X.shape[0]!
  const errors: number[][] = []
  for (const test of foldsOf('crossValidate', folds, n, key)) {
    const left = new Set(test)
    const train = whole.rows(Array.from({ length: n }, (_, i) => i).filter((i) => !left.has(i)))
    const held = whole.rows(test)
    errors.push(Array.from(pathFits('crossValidate', { ...common, loss: train, lambdas }), errorOn(held)))
    // Lets others run between folds.
    await Promise.resolve()
  }
  const mean = lambdas.map((_, k) => average(errors.map((e) => e[k]!)))
  const standardError = lambdas.map((_, k) => {
    const spread = errors.reduce((s, e) => s + (e[k]! - mean[k]!) ** 2, 0) / (errors.length - 1)
    return Math.sqrt(spread / errors.length)
  })
  const best = mean.indexOf(Math.min(...mean))
  const simple = mean.findIndex((m) => m <= mean[best]! + standardError[best]!)
  const chosen = rule === 'min' ? best : simple
  const fits = pathFits('crossValidate', { ...common, loss: whole, lambdas: lambdas.slice(0, chosen + 1) })
  return {
    lambdas,
    errors,
    mean,
    standardError,
    lambdaMin: lambdas[best]!,
    lambda1se: lambdas[simple]!,
    lambda: lambdas[chosen]!,
    fit: [...fits].at(-1)!,
  }
}

const pick = ({ tolerance, maxIterations }: CrossValidateOptions) => ({
  ...(tolerance === undefined ? {} : { tolerance }),
  ...(maxIterations === undefined ? {} : { maxIterations }),
})
const grid = ({ lambdas, n, ratio }: CrossValidateOptions) => ({
  ...(lambdas === undefined ? {} : { lambdas }),
  ...(n === undefined ? {} : { n }),
  ...(ratio === undefined ? {} : { ratio }),
})

const average = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length

const errorOn =
  ({ X, y, family }: LinearLoss) =>
  ({ params }: PathFit): number => {
    const [z, labels] = [dataOf(predictions(X, params)), dataOf(y)]
    const { error } = FAMILIES[family]
    return average(Array.from(z, (v, i) => error(v, labels[i]!)))
  }
