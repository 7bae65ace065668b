import type { Tensor } from '@cotangent/core'
import { dataOf, type GraphIR, isFloat, type Node, opParams, sizeOf } from '@cotangent/core/internal'
import { control } from '../words/control.js'
import { interpret } from '../words/interpret.js'
import type { Call, Kernel } from '../words/kernel.js'
import { structural } from '../words/structural.js'
import { NO_WORDS, ofIntegers, type WordTensor } from '../words/tensor.js'
import { KERNELS, realPart } from './kernels.js'

/** An operation that has no meaning for complex operands; it was given some. */
export class NotHolomorphic extends Error {
  override readonly name = 'NotHolomorphic'
  constructor(
    readonly op: string,
    readonly path: string,
  ) {
    super(`${op} is not holomorphic, and its operand depends on the input`)
  }
}

export interface Options {
  /** Called with each node and its results; graphs inside nodes are entered. */
  readonly onNode?: (node: Node, outputs: readonly WordTensor[]) => void
  /** Changes the words of every result that was rounded, to see how much that matters. */
  readonly perturb?: (x: number) => number
}

/** A tensor that does not depend on what moves: its imaginary part is 0, and known to be. */
export const constantOf = (x: Tensor): WordTensor => ({
  shape: x.shape,
  dtype: x.dtype,
  hi: isFloat(x.dtype) ? Float64Array.from(dataOf(x)) : dataOf(x),
  lo: NO_WORDS,
})

/** Whether a tensor depends on the input: not whether its imaginary part is other than 0, which may be by chance. */
const moves = (x: WordTensor): boolean => isFloat(x.dtype) && x.lo.length === x.hi.length && x.hi.length > 0

const withImaginary = (x: WordTensor): WordTensor =>
  isFloat(x.dtype) && !moves(x) ? { ...x, lo: new Float64Array(sizeOf(x.shape)) } : x

/** Nodes that only move elements round nothing; those with graphs inside have rounded there. */
const EXACT: ReadonlySet<string> = new Set([...Object.keys(structural), ...Object.keys(control)])

const perturbed = (x: WordTensor, by: (x: number) => number): WordTensor =>
  isFloat(x.dtype) ? { ...x, hi: Float64Array.from(x.hi, by), lo: x.lo.map(by) } : x

const still = (x: WordTensor): WordTensor => (isFloat(x.dtype) ? { ...x, lo: NO_WORDS } : x)

const inside: Readonly<Record<string, Kernel>> = {
  ...control,
  constant: ({ params }) => [constantOf(params.value as Tensor)],
}

/** The same graph over complex numbers: floats with imaginary parts, integers as they are. */
export const evaluateComplex = (
  graph: GraphIR,
  inputs: readonly WordTensor[],
  options: Options = {},
): readonly WordTensor[] => {
  const run = (inner: GraphIR, args: readonly WordTensor[]): WordTensor[] =>
    interpret(inner, args, (node, operands) => {
      const plain = apply(node, operands)
      const outs =
        options.perturb && !EXACT.has(node.op.name) ? plain.map((y) => perturbed(y, options.perturb!)) : plain
      options.onNode?.(node, outs)
      return outs
    })
  const apply = (node: Node, operands: readonly WordTensor[]): readonly WordTensor[] => {
    const { op, params, outputs } = node
    const call: Call = { row: op, inputs: operands, params, outs: outputs, decide: () => {}, evaluate: run }
    const nested = inside[op.name]
    const moving = operands.some(moves)
    if (nested) return moving ? nested(call) : nested(call).map(still)
    if (!moving) return onReals(call)
    const kernel = KERNELS.get(op.name)
    // A number that depends on the input cannot become an integer.
    if (!kernel || outputs.every((o) => !isFloat(o.dtype)))
      throw new NotHolomorphic(opParams(node)?.spec.name ?? op.name, node.path)
    return kernel({ ...call, inputs: operands.map(withImaginary) })
  }
  return run(graph, inputs)
}

/** What does not depend on the input has its float64 meaning. */
const onReals = ({ row, inputs, params, outs }: Call): readonly WordTensor[] => {
  const avals = outs.map((o) => (isFloat(o.dtype) ? { shape: o.shape, dtype: 'float64' as const } : o))
  return row.kernel(inputs.map(realPart), params, avals).map((y, k) => ofIntegers(outs[k]!, y.toTypedArray()))
}
