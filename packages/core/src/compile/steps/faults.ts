import type { Node } from '../../graph/ir.js'
import { indexError, sliceError } from '../../primitives/indexing.js'
import type { Fault } from '../unit.js'

/** How a primitive refuses an index: the operand that holds it, and the error that the interpreter throws. */
interface Refusal {
  readonly operand: number
  readonly error: (node: Node) => Fault
}

const along = (node: Node, operand: number): number =>
  node.inputs[operand]!.shape[node.params.axis as number]!

export const REFUSALS: Readonly<Record<string, Refusal>> = {
  gather: {
    operand: 1,
    error: (node) => (index) => indexError('take', index, along(node, 0), node.inputs[1]!.shape),
  },
  scatterAdd: {
    operand: 1,
    error: (node) => (index) =>
      indexError('scatterAdd', index, node.params.n as number, node.inputs[1]!.shape),
  },
  dynamicSlice: {
    operand: 1,
    error: (node) => (at) => sliceError('dynamicSlice', at, node.params.size as number, along(node, 0)),
  },
  dynamicUpdate: {
    operand: 2,
    error: (node) => (at) => sliceError('dynamicUpdate', at, along(node, 1), along(node, 0)),
  },
}
