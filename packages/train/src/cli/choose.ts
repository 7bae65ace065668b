import { random } from '@cotangent/core'
import type { Dataset } from '../data/dataset.js'
import { standardize } from '../data/fitted.js'
import { kFold } from '../data/split.js'
import { evaluate } from '../fit/evaluate.js'
import type { Config } from './config.js'
import { type Problem, train } from './model.js'

/** The error of one strength on the folds that were left out. */
export interface Candidate {
  readonly lambda: number
  readonly mean: number
  readonly standardError: number
}

/** What cross-validation found. */
export interface Choice {
  readonly lambda: number
  readonly candidates: readonly Candidate[]
}

const GRID = [0, 1e-4, 1e-3, 1e-2, 1e-1] as const

/**
 * The strength of the penalty by k-fold cross-validation: that of least error, or the largest within one standard error
 * of it. What standardises a fold is fitted on the part that it is trained on.
 */
export const chooseLambda = async (
  config: Config,
  problem: Problem,
  data: Dataset,
  log: (text: string) => void,
): Promise<Choice> => {
  const grid = config.penalty === 'none' ? [0] : [...new Set(config.lambdas ?? GRID)].sort((a, b) => a - b)
  if (grid.length === 1) return { lambda: grid[0]!, candidates: [] }
  const stratify = problem.kind === 'classification'
  const folds = kFold(data, { folds: config.folds, key: random.key(config.seed), stratify })
  const candidates: Candidate[] = []
  for (const lambda of grid) {
    const errors: number[] = []
    for (const fold of folds) {
      const [trainPart, validation] = standardize(fold.train, fold.validation).data as [Dataset, Dataset]
      const { state } = await train(config, problem, lambda, { train: trainPart, validation })
      errors.push((await evaluate(problem, state.params, state.layers, validation)).loss)
    }
    const mean = errors.reduce((a, b) => a + b, 0) / errors.length
    const variance = errors.reduce((s, e) => s + (e - mean) ** 2, 0) / Math.max(errors.length - 1, 1)
    candidates.push({ lambda, mean, standardError: Math.sqrt(variance / errors.length) })
    log(`  λ = ${lambda}: ${mean.toPrecision(4)} ± ${candidates.at(-1)!.standardError.toPrecision(2)}`)
  }
  const least = candidates.reduce((a, b) => (b.mean < a.mean ? b : a))
  const simplest = candidates.filter(({ mean }) => mean <= least.mean + least.standardError).at(-1)!
  return { lambda: (config.rule === '1se' ? simplest : least).lambda, candidates }
}
