import type { Node } from '../../graph/ir.js'
import type { Step } from '../step.js'
import type { Unit } from '../unit.js'
import type { View } from '../view.js'
import { i32 } from '../wasm/index.js'
import { addressOfView, bindCell } from './addresses.js'
import { callProcedure, emitProcedure, mayFail, type PlannedProcedure, workOf } from './procedure.js'

/** One of two procedures. */
export const condStep = (
  unit: Unit,
  node: Node,
  predicate: View,
  inputs: readonly View[],
  outputs: readonly View[],
  branches: readonly PlannedProcedure[],
): Step => ({
  kind: 'cond',
  text: 'cond',
  reads: [predicate, ...inputs].map((v) => v.buffer),
  writes: outputs.map((v) => v.buffer),
  inPlace: [],
  scratch: Math.max(...branches.map((b) => b.arena)),
  flops: node.op.flops(node.inputs, node.outputs, node.params),
  work: Math.max(...branches.map(workOf)),
  divisible: false,
  path: node.path,
  fails: branches.some(mayFail),
  rows: undefined,
  emit: (e) => {
    const { f, lib } = e
    const [from, to] = [inputs, outputs].map((views) => views.map((v) => addressOfView(e, v)))
    const run = (branch: PlannedProcedure) => (): void => {
      const ref = emitProcedure(lib, unit, branch, e.base)
      branch.inputs.forEach((b, i) => {
        bindCell(unit, f, b, from![i]!)
      })
      branch.outputs.forEach((b, i) => {
        bindCell(unit, f, b, to![i]!)
      })
      callProcedure(f, ref, e.leaveWith)
    }
    f.if(i32.load8U(addressOfView(e, predicate)), run(branches[0]!), run(branches[1]!))
  },
})
