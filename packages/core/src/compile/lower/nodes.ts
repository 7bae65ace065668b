import type { Node } from '../../graph/ir.js'
import { hasLanes } from '../loop/lanes.js'

// What sort of work a node is, for the compiler.

const VIEWS = new Set(['broadcast', 'permute', 'slice', 'reverse', 'reshape', 'stopGradient', 'tag'])
const REDUCERS = new Set(['sum', 'reduceMax', 'reduceMin'])

/** Passes elements on without touching them. */
export const isViewing = (node: Node): boolean => VIEWS.has(node.op.name)

/** Works on each element alone; all its operands have the shape of its result. */
export const isMap = (node: Node): boolean => {
  if (node.outputs.length !== 1 || node.inputs.length === 0) return false
  const dtype = node.inputs[node.inputs.length - 1]!.dtype
  return hasLanes(node.op.name, dtype, node.params)
}

/** Combines elements along axes. */
export const isReduction = (node: Node): boolean =>
  REDUCERS.has(node.op.name) && !(node.op.name === 'sum' && node.inputs[0]!.dtype === 'bool')

export const axesOf = (node: Node): readonly number[] => node.params.axes as readonly number[]
