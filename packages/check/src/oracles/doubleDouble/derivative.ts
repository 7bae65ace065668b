import type { Tensor } from '@cotangent/core'
import { dataOf, type GraphIR, isFloat } from '@cotangent/core/internal'
import { fixedValues } from '../fixed.js'
import { type Line, lineOf } from '../line.js'
import { ridders } from '../ridders.js'
import { add, type DoubleDouble, div, mulNumber, sub, twoProduct, ZERO } from './arithmetic.js'
import { type Decision, type Evaluation, evaluateDoubleDouble } from './evaluate.js'
import { at, type DoubleDoubleTensor, displaced, fromTensor } from './tensor.js'

/** What is known of a directional derivative. */
export type Derivative =
  /** The function is smooth there; `error` bounds the error of the value, as measured. */
  | { readonly kind: 'smooth'; readonly value: DoubleDouble; readonly error: number }
  /** However small the step, a decision differs on the two sides: the first one that does. */
  | { readonly kind: 'decision'; readonly decision: Decision }
  /** The function has no finite values around the point. */
  | { readonly kind: 'notFinite' }

/** Three steps each, 2^-k relative to the operands: far out, where little is lost, then close by, where much varies. */
const QUICK = [
  [14, 16, 18],
  [28, 30, 32],
  [42, 44, 46],
] as const
/** Relative agreement of extrapolations at which no others are tried, and what rounding may amount to then. */
const ENOUGH = 2 ** -58
const CLEAR = 2 ** -54
/** Of a few operations. */
export const ROUNDING = 2 ** -102

/** ⟨w, f⟩ at one point, and what was decided on the way. */
interface Point {
  readonly value: DoubleDouble
  readonly evaluation: Evaluation
}

export interface DerivativeOptions {
  /** w, one for each output; outputs without any are left out. Without weights: the sum of all floats. */
  readonly weights?: readonly (Tensor | undefined)[]
  /** Whether to go on, with many steps, where three do not agree; default true. */
  readonly patient?: boolean
}

/**
 * The derivative of ⟨w, f⟩ for a graph f along directions (undefined for operands that stay), by central differences in
 * double-double over steps where x - hd, x and x + hd take the same decisions.
 *
 * Three steps whose extrapolations agree to 2^-58 settle it. Where none do, the value itself has lost digits, as
 * (1 - cos x)/x² has near 0, and how many cannot be assumed: rounding is measured from high differences of values at
 * points very close by, and steps of all sizes are extrapolated, the one with the least bound on its error winning: the
 * same estimator that judges opaque functions in float64.
 */
export const derivativeAlong = (
  graph: GraphIR,
  inputs: readonly Tensor[],
  directions: readonly (Tensor | undefined)[],
  { weights = [], patient = true }: DerivativeOptions = {},
): Derivative => {
  const { length, unit } = reach(inputs, directions)
  let level = 0
  const isFixed = fixedValues()
  const pointAt = (t: number): Point => {
    const evaluation = evaluateDoubleDouble(
      graph,
      inputs.map((x, i) => (t === 0 ? fromTensor(x) : displaced(x, t, directions[i]))),
      t === 0
        ? {
            onNode: (node, operands, outs) => {
              if (!isFixed(node.op.name, operands, outs)) level = Math.max(level, ...outs.map(size))
            },
          }
        : {},
    )
    return { value: weighted(graph, evaluation, weights), evaluation }
  }
  const here = pointAt(0)
  let differing: Decision | undefined
  /** φ(t) - φ(0); NaN where other decisions are taken than at 0. */
  const seen = new Map<number, DoubleDouble>()
  const difference = (t: number): DoubleDouble => {
    const old = seen.get(t)
    if (old) return old
    const found = compute(t)
    seen.set(t, found)
    return found
  }
  const compute = (t: number): DoubleDouble => {
    const there = pointAt(t)
    if (there.evaluation.signature === here.evaluation.signature) return sub(there.value, here.value)
    differing = firstDifference(here.evaluation, there.evaluation)
    return [Number.NaN, 0]
  }

  for (const steps of QUICK) {
    const [coarse, middle, fine] = steps.map((k) => {
      const h = 2 ** -k * length
      return mulNumber(sub(difference(h), difference(-h)), 1 / (2 * h))
    }) as [DoubleDouble, DoubleDouble, DoubleDouble]
    // The steps are quartered, and central differences have errors in h², h⁴, …: Richardson's extrapolation, twice.
    const [a, b] = [extrapolated(coarse, middle, 16), extrapolated(middle, fine, 16)]
    const value = extrapolated(a, b, 256)
    const spread = Math.max(Math.abs(sub(value, b)[0]), Math.abs(sub(a, b)[0]) / 256)
    // Rounded values are grid points, and differences of grid points can agree for no reason: the grid must be fine enough.
    const grid = (ROUNDING * level * weight(weights) * 2 ** steps[2]) / length
    if (spread <= ENOUGH * Math.abs(value[0]) && grid <= CLEAR * Math.abs(value[0]))
      return { kind: 'smooth', value, error: spread + grid }
  }
  if (!patient) return differing ? { kind: 'decision', decision: differing } : { kind: 'notFinite' }
  // Differences to the value at 0 need only the digits of the difference.
  const line: Line = {
    ...lineOf((t) => difference(t * unit)[0], ROUNDING, Math.abs(here.value[0])),
    odd: (k) => sub(difference(2 ** -k * unit), difference(-(2 ** -k) * unit))[0],
  }
  const found = ridders(line)
  if (found) return { kind: 'smooth', value: [found.value / unit, 0], error: found.error / unit }
  return differing ? { kind: 'decision', decision: differing } : { kind: 'notFinite' }
}

