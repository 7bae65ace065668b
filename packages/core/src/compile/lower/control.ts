import type { GraphIR, Node } from '../../graph/ir.js'
import { condStep } from '../steps/cond.js'
import { type PlannedProcedure, planProcedure } from '../steps/procedure.js'
import { scanStep } from '../steps/scan.js'
import { whileStep } from '../steps/while.js'
import type { View } from '../view.js'
import type { Lowering, LowerOptions } from './lower.js'

const inner = (to: Lowering, graph: GraphIR, options?: LowerOptions): PlannedProcedure =>
  planProcedure(to.inner(graph, options))

const operands = (to: Lowering, node: Node): View[] => node.inputs.map((s) => to.denseOf(s, node.path))
const results = (to: Lowering, node: Node): View[] => node.outputs.map((s) => to.place(s))

/** What is written to where a result of the node goes has padding only if that has: it may be a row of an array. */
const as = (outputs: readonly View[]): LowerOptions => ({ padded: (i) => outputs[i]!.buffer.padded })

export const lowerCond = (to: Lowering, node: Node): boolean => {
  const [predicate, ...inputs] = operands(to, node)
  const outputs = results(to, node)
  const branches = (node.params.branches as readonly GraphIR[]).map((g) => inner(to, g, as(outputs)))
  to.steps.push(condStep(to.unit, node, predicate!, inputs, outputs, branches))
  return true
}

export const lowerWhile = (to: Lowering, node: Node): boolean => {
  const p = node.params as unknown as {
    test: GraphIR
    body: GraphIR
    testConsts: number
    bodyConsts: number
  }
  const all = operands(to, node)
  const parts = {
    forTest: all.slice(0, p.testConsts),
    forBody: all.slice(p.testConsts, p.testConsts + p.bodyConsts),
    carry: all.slice(p.testConsts + p.bodyConsts),
  }
  const outputs = results(to, node)
  const body = inner(to, p.body, as(outputs))
  to.steps.push(whileStep(to.unit, node, parts, outputs, inner(to, p.test), body))
  return true
}

export const lowerScan = (to: Lowering, node: Node): boolean => {
  const p = node.params as unknown as {
    body: GraphIR
    consts: number
    carry: number
    length: number
    reverse: boolean
  }
  const all = operands(to, node)
  const parts = {
    consts: all.slice(0, p.consts),
    carry: all.slice(p.consts, p.consts + p.carry),
    rows: all.slice(p.consts + p.carry),
  }
  // Rows of a result lie side by side, so what is written to one may not run over its end.
  const outputs = results(to, node)
  const body = inner(to, p.body, { padded: (i) => i < p.carry && outputs[i]!.buffer.padded })
  to.steps.push(scanStep(to.unit, node, parts, outputs, body, p))
  return true
}
