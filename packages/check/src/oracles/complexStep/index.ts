// The complex-step oracle: a graph, evaluated over complex numbers by an interpreter of its own.
export { complexStepAlong } from './derivative.js'
export { evaluateComplex, NotHolomorphic } from './evaluate.js'
export { KERNELS } from './kernels.js'
