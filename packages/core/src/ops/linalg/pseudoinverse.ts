import { add, constantLike, greater, mul, scale, sub } from '../../primitives/arithmetic.js'
import { reciprocalWhere } from '../../primitives/linalg/eigh.js'
import { epsilon, identity, inColumns, inRows, matmul, transposed } from '../../primitives/linalg/matrices.js'
import { svd } from '../../primitives/linalg/svd.js'
import { convert } from '../../primitives/passing.js'
import { reduceMax } from '../../primitives/reductions.js'
import type { Tensor } from '../../tensor.js'
import { applyOp, type OpSpec } from '../../transforms/op.js'
import type { Num } from '../coerce.js'
import { matrixOperand, systemOperands } from './operands.js'

// P = A⁺. dP = -P dA P + P Pᵀ dAᵀ (I - A P) + (I - P A) dAᵀ Pᵀ P, valid while the rank stays (Golub and Pereyra 1973,
// theorem 4.3). No singular vectors: equal singular values are no special case.
const pinvSpec = (cutoff: number): OpSpec => ({
  name: 'pinv',
  key: `cutoff ${cutoff}`,
  expand: (a) => {
    const [m, n] = a!.shape.slice(-2)
    if (a!.size === 0) return [constantLike(0, transposed(a!))]
    const [u, s, vt] = svd(a!)
    const tolerance = scale(reduceMax(s!, [s!.rank - 1]), cutoff)
    const inverse = reciprocalWhere(greater(s!, inRows(tolerance, Math.min(m!, n!))), s!)
    return [matmul(mul(transposed(vt!), inColumns(inverse, n!)), transposed(u!))]
  },
  jvp: ([a], [da], [p]) => {
    const [pt, dat] = [transposed(p!), transposed(da!)]
    const outside = sub(identity([...a!.shape.slice(0, -1), a!.shape.at(-2)!], a!.dtype), matmul(a!, p!))
    const kernel = sub(identity([...p!.shape.slice(0, -1), p!.shape.at(-2)!], a!.dtype), matmul(p!, a!))
    const inner = matmul(p!, matmul(da!, p!))
    const range = matmul(p!, matmul(pt, matmul(dat, outside)))
    const corange = matmul(matmul(matmul(kernel, dat), pt), p!)
    return [sub(add(range, corange), inner)]
  },
  batch: ([a]) => applyOp(pinvSpec(cutoff), [a!]),
})

/** The pseudo-inverse, in double, with the cutoff that befits the dtype of the data. */
const pseudoinverse = (a: Tensor, rcond = Math.max(a.shape.at(-2)!, a.shape.at(-1)!) * epsilon(a.dtype)) =>
  applyOp(pinvSpec(rcond), [convert(a, 'float64')])[0]!

/** When a singular value counts as zero. */
export interface PinvOptions {
  /** Relative to the largest. Default max(m, n) ε. */
  readonly rcond?: number
}

/**
 * The Moore-Penrose pseudo-inverse [..., n, m] of [..., m, n]. The derivative is the one at constant rank (Golub and
 * Pereyra 1973): it exists for rank-deficient matrices too, and equal singular values are no special case.
 *
 * @example
 * linalg.pinv(tensor([[2, 0], [0, 0]])) // => [[0.5, 0], [0, 0]]
 */
export const pinv = (a: Num, { rcond }: PinvOptions = {}): Tensor => {
  const x = matrixOperand('pinv', a)
  return convert(pseudoinverse(x, rcond), x.dtype)
}

/**
 * X of least norm among those that minimise ‖A X - B‖: A⁺ B. A is [..., m, n], B a vector [m] or matrices [..., m, k],
 * batch axes broadcast.
 *
 * @example
 * linalg.lstsq(tensor([[1], [1]]), tensor([1, 3])) // => [2]
 */
export const lstsq = (a: Num, b: Num, { rcond }: PinvOptions = {}): Tensor => {
  const s = systemOperands('lstsq', a, b)
  return s.restore(convert(matmul(pseudoinverse(s.a, rcond), convert(s.b, 'float64')), s.b.dtype))
}
