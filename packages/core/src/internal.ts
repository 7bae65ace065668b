// For the sibling packages: the structure of graphs and primitives. Not covered by semantic versioning.

export * as wasm from './compile/wasm/index.js'
export { allocate, isFloat, type TypedArray } from './dtype.js'
export type { Aval, Domain, GraphIR, Kinks, Maybe, Node, Params, Primitive, Sym } from './graph/ir.js'
export { nestedGraphs, opParams } from './graph/nested.js'
export { optimise } from './optimise/optimise.js'
export { elementwiseBatch, none } from './primitives/arithmetic.js'
export {
  definePrimitive,
  needFloat,
  noJvp,
  outSize,
  positive,
  reals,
  sameAvals,
} from './primitives/define.js'
export { PRIMITIVES } from './primitives/registry.js'
export { range, sizeOf, stridesOf } from './shape.js'
export { copyOfData, dataOf, filled, fromData, symOf } from './tensor.js'
export { bind, withSites } from './trace/trace.js'
export { evaluate, linearizeGraph, pushForward } from './transforms/evaluate.js'
export { traceAt } from './transforms/functional.js'
export { countLeaves, defKey, flatten, pathsOf, type TreeDef, unflatten } from './tree/tree.js'
