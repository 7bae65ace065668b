import { BYTES } from '../../dtype.js'
import type { Node } from '../../graph/ir.js'
import { sizeOf } from '../../shape.js'
import { alignUp } from '../buffer.js'
import type { Step } from '../step.js'
import type { Unit } from '../unit.js'
import type { View } from '../view.js'
import { addressOfView, bindCell } from './addresses.js'
import { carryBytes, emitCarry } from './carry.js'
import { callProcedure, emitProcedure, mayFail, type PlannedProcedure, workOf } from './procedure.js'

interface Parts {
  readonly consts: readonly View[]
  readonly carry: readonly View[]
  readonly rows: readonly View[]
}

const rowBytes = ({ shape, buffer }: View): number => sizeOf(shape.slice(1)) * BYTES[buffer.dtype]

/** A loop over the rows of its operands. */
export const scanStep = (
  unit: Unit,
  node: Node,
  { consts, carry, rows }: Parts,
  outputs: readonly View[],
  body: PlannedProcedure,
  { length, reverse }: { readonly length: number; readonly reverse: boolean },
): Step => {
  const results = outputs.slice(0, carry.length)
  const ys = outputs.slice(carry.length)
  const carried = alignUp(carryBytes(results))
  return {
    kind: 'scan',
    text: `scan of ${length}`,
    reads: [...consts, ...carry, ...rows].map((v) => v.buffer),
    writes: outputs.map((v) => v.buffer),
    inPlace: [],
    scratch: carried + body.arena,
    flops: node.op.flops(node.inputs, node.outputs, node.params),
    work: length * workOf(body),
    divisible: false,
    path: node.path,
    fails: mayFail(body),
    rows: undefined,
    emit: (e) => {
      const { f, lib } = e
      const state = emitCarry(e, carry, results)
      const ref = emitProcedure(lib, unit, body, e.base + carried)
      consts.forEach((v, i) => {
        bindCell(unit, f, body.inputs[i]!, addressOfView(e, v))
      })
      const places = [
        ...rows.map((v, i) => ({ v, cell: body.inputs[consts.length + carry.length + i]! })),
        ...ys.map((v, i) => ({ v, cell: body.outputs[carry.length + i]! })),
      ].map(({ v, cell }) => ({ cell, at: addressOfView(e, v), step: rowBytes(v) }))
      if (reverse) for (const { at, step } of places) f.increase(at, (length - 1) * step)
      const k = f.local('i32')
      f.for(k, 0, length, 1, () => {
        state.now.forEach((at, i) => {
          bindCell(unit, f, body.inputs[consts.length + i]!, at)
        })
        state.next().forEach((at, i) => {
          bindCell(unit, f, body.outputs[i]!, at)
        })
        for (const { cell, at, step } of places) {
          bindCell(unit, f, cell, at)
          f.increase(at, reverse ? -step : step)
        }
        callProcedure(f, ref, e.leaveWith)
        state.turn()
      })
      state.finish()
    },
  }
}
