import type { GraphIR } from '../graph/ir.js'
import { sameShape } from '../shape.js'
import type { Buffer } from './buffer.js'
import type { Procedure } from './lower/lower.js'
import type { Step } from './step.js'

/** A result that takes over the memory of a donated argument. */
export interface Heir {
  readonly input: number
  readonly output: number
  /** May it be written where the argument lies, while the program runs? Otherwise it needs memory of its own. */
  readonly inPlace: boolean
}

/** The steps that read or write each buffer, in order. */
const indexOf = (
  steps: readonly Step[],
  buffers: (step: Step) => readonly Buffer[],
): Map<Buffer, number[]> => {
  const at = new Map<Buffer, number[]>()
  steps.forEach((step, i) => {
    for (const b of new Set(buffers(step))) {
      const list = at.get(b)
      if (list) list.push(i)
      else at.set(b, [i])
    }
  })
  return at
}

/**
 * May `write` lie where `read` does? It must be written by one step only, after every other step that reads the
 * argument; a step that does both must read each element before it writes it.
 */
const mayOverwrite = (
  steps: readonly Step[],
  readers: readonly number[],
  writers: readonly number[],
  read: Buffer,
  write: Buffer,
): boolean => {
  if (writers.length !== 1) return false
  const at = writers[0]!
  return readers.every(
    (i) => i < at || (i === at && steps[i]!.inPlace.some((p) => p.write === write && p.read === read)),
  )
}

/** Pairs donated arguments with results of the same shape and dtype, in order. */
export const heirsOf = (graph: GraphIR, procedure: Procedure, donated: readonly boolean[]): Heir[] => {
  const { steps } = procedure
  const readers = indexOf(steps, (step) => step.reads)
  const writers = indexOf(steps, (step) => step.writes)
  const lastFailure = steps.findLastIndex(({ fails }) => fails)
  const free = new Set(graph.inputs.flatMap((_, i) => (donated[i] ? [i] : [])))
  return graph.outputs.flatMap((out, output): Heir[] => {
    const input = [...free].find((i) => {
      const s = graph.inputs[i]!
      return s.dtype === out.dtype && sameShape(s.shape, out.shape)
    })
    if (input === undefined) return []
    free.delete(input)
    // A program that stops half-way must leave its arguments as they were.
    const [read, write] = [procedure.inputs[input]!, procedure.outputs[output]!]
    const inPlace =
      (writers.get(write)?.[0] ?? -1) > lastFailure &&
      mayOverwrite(steps, readers.get(read) ?? [], writers.get(write) ?? [], read, write)
    return [{ input, output, inPlace }]
  })
}
