import { add, div, grad, mul, type Num, Tensor } from '@cotangent/core'
import { joined, valueOf, weightOf } from './acting.js'
import type { Bound } from './match.js'
import { makeReport, type Report, type ReportRow } from './report.js'

const numbersOf = (x: Tensor): readonly number[] => [...x.toTypedArray()]
const plain = (x: Num): number => (x instanceof Tensor ? x.item() : x)

/** The gradient of a term with respect to each leaf; a set has none. */
const gradientOf = (bound: Bound, leaves: readonly Tensor[], step: Num): readonly Tensor[] =>
  bound.term.functional.traits.indicator
    ? leaves.map((x) => mul(x, 0))
    : (grad((all: Tensor[]) => valueOf(bound, all, step))([...leaves]) as readonly Tensor[])

/** The largest entry of kkt over the blocks of a term; w∂R is at the distance w·dist(-g/w, ∂R). */
export const stationarityOf = (
  bound: Bound,
  leaves: readonly Tensor[],
  grads: readonly Tensor[],
  step: Num,
): number | undefined => {
  const { kkt } = bound.term.functional
  const weight = weightOf(bound, step)
  if (kkt === undefined || plain(weight) === 0) return undefined
  const worst = bound.blocks.map((block) => {
    const [x, g] = [leaves, grads].map((list) => joined(block.map((i) => list[i]!))) as [Tensor, Tensor]
    return Math.max(...numbersOf(mul(kkt(x, div(g, weight)), weight)).map(Math.abs))
  })
  return Math.max(...worst)
}

/** A row for each term; with the gradient of the loss, how far each is from stationary. */
export const measure = (
  all: readonly Bound[],
  leaves: readonly Tensor[],
  step: Num,
  grads: readonly Tensor[] | undefined,
): Report => {
  const values = all.map((bound) => valueOf(bound, leaves, step).item())
  const total = values.reduce((a, b) => a + b, 0)
  const slopes = all.map((bound) => gradientOf(bound, leaves, step))
  const sum = (lists: readonly (readonly Tensor[])[]): readonly Tensor[] =>
    lists.reduce((a, b) => a.map((x, i) => add(x, b[i]!)))
  return makeReport(
    all.map((bound, k): ReportRow => {
      const entries = bound.blocks.flat().map((i) => numbersOf(leaves[i]!))
      const others = grads && sum([grads, ...slopes.filter((_, j) => j !== k)])
      const stationarity = others && stationarityOf(bound, leaves, others, step)
      return {
        term: bound.term.name,
        where: bound.term.where.text,
        mode: bound.mode,
        parameters: entries.length,
        size: entries.reduce((n, x) => n + x.length, 0),
        zeros: entries.reduce((n, x) => n + x.filter((v) => v === 0).length, 0),
        weight: plain(weightOf(bound, step)),
        value: values[k]!,
        share: total === 0 ? 0 : values[k]! / total,
        gradient: Math.hypot(...slopes[k]!.map((g) => Math.hypot(...numbersOf(g)))),
        ...(stationarity === undefined ? {} : { stationarity }),
      }
    }),
  )
}

/** The least λ at which 0 is stationary: the largest dual norm of the blocks of the gradient at 0. */
export const lambdaMaxOf = (all: readonly Bound[], grads: readonly Tensor[]): number | undefined => {
  const found = all.flatMap(({ term, blocks }) => {
    const { dualNorm } = term.functional
    return dualNorm === undefined
      ? []
      : blocks.map((block) => dualNorm(joined(block.map((i) => grads[i]!))).item())
  })
  return found.length === 0 ? undefined : Math.max(...found)
}
