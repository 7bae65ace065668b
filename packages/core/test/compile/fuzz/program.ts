import { isFloat } from '../../../src/dtype.js'
import type { GraphIR, Sym } from '../../../src/graph/ir.js'
import { add, grad, mul, sum, type Tensor } from '../../../src/index.js'
import { fromData } from '../../../src/tensor.js'
import { build } from '../../../src/trace/build.js'
import { evaluate } from '../../../src/transforms/evaluate.js'
import type { Maker } from './maker.js'
import type { Random } from './random.js'

/** How a program wants to be run; what it does not say is left to chance. */
export interface Wish {
  /** Calls, in which results are handed on to donated arguments and other arguments change; 0 for none. */
  readonly rounds?: number
  /** Each node is held to the interpreter with the operands that it had. */
  readonly nodes?: boolean
  /** Steps go through their rows together, however little there is to do. */
  readonly sweeps?: boolean
  /** Two threads share every step that can be shared. */
  readonly threads?: boolean
  /** It is held to what one thread makes, on one thread and on several. */
  readonly shared?: boolean
}

/** A graph with arguments. */
export interface Program {
  readonly graph: GraphIR
  readonly args: readonly Tensor[]
  readonly wish?: Wish
}

/** Results of a graph: mostly what nothing uses yet, so that little is pruned. */
export const chosen = (m: Maker): Sym[] => {
  const { random } = m
  const used = new Set(m.nodes.flatMap((n) => n.inputs))
  const ends = m.values.filter((s) => !used.has(s))
  const outputs = random.subset(ends, 0.8)
  for (let k = random.int(0, 2); k > 0; k--) outputs.push(random.pick(m.values))
  if (outputs.length === 0) outputs.push(m.values[m.values.length - 1]!)
  if (random.chance(0.1)) outputs.push(random.pick(outputs))
  return outputs
}

/** The gradient of a weighted sum of a program's real results, beside the results; undefined if there is none. */
export const differentiated = ({ graph, args, wish }: Program, random: Random): Program | undefined => {
  const weight = (t: Tensor): Tensor => {
    const data = new (t.dtype === 'float32' ? Float32Array : Float64Array)(t.size)
    for (let i = 0; i < data.length; i++) data[i] = random.int(-2, 2)
    return fromData(data, t.shape, t.dtype)
  }
  const argnums = args.flatMap((t, i) => (isFloat(t.dtype) ? [i] : []))
  const real = graph.outputs.flatMap((s, i) => (isFloat(s.dtype) ? [i] : []))
  if (argnums.length === 0 || real.length === 0) return undefined
  const { dtype } = graph.outputs[real[0]!]!
  const parts = real.filter((i) => graph.outputs[i]!.dtype === dtype)
  const f = (...xs: Tensor[]): Tensor => {
    const outs = evaluate(graph, xs)
    return parts.map((i) => sum(mul(outs[i]!, weight(outs[i]!))) as Tensor).reduce((a, b) => add(a, b))
  }
  try {
    const whole = build('fuzz', args, (...xs) => [
      ...evaluate(graph, xs),
      ...(grad(f, { argnums })(...xs) as readonly Tensor[]),
    ])
    return { graph: whole.graph, args: [...args, ...whole.captured], ...(wish && { wish }) }
  } catch (error) {
    // Loops that run as long as their values say have no reverse mode.
    if (error instanceof Error && error.constructor.name === 'CotangentError') return undefined
    throw error
  }
}
