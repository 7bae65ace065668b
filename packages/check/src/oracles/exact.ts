import type { Tensor } from '@cotangent/core'
import { sizeOf } from '@cotangent/core/internal'
import { allVisits } from '../graph/visit.js'
import { EPS, type Subject, type Traced } from '../subject/subject.js'
import { inner, innerSize } from './direction.js'
import {
  type DoubleDoubleTensor,
  derivativeAlong,
  displaced,
  evaluateDoubleDouble,
  fromTensor,
  ROUNDING,
} from './doubleDouble/index.js'
import { fixedValues } from './fixed.js'
import { lineOf } from './line.js'
import type { Estimate } from './oracle.js'
import { type Likes, spread } from './spread.js'

/** A claim and the truth, both in double-double: what remains between them is the error of a rule. */
export interface Exact {
  readonly analytic: number
  readonly truth: Estimate
  /** Σ|g_i d_i| or Σ|v_j t_j|. */
  readonly size: number
  /** The largest value on the way, weighted: what a derivative that is nothing is compared with. */
  readonly level: number
  /** Rounding of the claim itself, which cancellation can lift out of 106 bits; measured when asked for. */
  readonly noise: () => number
}

/** Claims of both modes and both orders against the truth; null where double-double has no answer. */
export interface ExactOracle {
  /** The largest value on the way. */
  readonly level: number
  /** ⟨Jᵀv, d⟩. */
  readonly reverse: (v: Float64Array, d: Float64Array) => Exact | null
  /** ⟨v, Jd⟩. */
  readonly forward: (v: Float64Array, d: Float64Array) => Exact | null
  /** ⟨u, Hd⟩, H the second derivative of ⟨v, f⟩. */
  readonly second: (v: Float64Array, u: Float64Array, d: Float64Array) => Exact | null
  /** Jᵀv, Jd and Hd as the rules have them, without rounding on the way; for laws that need no truth. */
  readonly gradient: (v: Float64Array) => Float64Array | null
  readonly tangent: (d: Float64Array) => Float64Array | null
  readonly curvature: (v: Float64Array, d: Float64Array) => Float64Array | null
}

/** Elements that a graph may hold in all; beyond, double-double is too slow. */
const MOST = 20_000
/** Beyond, steps that do not agree at once are left to float64. */
const PATIENCE = 4_000

const magnitude = (x: Tensor): number => {
  let most = 0
  for (const v of x.toTypedArray()) if (Number.isFinite(v)) most = Math.max(most, Math.abs(v))
  return most
}

const floatsOf = (ts: readonly DoubleDoubleTensor[], like: Likes): Float64Array =>
  Float64Array.from(ts.flatMap((t, i) => (like[i]!.dtype.startsWith('float') ? Array.from(t.hi) : [])))

const attempt = <R>(f: () => R): R | null => {
  try {
    return f()
  } catch {
    // Not every primitive has a meaning in double-double; differences answer then.
    return null
  }
}

/**
 * The graph of a function and the graph of its derivative, read by another interpreter with 106 bits: rounding cannot hide
 * an error of a rule there, nor look like one.
 */
export const exactOracle = (s: Subject): ExactOracle | undefined => {
  if (s.eps !== EPS || !s.traced || !s.tracedGradient || !s.tracedForward) return undefined
  const traced = attempt(s.traced)
  if (!traced) return undefined
  const { graph, inputs } = traced
  const size = graph.nodes.reduce((n, node) => n + node.outputs.reduce((m, o) => m + sizeOf(o.shape), 0), 0)
  if (size > MOST || ![...graph.inputs, ...graph.outputs].every((x) => x.dtype !== 'float32'))
    return undefined
  let largest = 0
  const isFixed = fixedValues()
  for (const { op, inputs: operands, outputs } of allVisits(graph, inputs))
    if (!isFixed(op, operands, outputs)) largest = Math.max(largest, ...outputs.map(magnitude))
  const evaluate = (t: Traced, like: Likes, t0 = 0, d?: Float64Array): Float64Array => {
    const directions = d ? spread(t.inputs, t.inputs, d) : []
    const at = t.inputs.map((x, i) => (t0 === 0 ? fromTensor(x) : displaced(x, t0, directions[i])))
    return floatsOf(evaluateDoubleDouble(t.graph, at).outputs, like)
  }
  const truth = (t: Traced, like: Likes, w: Float64Array, d: Float64Array): Estimate | null => {
    const found = derivativeAlong(t.graph, t.inputs, spread(t.inputs, t.inputs, d), {
      weights: spread(t.graph.outputs, like, w),
      patient: size <= PATIENCE,
    })
    return found.kind === 'smooth' ? { value: found.value[0], error: found.error } : null
  }
  /** ⟨w, claim⟩ against the truth. */
  const judged = (
    value: Estimate | null,
    claim: Traced,
    like: Likes,
    w: Float64Array,
    d: Float64Array,
  ): Exact | null => {
    if (!value) return null
    const here = evaluate(claim, like)
    const analytic = inner(here, w)
    if (!Number.isFinite(analytic) || here.length !== w.length) return null
    // The digits of a difference of two double-double numbers are enough, and float64 holds them.
    const along = (t: number): number => inner(evaluate(claim, like, t, d), w) - analytic
    return {
      analytic,
      truth: value,
      size: innerSize(here, w),
      level: largest,
      noise: () => lineOf(along, ROUNDING).noise(),
    }
  }
  const reversed = memo((v: Float64Array) => s.tracedGradient!(v))
  const tangent = memo((d: Float64Array) => s.tracedForward!(d))
  const outs = graph.outputs
  return {
    level: largest,
    reverse: (v, d) => attempt(() => judged(truth(traced, outs, v, d), reversed(v), inputs, d, d)),
    forward: (v, d) => attempt(() => judged(truth(traced, outs, v, d), tangent(d), outs, v, d)),
    second: (v, u, d) =>
      attempt(() =>
        s.tracedSecond ? judged(truth(reversed(v), inputs, u, d), s.tracedSecond(v, d), inputs, u, d) : null,
      ),
    gradient: (v) => attempt(() => evaluate(reversed(v), inputs)),
    tangent: (d) => attempt(() => evaluate(tangent(d), outs)),
    curvature: (v, d) => attempt(() => (s.tracedSecond ? evaluate(s.tracedSecond(v, d), inputs) : null)),
  }
}

/** Of a few vectors, by identity: one check asks for the same few again and again. */
const memo = <R>(f: (v: Float64Array) => R): ((v: Float64Array) => R) => {
  const seen = new WeakMap<Float64Array, { readonly result: R }>()
  return (v) => {
    const old = seen.get(v)
    if (old) return old.result
    const result = f(v)
    seen.set(v, { result })
    return result
  }
}
