import type { Node } from '../../graph/ir.js'
import { alignUp } from '../buffer.js'
import type { Step } from '../step.js'
import type { Unit } from '../unit.js'
import type { View } from '../view.js'
import { i32 } from '../wasm/index.js'
import { addressOfView, bindCell } from './addresses.js'
import { carryBytes, emitCarry } from './carry.js'
import { callProcedure, emitProcedure, type PlannedProcedure, workOf } from './procedure.js'

interface Parts {
  readonly forTest: readonly View[]
  readonly forBody: readonly View[]
  readonly carry: readonly View[]
}

/** A loop with a condition. */
export const whileStep = (
  unit: Unit,
  node: Node,
  { forTest, forBody, carry }: Parts,
  outputs: readonly View[],
  test: PlannedProcedure,
  body: PlannedProcedure,
): Step => {
  const carried = alignUp(carryBytes(outputs)) + 64
  return {
    kind: 'while',
    text: 'while',
    reads: [...forTest, ...forBody, ...carry].map((v) => v.buffer),
    writes: outputs.map((v) => v.buffer),
    inPlace: [],
    scratch: carried + Math.max(test.arena, body.arena),
    flops: node.op.flops(node.inputs, node.outputs, node.params),
    work: workOf(test) + workOf(body),
    divisible: false,
    path: node.path,
    emit: (e) => {
      const { f, lib } = e
      const state = emitCarry(e, carry, outputs)
      // The last line of what is carried holds the answer of the test.
      const answer = f.let(i32.add(e.scratch, carried - 64))
      const inner = e.base + carried
      const [testRef, bodyRef] = [test, body].map((p) => emitProcedure(lib, unit, p, inner))
      const fixed = (p: PlannedProcedure, views: readonly View[]): void => {
        views.forEach((v, i) => {
          bindCell(unit, f, p.inputs[i]!, addressOfView(e, v))
        })
      }
      fixed(test, forTest)
      fixed(body, forBody)
      bindCell(unit, f, test.outputs[0]!, answer)
      f.loop((again) => {
        state.now.forEach((at, i) => {
          bindCell(unit, f, test.inputs[forTest.length + i]!, at)
          bindCell(unit, f, body.inputs[forBody.length + i]!, at)
        })
        callProcedure(f, testRef!, e.leaveWith)
        f.if(i32.load8U(answer), () => {
          state.next().forEach((at, i) => {
            bindCell(unit, f, body.outputs[i]!, at)
          })
          callProcedure(f, bodyRef!, e.leaveWith)
          state.turn()
          again()
        })
      })
      state.finish()
    },
  }
}
