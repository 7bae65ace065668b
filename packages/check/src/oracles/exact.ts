import type { Tensor } from '@cotangent/core'
import { fromData, isFloat } from '@cotangent/core/internal'
import { allVisits } from '../regularity/site.js'
import { EPS, type Subject, type Traced } from '../subject/subject.js'
import { inner, innerSize } from './direction.js'
import {
  type DoubleDoubleTensor,
  derivativeAlong,
  evaluateDoubleDouble,
  fromTensor,
} from './doubleDouble/index.js'
import type { Estimate } from './oracle.js'

/** A claim and the truth, both in double-double: what remains between them is the error of a rule. */
export interface Exact {
  readonly analytic: number
  readonly truth: Estimate
  /** Σ|g_i d_i| or Σ|v_j t_j|. */
  readonly size: number
  /** The largest value on the way, weighted: what a derivative that is nothing is compared with. */
  readonly level: number
}

/** Both modes against the same truth; null where double-double has no answer. */
export interface ExactOracle {
  readonly reverse: (v: Float64Array, d: Float64Array) => Exact | null
  readonly forward: (v: Float64Array, d: Float64Array) => Exact | null
}

/** Elements that a graph may hold in all; beyond, double-double is too slow. */
const MOST = 20_000

/** Of one operation in double-double, with room for many. */
const ROUNDING = 2 ** -98

const magnitude = (x: Tensor): number => {
  let most = 0
  for (const v of x.toTypedArray()) if (Number.isFinite(v)) most = Math.max(most, Math.abs(v))
  return most
}

const floatsOf = (ts: readonly DoubleDoubleTensor[], like: readonly { readonly dtype: string }[]): number[] =>
  ts.flatMap((t, i) => (like[i]!.dtype.startsWith('float') ? Array.from(t.hi) : []))

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
  // Arguments first, then what was captured, which stays.
  const directions = (d: Float64Array): (Tensor | undefined)[] => {
    let at = 0
    return inputs.map((x) => {
      if (!isFloat(x.dtype) || at >= d.length) return undefined
      at += x.size
      return fromData(d.slice(at - x.size, at), x.shape, 'float64')
    })
  }
  const largest = allVisits(graph, inputs).reduce(
    (m, visit) => Math.max(m, ...visit.outputs.map(magnitude)),
    0,
  )
  const evaluated = (t: Traced): readonly DoubleDoubleTensor[] =>
    evaluateDoubleDouble(t.graph, t.inputs.map(fromTensor)).outputs
  const truth = (v: Float64Array, d: Float64Array): Estimate | null => {
    const found = derivativeAlong(graph, inputs, directions(d))
    if (found.kind !== 'smooth') return null
    let at = 0
    let error = 0
    found.outputs.forEach((y, k) => {
      if (!isFloat(graph.outputs[k]!.dtype)) return
      for (let i = 0; i < y.hi.length; i++) error += Math.abs(v[at++]!) * found.error[k]!
    })
    // Cancellation inside leaves the rounding of the largest value on the way, over the step.
    error += (ROUNDING * largest * v.reduce((m, w) => m + Math.abs(w), 0)) / found.step
    return { value: inner(floatsOf(found.outputs, graph.outputs), v), error }
  }
  const gradients = new Map<Float64Array, Float64Array>()
  const gradient = (v: Float64Array): Float64Array => {
    const old = gradients.get(v)
    if (old) return old
    const g = Float64Array.from(floatsOf(evaluated(s.tracedGradient!(v)), inputs))
    gradients.set(v, g)
    return g
  }
  const together = (value: Estimate | null, a: ArrayLike<number>, b: ArrayLike<number>): Exact | null => {
    const found = value && { analytic: inner(a, b), truth: value, size: innerSize(a, b), level: largest }
    return found && Number.isFinite(found.analytic) && a.length === b.length ? found : null
  }
  return {
    reverse: (v, d) => attempt(() => together(truth(v, d), gradient(v), d)),
    forward: (v, d) =>
      attempt(() => together(truth(v, d), floatsOf(evaluated(s.tracedForward!(d)), graph.outputs), v)),
  }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
