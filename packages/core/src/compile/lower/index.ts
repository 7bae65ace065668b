import type { GraphIR } from '../../graph/ir.js'
import { prepare } from '../passes/prepare.js'
import type { Unit } from '../unit.js'
import { lowerConcat, lowerPad } from './assemble.js'
import { lowerConv, lowerDot } from './contract.js'
import { lowerCond, lowerScan, lowerWhile } from './control.js'
import { Lowering, type NodeLowering, type Procedure } from './lower.js'

/** Primitives whose steps are neither one loop nest nor one kernel. */
const LOWERINGS: Readonly<Record<string, NodeLowering>> = {
  concat: lowerConcat,
  conv: lowerConv,
  dot: lowerDot,
  pad: lowerPad,
  cond: lowerCond,
  scan: lowerScan,
  while: lowerWhile,
}

/** A graph as steps; what it shares with other graphs of the program is in the unit. */
export const lower = (unit: Unit, graph: GraphIR): Procedure =>
  new Lowering(unit, prepare(graph), LOWERINGS).run()