/** (ratio·fine - coarse)/(ratio - 1) removes the term of the error that shrinks by `ratio`. */
const extrapolated = (coarse: DoubleDouble, fine: DoubleDouble, ratio: number): DoubleDouble =>
  add(fine, div(sub(fine, coarse), [ratio - 1, 0]))

const weighted = (
  graph: GraphIR,
  { outputs }: Evaluation,
  weights: readonly (Tensor | undefined)[],
): DoubleDouble => {
  let sum = ZERO
  outputs.forEach((y, j) => {
    if (!isFloat(graph.outputs[j]!.dtype) || (weights.length > 0 && !weights[j])) return
    const w = weights[j] && dataOf(weights[j])
    for (let i = 0; i < y.hi.length; i++) {
      const [hi, lo] = at(y, i)
      sum = add(sum, w ? add(twoProduct(hi, w[i]!), [lo * w[i]!, 0]) : [hi, lo])
    }
  })
  return sum
}

/** The largest finite number. */
const size = (x: DoubleDoubleTensor): number => {
  let most = 0
  if (isFloat(x.dtype))
    for (const v of x.hi) if (Math.abs(v) < Number.POSITIVE_INFINITY) most = Math.max(most, Math.abs(v))
  return most
}

const weight = (weights: readonly (Tensor | undefined)[]): number => {
  let most = weights.length === 0 ? 1 : 0
  for (const w of weights) if (w) for (const v of dataOf(w)) most = Math.max(most, Math.abs(v))
  return most
}

/**
 * How far to go, as powers of 2: `length` is the largest |x| / |d| over the entries that move, so that steps are relative
 * to the operands; `unit` is at least a step of length 1, for functions that vary more slowly than their operands.
 */
const reach = (
  inputs: readonly Tensor[],
  directions: readonly (Tensor | undefined)[],
): { length: number; unit: number } => {
  let [most, fastest] = [0, 0]
  inputs.forEach((x, i) => {
    const direction = directions[i]
    if (!direction || !isFloat(x.dtype)) return
    const [a, d] = [dataOf(x), dataOf(direction)]
    for (let k = 0; k < a.length; k++) {
      fastest = Math.max(fastest, Math.abs(d[k]!))
      if (d[k] !== 0 && Number.isFinite(a[k]!)) most = Math.max(most, Math.abs(a[k]! / d[k]!))
    }
  })
  const power = (x: number): number => (x > 2 ** -800 && x < 2 ** 900 ? 2 ** Math.floor(Math.log2(x)) : 1)
  return { length: power(most), unit: Math.max(power(most), power(1 / fastest)) }
}

const firstDifference = (a: Evaluation, b: Evaluation): Decision =>
  a.decisions.find((d, i) => d.hash !== b.decisions[i]?.hash) ?? b.decisions[a.decisions.length]!
