import { endlessError } from '../../control/endless.js'
import type { Node } from '../../graph/ir.js'
import { alignUp } from '../buffer.js'
import type { Emission, Step } from '../step.js'
import type { Unit } from '../unit.js'
import type { View } from '../view.js'
import { callValue, i32 } from '../wasm/index.js'
import { addressOfView, bindCell, byteSize } from './addresses.js'
import { type Carry, carryBytes, emitCarry } from './carry.js'
import { callProcedure, emitProcedure, type PlannedProcedure, workOf } from './procedure.js'
import { anyNaN, sameElements } from './same.js'

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
  const fault = unit.fault((nan) => endlessError(nan !== 0))
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
    fails: true,
    rows: undefined,
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
          refuseEndless(e, state, outputs, unit.faultAddress, fault)
          state.turn()
          again()
        })
      })
      state.finish()
    },
  }
}

/** Leaves with a fault if the step wrote what it had read: it would be so for ever. */
const refuseEndless = (
  { f, lib, leaveWith }: Emission,
  state: Carry,
  outputs: readonly View[],
  faultAddress: number,
  fault: number,
): void => {
  const same = f.let(i32.const(1))
  state.next().forEach((to, i) => {
    const { buffer } = outputs[i]!
    const places = [state.now[i]!, to, i32.const(byteSize(buffer))]
    f.if(same, () => f.set(same, callValue(sameElements(lib, buffer.dtype), 'i32', places)))
  })
  f.if(same, () => {
    const nan = f.let(i32.const(0))
    outputs.forEach(({ buffer }, i) => {
      if (buffer.dtype !== 'float32' && buffer.dtype !== 'float64') return
      const bytes = i32.const(byteSize(buffer))
      f.set(nan, i32.or(nan, callValue(anyNaN(lib, buffer.dtype), 'i32', [state.now[i]!, bytes])))
    })
    f.store('i32', i32.const(faultAddress), nan)
    leaveWith(i32.const(fault))
  })
}
