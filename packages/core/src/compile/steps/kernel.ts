import { BYTES } from '../../dtype.js'
import type { Node } from '../../graph/ir.js'
import { KERNELS } from '../kernels/table.js'
import type { Step } from '../step.js'
import type { Unit } from '../unit.js'
import type { View } from '../view.js'
import { type I32, i32 } from '../wasm/index.js'
import { REFUSALS } from './faults.js'

/** A node that a function of the kernel library computes. */
export const kernelStep = (
  unit: Unit,
  node: Node,
  inputs: readonly View[],
  outputs: readonly View[],
): Step => {
  const kernel = KERNELS[node.op.name]!
  const record = { inputs: node.inputs, outputs: node.outputs, params: node.params }
  const refusal = REFUSALS[node.op.name]
  const fault = refusal ? unit.fault(refusal.error(node)) : 0
  return {
    kind: node.op.name,
    text: node.op.name,
    reads: inputs.map((v) => v.buffer),
    writes: outputs.map((v) => v.buffer),
    inPlace: [],
    scratch: kernel.scratch(record),
    flops: node.op.flops(node.inputs, node.outputs, node.params),
    work: node.op.flops(node.inputs, node.outputs, node.params),
    divisible: false,
    path: node.path,
    fails: refusal !== undefined,
    rows: undefined,
    emit: ({ f, lib, addressOf, scratch, leaveWith }) => {
      const address = (v: View): I32 =>
        f.let(i32.add(addressOf(f, v.buffer), v.offset * BYTES[v.buffer.dtype]))
      const places = { inputs: inputs.map(address), outputs: outputs.map(address), scratch: f.let(scratch) }
      const status = kernel.emit(f, lib, record, places)
      if (!status || !refusal) return
      const indices = places.inputs[refusal.operand]!
      f.if(status, () => {
        const at = i32.add(indices, i32.shl(i32.sub(status, 1), 2))
        f.store('i32', i32.const(unit.faultAddress), i32.load(at))
        leaveWith(i32.const(fault))
      })
    },
  }
}
