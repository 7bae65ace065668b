import type { Tensor } from '@cotangent/core'
import { dataOf, type GraphIR, isFloat } from '@cotangent/core/internal'
import { type Decision, type Evaluation, evaluateDoubleDouble } from './evaluate.js'
import { type DoubleDoubleTensor, displaced, fromTensor, scaledDifference } from './tensor.js'

/** What is known of a directional derivative. */
export type Derivative =
  /** The function is smooth there; `error` bounds the error of each entry of each output, as measured. */
  | {
      readonly kind: 'smooth'
      readonly outputs: readonly DoubleDoubleTensor[]
      readonly error: readonly number[]
      readonly step: number
    }
  /** However small the step, a decision differs on the two sides: the first one that does. */
  | { readonly kind: 'decision'; readonly decision: Decision }
  /** The function has no finite values around the point. */
  | { readonly kind: 'notFinite' }

/** Relative to the operands: truncation and rounding are then both near 2^-68. */
const FIRST_STEP = 2 ** -34
const SHRINKINGS = 24
/** Relative agreement of two steps at which no further one is tried. */
const ENOUGH = 2 ** -58

/**
 * The derivative of a graph along directions (undefined for operands that stay), by central differences in double-double.
 * The step shrinks until x - hd, x and x + hd take the same decisions, and on while that makes two successive quotients
 * agree better; their difference is the measured error.
 */
export const derivativeAlong = (
  graph: GraphIR,
  inputs: readonly Tensor[],
  directions: readonly (Tensor | undefined)[],
): Derivative => {
  const at = (h: number): Evaluation =>
    evaluateDoubleDouble(
      graph,
      inputs.map((x, i) => displaced(x, h, directions[i])),
    )
  const here = evaluateDoubleDouble(graph, inputs.map(fromTensor))
  let differing: Decision | undefined
  let best: Extract<Derivative, { kind: 'smooth' }> | undefined
  let before: readonly DoubleDoubleTensor[] | undefined
  let h = 4 * FIRST_STEP * reach(inputs, directions)
  for (let k = 0; k < SHRINKINGS; k++) {
    h /= 4
    const [below, above] = [at(-h), at(h)]
    const odd = [below, above].find((side) => side.signature !== here.signature)
    if (odd) {
      differing = firstDifference(here, odd)
      continue
    }
    const quotients = above.outputs.map((y, k) =>
      isFloat(y.dtype) ? scaledDifference(y, below.outputs[k]!, 1 / (2 * h)) : y,
    )
    if (!quotients.every((q) => q.hi.every(Number.isFinite))) {
      before = undefined
      continue
    }
    if (before) {
      const error = quotients.map(
        (q, k) => distance(q, before![k]!) + (2 ** -102 * size(here.outputs[k]!)) / h,
      )
      if (!best || Math.max(...error) < Math.max(...best.error))
        best = { kind: 'smooth', outputs: quotients, error, step: h }
      if (error.every((e: number, k: number) => e <= ENOUGH * size(quotients[k]!))) break
    }
    before = quotients
  }
  if (best) return best
  return differing ? { kind: 'decision', decision: differing } : { kind: 'notFinite' }
}

/** The largest |x| / |d| over the entries that move, as a power of 2; 1 where all are 0. */
const reach = (inputs: readonly Tensor[], directions: readonly (Tensor | undefined)[]): number => {
  let most = 0
  inputs.forEach((x, i) => {
    const direction = directions[i]
    if (!direction || !isFloat(x.dtype)) return
    const [a, d] = [dataOf(x), dataOf(direction)]
    for (let k = 0; k < a.length; k++)
      if (d[k] !== 0 && Number.isFinite(a[k]!)) most = Math.max(most, Math.abs(a[k]! / d[k]!))
  })
  return most > 2 ** -800 && most < 2 ** 900 ? 2 ** Math.floor(Math.log2(most)) : 1
}

const firstDifference = (a: Evaluation, b: Evaluation): Decision =>
  a.decisions.find((d, i) => d.hash !== b.decisions[i]?.hash) ?? b.decisions[a.decisions.length]!

const size = (x: DoubleDoubleTensor): number => {
  let most = 0
  for (const v of x.hi) most = Math.max(most, Math.abs(v))
  return most
}

const distance = (a: DoubleDoubleTensor, b: DoubleDoubleTensor): number =>
  isFloat(a.dtype) ? size(scaledDifference(a, b, 1)) : 0
