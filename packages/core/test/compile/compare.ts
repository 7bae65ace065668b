import { Program } from '../../src/compile/program.js'
import type { GraphIR } from '../../src/graph/ir.js'
import type { Tensor } from '../../src/index.js'
import { evaluate } from '../../src/transforms/evaluate.js'

const sizeOf = (t: Tensor): number =>
  [...t.toTypedArray()].reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 0)

/** The largest difference of two results, relative to a size; infinite where kinds of numbers differ. */
const differenceOf = (a: Tensor, b: Tensor, size: number): number => {
  const [x, y] = [a.toTypedArray(), b.toTypedArray()]
  if (x.length !== y.length || a.dtype !== b.dtype) return Number.POSITIVE_INFINITY
  let worst = 0
  for (let i = 0; i < x.length; i++) {
    if (Object.is(x[i], y[i]) || x[i] === y[i]) continue
    const error = Math.abs(x[i]! - y[i]!) / (size || 1)
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error)
  }
  return worst
}

/**
 * Runs a graph compiled and interpreted and gives the largest difference of each result, relative to its size. A result
 * far smaller than the others may hold nothing but what their rounding leaves there, so `floor` times the size of the
 * largest result counts too.
 */
export const differences = (
  graph: GraphIR,
  args: readonly Tensor[],
  { relaxed = false, floor = 0 } = {},
): number[] => {
  const program = new Program(graph, { relaxed, worthSweeping: 0, sweepBytes: 0 })
  try {
    const got = program.run(args)
    const wanted = evaluate(graph, args)
    const largest = Math.max(0, ...wanted.map(sizeOf))
    return wanted.map((want, i) => differenceOf(got[i]!, want, Math.max(sizeOf(want), floor * largest)))
  } finally {
    program.release()
  }
}
