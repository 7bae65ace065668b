import { BYTES } from '../../dtype.js'
import type { Node } from '../../graph/ir.js'
import type { Step } from '../step.js'
import type { Unit } from '../unit.js'
import type { View } from '../view.js'
import { i32 } from '../wasm/index.js'

/** A node that the interpreter computes in the middle of a program: the addresses of its values lie in these cells. */
export interface HostCall {
  readonly node: Node
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
}

/** Leaves a node to the interpreter. */
export const hostStep = (unit: Unit, node: Node, inputs: readonly View[], outputs: readonly View[]): Step => {
  const cells = { inputs: inputs.map(() => unit.cell()), outputs: outputs.map(() => unit.cell()) }
  const id = unit.hostCalls.push({ node, ...cells }) - 1
  return {
    kind: 'host',
    text: node.op.name,
    reads: inputs.map((v) => v.buffer),
    writes: outputs.map((v) => v.buffer),
    inPlace: [],
    scratch: 0,
    flops: node.op.flops(node.inputs, node.outputs, node.params),
    work: 20 * node.op.flops(node.inputs, node.outputs, node.params),
    divisible: false,
    path: node.path,
    fails: true,
    rows: undefined,
    emit: ({ f, lib, addressOf }) => {
      const pass = (views: readonly View[], to: readonly number[]): void => {
        views.forEach((v, k) => {
          const address = i32.add(addressOf(f, v.buffer), v.offset * BYTES[v.buffer.dtype])
          f.store('i32', i32.const(unit.cellAddress(to[k]!)), address)
        })
      }
      pass(inputs, cells.inputs)
      pass(outputs, cells.outputs)
      f.call(lib.host, [i32.const(id)])
    },
  }
}
