import { fail, showShape } from '../../errors.js'
import type { Primitive } from '../../graph/ir.js'
import { triangularSolve as kernel } from '../../math/linalg/index.js'
import { sameShape, sizeOf } from '../../shape.js'
import type { Tensor } from '../../tensor.js'
import { bind1 } from '../../trace/trace.js'
import { addMaybe, neg } from '../arithmetic.js'
import { definePrimitive, reals } from '../define.js'
import { batchAll, moveAxis, reshape } from '../structural.js'
import { eachMatrix, matmul, needSquare, transposed, triangle } from './matrices.js'

export interface TriangularSolveParams {
  readonly [key: string]: unknown
  /** Which triangle of A is read, before any transposition. */
  readonly lower: boolean
  /** Solve Aᵀ X = B. */
  readonly transpose: boolean
  /** Take the diagonal as ones. */
  readonly unitDiagonal: boolean
}

/** X [..., n, k] with op(A) X = B, for triangular A [..., n, n] and B [..., n, k]. */
export const triangularSolveP: Primitive<TriangularSolveParams> = definePrimitive<TriangularSolveParams>({
  name: 'triangularSolve',
  shape: ([a, b]) => {
    needSquare('triangularSolve', a!)
    if (
      a!.dtype !== b!.dtype ||
      b!.shape.length !== a!.shape.length ||
      !sameShape(a!.shape.slice(0, -1), b!.shape.slice(0, -1))
    )
      fail(
        'Shape',
        `triangularSolve: ${a!.dtype}${showShape(a!.shape)} and ${b!.dtype}${showShape(b!.shape)} do not fit: the right-hand side needs as many rows as the matrix.`,
        { op: 'triangularSolve', shapes: [a!.shape, b!.shape] },
      )
    return [{ shape: b!.shape, dtype: b!.dtype }]
  },
  kernel: (inputs, params, outs) => {
    const [n, k] = inputs[1]!.shape.slice(-2)
    return eachMatrix(inputs, outs, (a, b) => [kernel(a, b, n!, k!, params)])
  },
  // op(A) dX = dB - op(dA) X, where only the triangle that was read moves.
  jvp: ([a], [ta, tb], [x], params) => {
    const { lower, transpose, unitDiagonal } = params
    if (!ta && !tb) return [null]
    const da = ta ? triangle(ta, lower, unitDiagonal) : null
    const moved = da ? neg(matmul(transpose ? transposed(da) : da, x!)) : null
    return [triangularSolve(a!, addMaybe(tb ?? null, moved)!, params)]
  },
  transpose: ([ct], [a], params) =>
    ct ? [null, triangularSolve(a!, ct, { ...params, transpose: !params.transpose })] : [null, null],
  batch: ([a, b], [ba, bb], params, size) => {
    if (ba) return [triangularSolve(a!, batchAll(b!, bb!, size), params)]
    // One matrix for the whole batch: its right-hand sides become columns.
    const last = moveAxis(b!, 0, b!.rank - 1)
    const columns = reshape(last, [...last.shape.slice(0, -2), last.shape.at(-2)! * size])
    return [moveAxis(reshape(triangularSolve(a!, columns, params), last.shape), b!.rank - 1, 0)]
  },
  domain: ['lowerTriangular', reals],
  kinks: 'none',
  derivation: 'op(A) dX = dB - op(dA) X on the triangle; linear in B, the transpose solves with op(A)ᵀ',
  flops: ([a], [x]) => sizeOf(x!.shape) * a!.shape.at(-1)!,
})
export const triangularSolve = (a: Tensor, b: Tensor, params: TriangularSolveParams): Tensor =>
  bind1(triangularSolveP, [a, b], {
    lower: params.lower,
    transpose: params.transpose,
    unitDiagonal: params.unitDiagonal,
  })

const options = { lower: true, transpose: false, unitDiagonal: false }
/** L⁻¹ B for a lower triangular L. */
export const solveLower = (l: Tensor, b: Tensor): Tensor => triangularSolve(l, b, options)
/** B U⁻¹ for an upper triangular U. */
export const divideByUpper = (b: Tensor, u: Tensor): Tensor =>
  transposed(triangularSolve(u, transposed(b), { ...options, lower: false, transpose: true }))
/** B L⁻ᵀ for a lower triangular L. */
export const divideByLowerTransposed = (b: Tensor, l: Tensor): Tensor =>
  transposed(solveLower(l, transposed(b)))
