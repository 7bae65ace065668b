export { cond } from './control/cond.js'
export { type ScanOptions, scan } from './control/scan.js'
export { foriLoop, whileLoop } from './control/while.js'
export type { TypedArray } from './dtype.js'
export { CotangentError, type ErrorDetails, type ErrorKind } from './errors.js'
export type { Cost, Work } from './graph/cost.js'
export { Graph, type Port, type Step, trace } from './graph/graph.js'
export { type JitOptions, type Jitted, jit } from './jit/jit.js'
export type { Num } from './ops/coerce.js'
export { dot, matmul, outer, type TensordotAxes, tensordot } from './ops/contraction.js'
export { type ConvOptions, type ConvTransposeOptions, conv, convTranspose } from './ops/conv.js'
export * from './ops/create.js'
export * from './ops/cumulative.js'
export {
  type Bound,
  type PadOptions,
  type PadWidths,
  pad,
  type RollOptions,
  roll,
  slice,
  tile,
} from './ops/cut.js'
export { einsum } from './ops/einsum.js'
export * from './ops/elementwise.js'
export { type Indices, oneHot, repeat, scatterAdd, take, takeAlongAxis } from './ops/indexing.js'
export { type AxisOption, concat, split, stack } from './ops/join.js'
export * as linalg from './ops/linalg/index.js'
export { type NormOrder, norm } from './ops/norm.js'
export * from './ops/normalise.js'
export { type AvgPoolOptions, avgPool, maxPool, type PoolOptions } from './ops/pool.js'
export type { ReduceOptions, Reduction } from './ops/reduce.js'
export * from './ops/reductions.js'
export * from './ops/shape.js'
export * from './ops/sorting.js'
export { type DiagonalOptions, diag, tril, triu } from './ops/triangle.js'
export type { Padding, PerAxis } from './ops/window.js'
export * as random from './random/index.js'
export { type NestedNumbers, Tensor } from './tensor.js'
export {
  type CheckpointPolicy,
  checkpoint,
  customJvp,
  customVjp,
  defineOp,
  type Op,
  type OpDefinition,
  type PolicyNode,
} from './transforms/define.js'
export { jvp, linearize, vjp } from './transforms/derivatives.js'
export { type GradOptions, grad, valueAndGrad } from './transforms/grad.js'
export {
  type ImplicitRootOptions,
  implicitRoot,
  type LinearSolveOptions,
  linearSolve,
} from './transforms/implicit.js'
export { hessian, hvp, type Jacobian, type JacobianOptions, jacobian } from './transforms/jacobian.js'
export type { Gradient } from './transforms/types.js'
export { type AxisSpec, type VmapOptions, vmap } from './transforms/vmap.js'
export * as tree from './tree/index.js'
export type { Tree } from './tree/tree.js'
export type { DType, Shape } from './types/index.js'
