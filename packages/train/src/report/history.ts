import { type Tensor, tree } from '@cotangent/core'
import { dataOf } from '@cotangent/core/internal'
import type { Epoch } from '../fit/epoch.js'
import type { Plain } from '../fit/state.js'

/** What the report keeps of an epoch: numbers. */
export interface EpochRow {
  readonly [key: string]: Plain
  readonly epoch: number
  readonly step: number
  readonly loss: number
  readonly penalty: number
  readonly objective: number
  readonly validation: number | null
  readonly penalties: Readonly<Record<string, number>>
  readonly terms: Readonly<Record<string, number>>
  readonly metrics: Readonly<Record<string, number>>
  readonly validationMetrics: Readonly<Record<string, number>>
  readonly learningRate: number | null
  readonly seconds: number
  readonly verdict: string
  readonly explanation: string
  /** ‖gradient‖ by layer. */
  readonly gradients: Readonly<Record<string, number>>
  /** The share of exact zeros by parameter, and the norms. */
  readonly zeros: Readonly<Record<string, number>>
  readonly norms: Readonly<Record<string, number>>
}

const total = (t: Tensor, f: (v: number) => number): number => {
  let sum = 0
  for (const v of dataOf(t)) sum += f(v)
  return sum
}
const shareOfZeros = (t: Tensor): number => total(t, (v) => (v === 0 ? 1 : 0)) / t.size
const normOf = (t: Tensor): number => Math.sqrt(total(t, (v) => v * v))

/** The parameters of a tree by path. */
export const byPath = (params: unknown): readonly (readonly [string, Tensor])[] => {
  const leaves = tree.leaves(params)
  return tree.paths(params).map((path, i) => [path, leaves[i]!] as const)
}

const of = <T>(items: readonly T[], name: (item: T) => string, value: (item: T) => number) =>
  Object.fromEntries(items.map((item) => [name(item), value(item)]))

export const rowOf = (epoch: Epoch): EpochRow => {
  const params = byPath(epoch.state.params)
  const { gradientHealth } = epoch
  return {
    epoch: epoch.epoch,
    step: epoch.step,
    loss: epoch.loss,
    penalty: epoch.penalty,
    objective: epoch.objective,
    validation: epoch.validation?.loss ?? null,
    penalties: of(
      epoch.penalties,
      (row) => `${row.term} on ${row.where}`,
      (row) => row.value,
    ),
    terms: epoch.terms,
    metrics: epoch.metrics,
    validationMetrics: epoch.validation?.metrics ?? {},
    learningRate: epoch.learningRate ?? null,
    seconds: epoch.seconds,
    verdict: gradientHealth.verdict,
    explanation: gradientHealth.explain(),
    gradients: of(
      gradientHealth.layers,
      (layer) => layer.layer,
      (layer) => layer.norm,
    ),
    zeros: of(
      params,
      ([path]) => path,
      ([, t]) => shareOfZeros(t),
    ),
    norms: of(
      params,
      ([path]) => path,
      ([, t]) => normOf(t),
    ),
  }
}
