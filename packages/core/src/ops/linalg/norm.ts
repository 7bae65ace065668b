import { fail } from '../../errors.js'
import * as p from '../../primitives/arithmetic.js'
import { sqrt } from '../../primitives/elementary.js'
import { epsilon, inMatrices, inRows } from '../../primitives/linalg/matrices.js'
import { svd } from '../../primitives/linalg/svd.js'
import { convert, select, stopGradient } from '../../primitives/passing.js'
import { reduceMax } from '../../primitives/reductions.js'
import { sum } from '../../primitives/structural.js'
import type { Tensor } from '../../tensor.js'
import type { Num } from '../coerce.js'
import { matrixOperand, type PerMatrix } from './operands.js'

/** Which matrix norm. */
export interface MatrixNormOptions {
  /**
   * 'fro': √Σa², the default. 'nuc': the sum of the singular values. 2: the largest singular value. 1: the largest
   * column sum of |a|. Infinity: the largest row sum.
   */
  readonly ord?: 'fro' | 'nuc' | 1 | 2 | typeof Number.POSITIVE_INFINITY
}

// Scaled by the largest entry, so that squares neither overflow nor vanish; the slope at 0 is 0.
const frobenius = (a: Tensor, axes: readonly number[]): Tensor => {
  const largest = stopGradient(reduceMax(p.abs(a), axes))
  const usual = p.logicalAnd(p.isFinite(largest), p.greater(largest, p.constantLike(0, largest)))
  const unit = select(usual, largest, p.constantLike(1, largest))
  const total = sum(p.square(p.div(a, inMatrices(unit, a.shape))), axes)
  const zero = p.equal(total, p.constantLike(0, total))
  const root = sqrt(select(zero, p.constantLike(1, total), total))
  return select(zero, p.constantLike(0, total), p.mul(root, unit))
}

// Singular values equal to the largest up to rounding share the slope.
const spectral = (a: Tensor): Tensor => {
  const s = svd(a)[1]!
  const k = s.shape.at(-1)!
  const values = stopGradient(s)
  const bound = p.scale(
    reduceMax(values, [s.rank - 1]),
    1 - Math.max(...a.shape.slice(-2)) * epsilon(a.dtype),
  )
  const top = convert(p.greaterEqual(values, inRows(bound, k)), a.dtype)
  return p.div(sum(p.mul(s, top), [s.rank - 1]), sum(top, [s.rank - 1]))
}

/**
 * A norm of each matrix of [..., m, n]. Where a norm has a kink the gradient is the subgradient of least norm: 0 at the
 * zero matrix, U_r V_rᵀ for the nuclear norm of a matrix of rank r, equal shares for ties of the others.
 *
 * @example
 * linalg.norm(tensor([[3, 0], [0, -4]])) // => 5
 * linalg.norm(tensor([[3, 0], [0, -4]]), { ord: 'nuc' }) // => 7
 * linalg.norm(tensor([[3, 0], [0, -4]]), { ord: 2 }) // => 4
 */
export const norm = <A extends Num>(a: A, { ord = 'fro' }: MatrixNormOptions = {}): PerMatrix<A> => {
  const x = matrixOperand('norm', a)
  const [rows, columns] = [x.rank - 2, x.rank - 1]
  const compute = (): Tensor => {
    if (x.shape.at(-1) === 0 || x.shape.at(-2) === 0) return sum(x, [rows, columns])
    switch (ord) {
      case 'fro':
        return frobenius(x, [rows, columns])
      case 'nuc':
        return sum(svd(x)[1]!, [rows])
      case 2:
        return spectral(x)
      case 1:
        return reduceMax(sum(p.abs(x), [rows]), [rows])
      case Number.POSITIVE_INFINITY:
        return reduceMax(sum(p.abs(x), [columns]), [rows])
      default:
        return fail('Value', `norm: ${String(ord)} is not an ord. Use 'fro', 'nuc', 1, 2 or Infinity.`, {
          op: 'norm',
        })
    }
  }
  return compute() as PerMatrix<A>
}
