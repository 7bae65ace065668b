import type { Aval, GraphIR, Primitive } from '../graph/ir.js'
import { constantP } from '../primitives/constant.js'
import type { Tensor } from '../tensor.js'
import { Trace } from './trace.js'

/** A traced function, closed over nothing: what it used from outside are the extra inputs `captured`. */
export interface Built {
  readonly graph: GraphIR
  readonly captured: readonly Tensor[]
}

export const openTrace = (kind: string): Trace => new Trace(kind, constantP as unknown as Primitive)

/** Runs `f` once on symbols. With `known` values the symbols can be forced. */
export const build = (
  kind: string,
  avals: readonly Aval[],
  f: (...args: Tensor[]) => readonly Tensor[],
  known?: readonly Tensor[],
): Built => {
  const trace = openTrace(kind)
  const args = avals.map((aval, i) => trace.input(aval, known?.[i]))
  try {
    const graph = trace.close(f(...args))
    return { graph, captured: trace.captured }
  } finally {
    trace.closed = true
  }
}
