import type { Plan } from '@cotangent/regularize'
import { healthOf, type NonFinite } from '../health/health.js'
import type { Begun } from './begin.js'
import type { Epoch } from './epoch.js'
import type { FitOptions } from './options.js'
import type { Carry } from './step.js'

const named = (names: readonly string[], values: readonly number[]): Readonly<Record<string, number>> =>
  Object.fromEntries(names.map((name, i) => [name, values[i]!]))

/** What the sums of an epoch amount to. */
export const summarise = <P, S, O>(
  { terms = {}, metrics = {}, health }: FitOptions<P, S, O>,
  { paths, sizes, plan }: Pick<Begun<P, S, O>, 'paths' | 'sizes' | 'plan'>,
  { params, sums, step }: Carry<P, S, O>,
  batches: number,
): Omit<Epoch, 'epoch' | 'epochs' | 'seconds' | 'state'> => {
  const count = sums.count.item()
  const loss = sums.data.item() / count
  const extra = sums.terms.map((total) => total.item() / count)
  const report = penaltyOf(plan, params, step.item())
  const [at, leaf] = sums.broken.toTypedArray()
  const nonFinite: NonFinite | undefined = at! > 0 ? { path: paths[leaf!]!, step: at! } : undefined
  const [squares, peaks] = [sums.squares.toTypedArray(), sums.peaks.toTypedArray()]
  const leaves = paths.map((path, i) => ({
    path,
    size: sizes[i]!,
    squared: squares[i]! / batches,
    peak: peaks[i]!,
  }))
  const learningRate = sums.learningRate.item()
  return {
    step: step.item(),
    loss,
    penalty: report.value,
    penalties: report.rows,
    terms: named(Object.keys(terms), extra),
    objective: extra.reduce((a, b) => a + b, loss + report.value),
    metrics: named(
      Object.keys(metrics),
      sums.metrics.map((total) => total.item() / count),
    ),
    gradientHealth: healthOf(health === false ? [] : leaves, nonFinite, health || {}),
    ...(!Number.isNaN(learningRate) && { learningRate }),
  }
}

const penaltyOf = (plan: Plan | undefined, params: unknown, step: number) =>
  plan === undefined ? { value: 0, rows: [] } : plan.report(params, step)
