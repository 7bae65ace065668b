import type { Primitive } from '../../graph/ir.js'
import { eigh as kernel } from '../../math/linalg/index.js'
import type { Tensor } from '../../tensor.js'
import { bind } from '../../trace/trace.js'
import { abs, constantLike, greater, mul, none, reciprocal, scale, sub } from '../arithmetic.js'
import { definePrimitive } from '../define.js'
import { select } from '../passing.js'
import { reduceMax } from '../reductions.js'
import {
  countOf,
  diagonal,
  eachMatrix,
  epsilon,
  inColumns,
  inMatrices,
  inRows,
  matmul,
  needSquare,
  symmetricInDouble,
  symmetrized,
  transposed,
} from './matrices.js'

/** 1/x where `keep`, elsewhere 0; what is divided by is never 0. */
export const reciprocalWhere = (keep: Tensor, x: Tensor): Tensor =>
  select(keep, reciprocal(select(keep, x, constantLike(1, x))), constantLike(0, x))

/** F_ij = 1/(w_j - w_i), and 0 within a block of eigenvalues that are equal up to rounding. */
const inverseGaps = (w: Tensor): Tensor => {
  const n = w.shape.at(-1)!
  const gap = sub(inColumns(w, n), inRows(w, n))
  const size = reduceMax(abs(w), [w.rank - 1])
  const tolerance = inMatrices(scale(size, n * epsilon(w.dtype)), gap.shape)
  return reciprocalWhere(greater(abs(gap), tolerance), gap)
}

/** Eigenvalues [..., n], ascending, and eigenvectors [..., n, n] as columns, of (A + Aᵀ)/2. */
export const eighP: Primitive<Readonly<Record<string, never>>> = definePrimitive<
  Readonly<Record<string, never>>
>({
  name: 'eigh',
  shape: ([a]) => {
    const { shape, dtype } = needSquare('eigh', a!)
    return [
      { shape: shape.slice(0, -1), dtype },
      { shape, dtype },
    ]
  },
  kernel: (inputs, _, outs) => {
    const n = inputs[0]!.shape.at(-1)!
    return eachMatrix(
      inputs,
      outs,
      (a) => {
        const f = kernel(symmetricInDouble(a, n), n)
        return [f.values, f.vectors]
      },
      [1, 2],
    )
  },
  jvp: ([a], [t], [w, v]) => {
    if (!t) return [null, null]
    const m = matmul(matmul(transposed(v!), symmetrized(t)), v!)
    return [diagonal(m), a!.shape.at(-1) === 0 ? null : matmul(v!, mul(inverseGaps(w!), m))]
  },
  transpose: 'nonlinear',
  batch: ([a]) => eigh(a!),
  domain: ['symmetric'],
  kinks: { text: 'eigenvectors of equal eigenvalues are free to turn' },
  derivation:
    'M = Vᵀ dA V: dw = diag(M), dV = V (F∘M), F_ij = 1/(w_j - w_i), 0 inside degenerate blocks (Giles 2008, section 3.1)',
  flops: ([a]) => 9 * countOf(a!) * a!.shape.at(-1)! ** 3,
})
export const eigh = (a: Tensor): readonly Tensor[] => bind(eighP, [a], none)
