import type { Primitive } from '../../graph/ir.js'
import { lu as kernel } from '../../math/linalg/index.js'
import type { Tensor } from '../../tensor.js'
import { bind } from '../../trace/trace.js'
import { add, none } from '../arithmetic.js'
import { definePrimitive } from '../define.js'
import { gather } from '../indexing.js'
import { countOf, eachMatrix, identity, matmul, needSquare, triangle } from './matrices.js'
import { divideByUpper, triangularSolve } from './triangularSolve.js'

/** Rows in the order of a permutation: [..., n, k] with [..., n] indices. */
export const permuteRows = (x: Tensor, permutation: Tensor): Tensor =>
  gather(x, permutation, { axis: x.rank - 2, batchDims: x.rank - 2 })

/**
 * P A = L U with row pivoting. Outputs: L and U in one matrix [..., n, n], L without its unit diagonal; the row swaps
 * [..., n]; the permutation [..., n], so that row i of P A is row permutation[i] of A.
 */
export const luP: Primitive<Readonly<Record<string, never>>> = definePrimitive<
  Readonly<Record<string, never>>
>({
  name: 'lu',
  shape: ([a]) => {
    const { shape, dtype } = needSquare('lu', a!)
    const rows = shape.slice(0, -1)
    return [
      { shape, dtype },
      { shape: rows, dtype: 'int32' },
      { shape: rows, dtype: 'int32' },
    ]
  },
  kernel: (inputs, _, outs) => {
    const n = inputs[0]!.shape.at(-1)!
    return eachMatrix(
      inputs,
      outs,
      (a) => {
        const f = kernel(a, n, n)
        return [f.lu, f.pivots, f.permutation]
      },
      [2, 1, 1],
    )
  },
  // With X = L⁻¹ P dA U⁻¹: dL = L tril(X, -1), dU = triu(X) U. They fill the two triangles of one matrix.
  jvp: (_, [t], [lu, , permutation]) => {
    if (!t) return [null, null, null]
    const lower = triangle(lu!, true, true)
    const l = add(lower, identity(lu!.shape, lu!.dtype))
    const u = triangle(lu!, false)
    const half = triangularSolve(l, permuteRows(t, permutation!), {
      lower: true,
      transpose: false,
      unitDiagonal: true,
    })
    const x = divideByUpper(half, u)
    return [add(matmul(l, triangle(x, true, true)), matmul(triangle(x, false), u)), null, null]
  },
  transpose: 'nonlinear',
  batch: ([a]) => lu(a!),
  domain: ['nonsingular'],
  kinks: { text: 'jumps where two candidates for a pivot are equally large' },
  derivation: 'X = L⁻¹ P dA U⁻¹ splits into dL = L tril(X, -1) and dU = triu(X) U',
  flops: ([a]) => (2 * countOf(a!) * a!.shape.at(-1)! ** 3) / 3,
})
export const lu = (a: Tensor): readonly Tensor[] => bind(luP, [a], none)
