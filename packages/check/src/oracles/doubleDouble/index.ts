// The double-double oracle: any graph, evaluated with about 106 bits by an interpreter of its own.
export { type DoubleDouble, dd } from './arithmetic.js'
export { type Derivative, derivativeAlong, ROUNDING } from './derivative.js'
export {
  type Decision,
  DoubleDoubleUnavailable,
  type Evaluation,
  evaluateDoubleDouble,
  type Options,
  unavailableIn,
} from './evaluate.js'
export { KERNELS } from './kernels/index.js'
export {
  at,
  type DoubleDoubleTensor,
  displaced,
  fromTensor,
  innerProduct,
  map,
  scaledDifference,
  toTensor,
} from './tensor.js'
