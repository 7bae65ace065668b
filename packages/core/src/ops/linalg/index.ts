/** Linear algebra over the last two axes; all axes before them are batch axes. */
export { det, slogdet } from './determinant.js'
export { expm } from './expm.js'
export { cholesky, eigh, eigvalsh, matrixRank, qr, svd, svdvals } from './factorizations.js'
export { type MatrixNormOptions, norm } from './norm.js'
export { matrixPower, trace } from './power.js'
export { lstsq, type PinvOptions, pinv } from './pseudoinverse.js'
export { inv, solve, type TriangularSolveOptions, triangularSolve } from './solve.js'
