import type { GraphIR } from '../graph/ir.js'
import { sameShape } from '../shape.js'
import type { Buffer } from './buffer.js'
import type { Procedure } from './lower/lower.js'

/** A result that takes over the memory of a donated argument. */
export interface Heir {
  readonly input: number
  readonly output: number
  /** May it be written where the argument lies, while the program runs? Otherwise it needs memory of its own. */
  readonly inPlace: boolean
}

/**
 * May `write` lie where `read` does? It must be written by one step only, after every other step that reads the
 * argument; a step that does both must read each element before it writes it.
 */
const mayOverwrite = ({ steps }: Procedure, read: Buffer, write: Buffer): boolean => {
  const writers = steps.filter((s) => s.writes.includes(write))
  if (writers.length !== 1) return false
  const at = steps.indexOf(writers[0]!)
  return steps.every((step, i) => {
    if (!step.reads.includes(read)) return true
    return i < at || (i === at && step.inPlace.some((p) => p.write === write && p.read === read))
  })
}

/** Pairs donated arguments with results of the same shape and dtype, in order. */
export const heirsOf = (
  graph: GraphIR,
  procedure: Procedure,
  donated: readonly boolean[],
  mayFail: boolean,
): Heir[] => {
  const free = new Set(graph.inputs.flatMap((_, i) => (donated[i] ? [i] : [])))
  return graph.outputs.flatMap((out, output): Heir[] => {
    const input = [...free].find((i) => {
      const s = graph.inputs[i]!
      return s.dtype === out.dtype && sameShape(s.shape, out.shape)
    })
    if (input === undefined) return []
    free.delete(input)
    // A program that may stop half-way must leave its arguments as they were.
    const inPlace = !mayFail && mayOverwrite(procedure, procedure.inputs[input]!, procedure.outputs[output]!)
    return [{ input, output, inPlace }]
  })
}
