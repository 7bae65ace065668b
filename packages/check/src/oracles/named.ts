import { isFloat, sizeOf } from '@cotangent/core/internal'
import type { Subject, Traced } from '../subject/subject.js'
import { exactDifference } from './bilinear/index.js'
import { complexStepAlong } from './complexStep/index.js'
import { inner, lineAlong, moved } from './direction.js'
import type { ExactOracle } from './exact.js'
import type { Answer, Estimate, Oracle, OracleName } from './oracle.js'
import { ridders } from './ridders.js'
import { spread } from './spread.js'

/** A function from vector to vector, as a function and as a graph. */
interface Both {
  readonly value: (x: Float64Array) => Float64Array
  readonly traced: Traced | undefined
  /** What a vector of weights belongs to. */
  readonly outs: readonly { readonly dtype: string }[]
}

const orElse = (answer: Estimate | null | undefined, unavailable: string): Answer => answer ?? { unavailable }

const attempt = <R>(f: () => R): R | undefined => {
  try {
    return f()
  } catch {
    // Not every function can be traced.
    return undefined
  }
}

const OPAQUE = 'the function is opaque: it has no graph'

/** Each oracle, asked for by its name. */
export const oracleOf = (name: OracleName, s: Subject, exact?: ExactOracle): Oracle => {
  const traced = attempt(() => s.traced?.())
  const value: Both = { value: (x) => s.value(x).data, traced, outs: traced?.graph.outputs ?? [] }
  const gradient = (v: Float64Array): Both => ({
    value: (x) => s.reverse(x, v).data,
    traced: attempt(() => s.tracedGradient?.(v)),
    outs: traced?.inputs ?? [],
  })
  const missing = 'not every operation has a meaning in double-double, or the function is too large'
  if (name === 'double-double')
    return {
      name,
      first: (v, d) => orElse(exact?.reverse(v, d)?.truth, missing),
      second: (v, u, d) => orElse(exact?.second(v, u, d)?.truth, missing),
    }
  const along = ASK[name]
  return {
    name,
    first: (v, d) => along(value, v, d, s),
    second: (v, u, d) => along(gradient(v), u, d, s),
  }
}

type Ask = (f: Both, w: Float64Array, d: Float64Array, s: Subject) => Answer

const byComplexStep: Ask = ({ traced, outs }, w, d) => {
  if (!traced) return { unavailable: OPAQUE }
  const { graph, inputs } = traced
  return complexStepAlong(graph, inputs, spread(inputs, inputs, d), spread(graph.outputs, outs, w))
}

const byExactDifference: Ask = ({ value, traced }, w, d, s) => {
  const at = (t: number): number => inner(value(moved(s.x, d, t)), w)
  const moving = traced ? movingInputs(traced, d) : []
  return exactDifference({ at, eps: s.eps }, traced, moving)
}

const byRidders: Ask = ({ value }, w, d, s) =>
  orElse(ridders(lineAlong(value, s.x, w, d, s.eps)), 'the function is not defined on both sides')

const ASK: Readonly<Record<Exclude<OracleName, 'double-double'>, Ask>> = {
  'complex-step': byComplexStep,
  'exact-bilinear': byExactDifference,
  ridders: byRidders,
}

/** Which operands a direction moves. */
const movingInputs = ({ inputs }: Traced, d: Float64Array): boolean[] => {
  let at = 0
  return inputs.map((x) => {
    if (!isFloat(x.dtype) || at >= d.length) return false
    const n = sizeOf(x.shape)
    at += n
    return d.slice(at - n, at).some((v) => v !== 0)
  })
}
