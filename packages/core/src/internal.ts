// For the sibling packages: the structure of graphs and primitives. Not covered by semantic versioning.
export type { Aval, Domain, GraphIR, Kinks, Maybe, Node, Params, Primitive, Sym } from './graph/ir.js'
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
export { dataOf, filled, fromData, symOf } from './tensor.js'
export { bind } from './trace/trace.js'
export { countLeaves, defKey, flatten, pathsOf, type TreeDef, unflatten } from './tree/tree.js'
