import { fail } from '../errors.js'
import {
  abs,
  constantLike,
  div,
  equal,
  greater,
  isFinite,
  less,
  logicalAnd,
  mul,
  notEqual,
  sign,
  square,
  strongMul,
} from '../primitives/arithmetic.js'
import { zerosLike } from '../primitives/define.js'
import { integerPow, pow, sqrt } from '../primitives/elementary.js'
import { convert, select } from '../primitives/passing.js'
import { reduceMax, reduceMin, unreduce } from '../primitives/reductions.js'
import { sum } from '../primitives/structural.js'
import type { Tensor } from '../tensor.js'
import { applyOp } from '../transforms/op.js'
import { countOf, reduction } from './reduce.js'

// Where the largest entry is outside [1/large, large], the entries are multiplied by a power of two (which is exact)
// before they are squared, as in J. L. Blue, "A portable Fortran program to find the Euclidean norm of a vector" (1978).
const SCALES = {
  float32: { large: 2 ** 50, factor: 2 ** 100 },
  float64: { large: 2 ** 450, factor: 2 ** 600 },
}

const scaleFor = (largest: Tensor): Tensor => {
  const { large, factor } = SCALES[largest.dtype === 'float64' ? 'float64' : 'float32']
  const c = (value: number) => constantLike(value, largest)
  return select(
    less(largest, c(1 / large)),
    c(factor),
    select(greater(largest, c(large)), c(1 / factor), c(1)),
  )
}

/** a/b where b is not 0, and 0 with slope 0 where it is. */
const quotient = (a: Tensor, b: Tensor): Tensor => {
  const zero = equal(b, zerosLike(b))
  return select(zero, zerosLike(a), div(a, select(zero, constantLike(1, b), b)))
}

/** √(Σ x² / divisor), without overflow or underflow of the squares; its gradient at 0 is 0, at every order. */
export const rootSumSquares = (x: Tensor, axes: readonly number[], divisor = 1): Tensor =>
  applyOp(
    {
      name: 'rootSumSquares',
      key: `${axes.join()}/${divisor}`,
      expand: (v) => {
        const empty = countOf(v!, axes) === 0
        const c = empty ? undefined : scaleFor(reduceMax(abs(v!), axes))
        const total = sum(square(c ? mul(v!, unreduce(c, v!, axes)) : v!), axes)
        const root = sqrt(divisor === 1 ? total : div(total, constantLike(divisor, total)))
        return [c ? div(root, c) : root]
      },
      // d√(Σx²/n) = Σ (x/y)·dx / n. No entry of x/y is above √n, so nothing overflows.
      jvp: ([v], [t], [y]) => {
        const slope = quotient(v!, unreduce(y!, v!, axes))
        const total = sum(mul(t!, slope), axes)
        return [divisor === 1 ? total : div(total, constantLike(divisor, total))]
      },
    },
    [x],
  )[0]!

// (Σ|x|ᵖ)^(1/p), scaled by the entry that dominates the sum: the largest for p > 0, the smallest for p < 0.
const generalNorm = (x: Tensor, axes: readonly number[], ord: number): Tensor =>
  applyOp(
    {
      name: 'norm',
      key: `${ord}/${axes.join()}`,
      expand: (v) => {
        const a = abs(v!)
        if (countOf(a, axes) === 0 && ord > 0) return [sum(a, axes)]
        const dominant = (ord > 0 ? reduceMax : reduceMin)(a, axes)
        const usable = logicalAnd(isFinite(dominant), notEqual(dominant, zerosLike(dominant)))
        const scale = select(usable, dominant, constantLike(1, dominant))
        const total = sum(power(div(a, unreduce(scale, a, axes)), ord), axes)
        return [mul(pow(total, constantLike(1 / ord, total)), scale)]
      },
      // d‖x‖ = Σ sign(x)·(|x|/‖x‖)^(p-1)·dx, and 0 where an entry or the norm is 0.
      jvp: ([v], [t], [y]) => {
        const ratio = quotient(v!, unreduce(y!, v!, axes))
        return [sum(strongMul(t!, signedPower(ratio, ord - 1)), axes)]
      },
    },
    [x],
  )[0]!

const power = (a: Tensor, ord: number): Tensor =>
  Number.isInteger(ord) ? integerPow(a, ord) : pow(a, constantLike(ord, a))

/** sign(r)·|r|ᵏ, and 0 at 0; polynomials stay polynomials, so that their higher derivatives at 0 are right. */
const signedPower = (r: Tensor, k: number): Tensor => {
  if (Number.isInteger(k) && k > 0) return k % 2 === 1 ? integerPow(r, k) : mul(sign(r), integerPow(r, k))
  const zero = equal(r, zerosLike(r))
  return mul(sign(r), power(select(zero, constantLike(1, r), abs(r)), k))
}

const vectorNorm = (x: Tensor, axes: readonly number[], ord: number): Tensor => {
  if (typeof ord !== 'number' || Number.isNaN(ord))
    return fail(
      'Value',
      `norm: ord is ${String(ord)}. Use a number, Infinity or -Infinity; 'fro' and 'nuc' are norms of matrices, see linalg.norm.`,
      { op: 'norm', shapes: [x.shape] },
    )
  switch (ord) {
    case 0:
      return sum(convert(notEqual(x, zerosLike(x)), x.dtype), axes)
    case 1:
      return sum(abs(x), axes)
    case 2:
      return rootSumSquares(x, axes)
    case Number.POSITIVE_INFINITY:
      return reduceMax(abs(x), axes)
    case Number.NEGATIVE_INFINITY:
      return reduceMin(abs(x), axes)
    default:
      return generalNorm(x, axes, ord)
  }
}

/** Which norm: 2 unless told. */
export interface NormOrder {
  readonly ord?: number
}

/**
 * The vector norm (Σ|x|ᵖ)^(1/p) of the entries along the axes, p being `ord`: 2 unless told, 1, any other number,
 * Infinity for max|x|, -Infinity for min|x|, 0 for the count of entries other than 0. Several axes make one vector, so
 * without `axis` a matrix has its Frobenius norm. Squares do not overflow or underflow.
 *
 * At 0 the gradient is 0, the least-norm subgradient, for every order; |x| has slope 0 at 0, and at ties of ±Infinity
 * each of k winners has 1/k.
 *
 * @example
 * norm(tensor([3, 4])) // => 5
 * norm(tensor([[3, -4], [6, 8]]), { axis: 1 }) // => [5, 10]
 * norm(tensor([3, -4]), { ord: 1 }) // => 7
 * grad((x: Tensor) => norm(x))(tensor([0, 0])) // => [0, 0]
 */
export const norm = reduction<'float', 'norm', NormOrder>(
  'norm',
  'float',
  (x, axes, { ord = 2 }: NormOrder) => vectorNorm(x, axes, ord),
)
