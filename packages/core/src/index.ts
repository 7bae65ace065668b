export { cond } from './control/cond.js'
export { type ScanOptions, scan } from './control/scan.js'
export { foriLoop, whileLoop } from './control/while.js'
export type { TypedArray } from './dtype.js'
export { CotangentError, type ErrorDetails, type ErrorKind } from './errors.js'
export type { Num } from './ops/coerce.js'
export * from './ops/create.js'
export * from './ops/cumulative.js'
export * from './ops/elementwise.js'
export { type NormOrder, norm } from './ops/norm.js'
export * from './ops/normalise.js'
export type { ReduceOptions, Reduction } from './ops/reduce.js'
export * from './ops/reductions.js'
export * from './ops/sorting.js'
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
export { hessian, hvp, type Jacobian, type JacobianOptions, jacobian } from './transforms/jacobian.js'
export type { Gradient } from './transforms/types.js'
export { type AxisSpec, type VmapOptions, vmap } from './transforms/vmap.js'
export * as tree from './tree/index.js'
export type { Tree } from './tree/tree.js'
export type { DType, Shape } from './types/index.js'
