import type { Tensor } from '@cotangent/core'
import { dataOf, type GraphIR, isFloat } from '@cotangent/core/internal'
import { rngOf } from '../../random.js'
import { EPS } from '../../subject/subject.js'
import type { Answer } from '../oracle.js'
import type { WordTensor } from '../words/tensor.js'
import { constantOf, evaluateComplex, NotHolomorphic } from './evaluate.js'

/**
 * Two sizes of the imaginary step, in units of the smallest operand. Of the first not even the square is a number; the second is
 * for imaginary parts that a small slope on the way would let vanish. Where they agree neither has happened.
 */
const STEP = 2 ** -500
const LARGER = 2 ** -60
/** To which the two have to agree, in proportion to the terms. */
const AGREED = 2 ** -40

/** Directions, one for each operand; undefined for those that stay. */
type Directions = readonly (Tensor | undefined)[]

const stepped = (x: Tensor, d: Tensor | undefined, h: number): WordTensor => {
  const from = constantOf(x)
  if (!d || !isFloat(x.dtype)) return from
  const along = dataOf(d)
  return { ...from, lo: Float64Array.from(along, (v) => h * v) }
}

interface Slope {
  readonly value: number
  readonly size: number
}

/**
 * ⟨w, Im f(x + ihd)⟩/h, exact to round-off for holomorphic f (Squire and Trapp 1998): no difference is taken, so nothing
 * cancels. Operations that are not holomorphic make it unavailable, by name, if their operands depend on the input; never a
 * wrong number.
 *
 * The error is measured: what two sizes of the step disagree by, and how much the slope scatters when every result on the
 * way is rounded at random (Monte Carlo arithmetic, Parker 1997).
 */
export const complexStepAlong = (
  graph: GraphIR,
  inputs: readonly Tensor[],
  directions: Directions,
  weights: readonly (Tensor | undefined)[],
): Answer => {
  const slopeAt = (h: number, perturb?: (x: number) => number): Slope => {
    const outs = evaluateComplex(
      graph,
      inputs.map((x, i) => stepped(x, directions[i], h)),
      perturb ? { perturb } : {},
    )
    let [value, size] = [0, 0]
    outs.forEach((y, j) => {
      const w = weights[j] && dataOf(weights[j])
      if (!w || !isFloat(graph.outputs[j]!.dtype)) return
      for (let i = 0; i < y.hi.length; i++) {
        const term = w[i]! * ((y.lo[i] ?? 0) / h)
        // A value that is not finite has no slope.
        value += Number.isFinite(y.hi[i]!) ? term : Number.NaN
        size += Math.abs(term)
      }
    })
    return { value, size }
  }
  try {
    const unit = smallest(inputs, directions)
    const steps = [STEP * unit, LARGER * unit] as const
    const [small, large] = steps.map((h) => slopeAt(h)) as [Slope, Slope]
    if (!Number.isFinite(small.value)) return { unavailable: 'the value or its slope is not finite here' }
    const spread = Math.abs(small.value - large.value)
    if (!(spread <= AGREED * small.size)) {
      const where = firstDifferent(graph, inputs, directions, steps)
      return { unavailable: `steps of two sizes disagree, first in ${where}` }
    }
    const rounding = scatter((perturb) => slopeAt(steps[0], perturb).value - small.value)
    return { value: small.value, error: spread + Math.max(rounding, EPS * small.size) }
  } catch (cause) {
    if (!(cause instanceof NotHolomorphic)) throw cause
    const { op, path, message } = cause
    return { unavailable: message, op, ...(path && { path }) }
  }
}

const RUNS = 3

/** Four times the largest of a few deviations, where each result is off by up to an ulp of its own. */
const scatter = (deviation: (perturb: (x: number) => number) => number): number => {
  const rng = rngOf(1)
  const perturb = (x: number): number => x * (1 + EPS * (2 * rng.uniform() - 1))
  return 4 * Math.max(...Array.from({ length: RUNS }, () => Math.abs(deviation(perturb))))
}

/** The least |x| / |d| over the entries that move, as a power of 2; 1 where there is none of ordinary size. */
const smallest = (inputs: readonly Tensor[], directions: Directions): number => {
  let least = 1
  inputs.forEach((x, i) => {
    const direction = directions[i]
    if (!direction || !isFloat(x.dtype)) return
    const [a, d] = [dataOf(x), dataOf(direction)]
    for (let k = 0; k < a.length; k++)
      if (d[k] !== 0 && a[k] !== 0) least = Math.min(least, Math.abs(a[k]! / d[k]!))
  })
  return least > 2 ** -300 ? 2 ** Math.floor(Math.log2(least)) : 1
}

/** The operation after which the imaginary parts of both steps are no longer in proportion. */
const firstDifferent = (
  graph: GraphIR,
  inputs: readonly Tensor[],
  directions: Directions,
  steps: readonly [number, number],
): string => {
  type Recorded = readonly { readonly op: string; readonly lo: readonly number[] }[]
  const record = (h: number): Recorded => {
    const seen: Recorded[number][] = []
    const onNode = (node: { readonly op: { readonly name: string } }, outs: readonly WordTensor[]): void => {
      seen.push({ op: node.op.name, lo: outs.flatMap((y) => Array.from(y.lo, (v) => v / h)) })
    }
    evaluateComplex(
      graph,
      inputs.map((x, i) => stepped(x, directions[i], h)),
      { onNode },
    )
    return seen
  }
  const [small, large] = steps.map(record) as [Recorded, Recorded]
  const at = small.findIndex(({ lo }, k) =>
    lo.some((v, i) => !(Math.abs(v - large[k]!.lo[i]!) <= AGREED * Math.abs(v))),
  )
  return small[at]?.op ?? 'a sum'
}
