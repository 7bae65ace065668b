import type { Primitive } from '../../graph/ir.js'
import { cholesky as kernel } from '../../math/linalg/index.js'
import type { Tensor } from '../../tensor.js'
import { bind1 } from '../../trace/trace.js'
import { none } from '../arithmetic.js'
import { definePrimitive } from '../define.js'
import {
  countOf,
  eachMatrix,
  halfTriangle,
  matmul,
  needSquare,
  symmetricInDouble,
  symmetrized,
} from './matrices.js'
import { divideByLowerTransposed, solveLower } from './triangularSolve.js'

/** L [..., n, n], lower triangular, with L Lᵀ = (A + Aᵀ)/2; all NaN where that is not positive definite. */
export const choleskyP: Primitive<Readonly<Record<string, never>>> = definePrimitive<
  Readonly<Record<string, never>>
>({
  name: 'cholesky',
  shape: ([a]) => [{ shape: needSquare('cholesky', a!).shape, dtype: a!.dtype }],
  kernel: (inputs, _, outs) => {
    const n = inputs[0]!.shape.at(-1)!
    return eachMatrix(inputs, outs, (a) => [kernel(symmetricInDouble(a, n), n)])
  },
  jvp: (_, [t], [l]) =>
    t ? [matmul(l!, halfTriangle(divideByLowerTransposed(solveLower(l!, symmetrized(t)), l!)))] : [null],
  transpose: 'nonlinear',
  batch: ([a]) => [cholesky(a!)],
  domain: ['spd'],
  kinks: 'none',
  derivation:
    'dL = L Φ(L⁻¹ dA L⁻ᵀ) with Φ the lower triangle, diagonal halved (Murray 2016, arXiv:1602.07527)',
  flops: ([a]) => (countOf(a!) * a!.shape.at(-1)! ** 3) / 3,
})
export const cholesky = (a: Tensor): Tensor => bind1(choleskyP, [a], none)
