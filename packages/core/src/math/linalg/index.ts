/** Dense linear algebra kernels on row-major Float64Array matrices; one matrix a call, inputs not mutated. */
export { cholesky } from './cholesky.js'
export { type EighResult, eigh } from './eigh.js'
export { type LuResult, lu } from './lu.js'
export { type QrResult, qr } from './qr.js'
export { type SvdResult, svd } from './svd.js'
export { type TriangularSolveOptions, triangularSolve } from './triangular.js'
