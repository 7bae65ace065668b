import { foriLoop } from '../../control/while.js'
import * as p from '../../primitives/arithmetic.js'
import { log, pow } from '../../primitives/elementary.js'
import { constantMatrix, identity, inMatrices, matmul, transposed } from '../../primitives/linalg/matrices.js'
import { convert, select, stopGradient } from '../../primitives/passing.js'
import { reduceMax } from '../../primitives/reductions.js'
import { batchAll, concat, sliceAxis, spread, sum } from '../../primitives/structural.js'
import { range } from '../../shape.js'
import type { Tensor } from '../../tensor.js'
import { applyOp, type OpSpec } from '../../transforms/op.js'
import type { Num } from '../coerce.js'
import { solveMatrices } from './linearSystem.js'
import { inDouble, type Like, squareOperand } from './operands.js'

// Numerator of the [13/13] Padé approximant of exp, and the norm up to which it is accurate to double rounding: Higham
// 2005, "The scaling and squaring method for the matrix exponential revisited", table 2.3 and algorithm 2.3.
const PADE = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
] as const
const RADIUS = 5.371920351148152

const pade13 = (a: Tensor): Tensor => {
  const powers: Tensor[] = [identity(a.shape, a.dtype), matmul(a, a)]
  powers.push(matmul(powers[1]!, powers[1]!))
  powers.push(matmul(powers[2]!, powers[1]!))
  // Terms c0 + c1 A² + c2 A⁴ + c3 A⁶ of every second coefficient from `from` on.
  const terms = (from: number, first: number): Tensor =>
    powers
      .slice(first)
      .map((x, i) => p.scale(x, PADE[from + 2 * i]!))
      .reduce(p.add)
  const odd = matmul(a, p.add(matmul(powers[3]!, terms(9, 1)), terms(1, 0)))
  const even = p.add(matmul(powers[3]!, terms(8, 1)), terms(0, 0))
  return solveMatrices(p.sub(even, odd), p.add(even, odd))
}

/** The largest column sum of magnitudes, [..., m, n] -> [...]. */
const norm1 = (a: Tensor): Tensor => reduceMax(sum(p.abs(a), [a.rank - 2]), [a.rank - 2])

/** How often a matrix of this norm is halved; 0 for norms that are not finite, whose exponential is NaN anyway. */
const halvings = (norm: Tensor): Tensor => {
  const some = p.logicalAnd(p.isFinite(norm), p.greater(norm, p.constantLike(RADIUS, norm)))
  const safe = select(some, norm, p.constantLike(RADIUS, norm))
  return p.ceil(p.scale(log(p.scale(safe, 1 / RADIUS)), Math.LOG2E))
}

const expmSpec: OpSpec = {
  name: 'expm',
  expand: (x) => {
    const a = x!
    if (a.size === 0) return [a]
    const count = halvings(norm1(a))
    const unit = pow(p.constantLike(2, count), p.neg(count))
    const start = pade13(p.mul(a, inMatrices(unit, a.shape)))
    const steps = convert(reduceMax(count, range(count.rank)), 'int32')
    const squared = foriLoop(
      steps,
      (i: Tensor, r: Tensor) => {
        const more = inMatrices(p.less(spread(convert(i, count.dtype), count.shape), count), a.shape)
        // Matrices that are done are not squared: their squares could overflow.
        const rest = select(more, r, p.constantLike(0, r))
        return select(more, matmul(rest, rest), r)
      },
      start,
    )
    return [squared]
  },
  jvp: ([a], [da]) => [frechet(a!, da!)],
  batch: ([a]) => [exponential(a!)],
}
const exponential = (a: Tensor): Tensor => applyOp(expmSpec, [a])[0]!

// The derivative L(A, E) of expm at A along E is a block of an exponential: exp [[A, E], [0, A]] has it at the top
// right (Mathias 1996). It is linear in E, with adjoint L(Aᵀ, ·); E is brought to norm 1 so that it does not add
// squarings of its own.
const frechetSpec: OpSpec = {
  name: 'expm derivative',
  expand: (a, e) => {
    const [x, direction] = [a!, e!]
    const n = x.shape.at(-1)!
    if (x.size === 0) return [direction]
    const size = stopGradient(norm1(direction))
    const usual = p.logicalAnd(p.isFinite(size), p.greater(size, p.constantLike(0, size)))
    const unit = inMatrices(select(usual, size, p.constantLike(1, size)), x.shape)
    const [rows, columns] = [x.rank - 2, x.rank - 1]
    const block = concat(
      [
        concat([x, p.div(direction, unit)], columns),
        concat([constantMatrix(x.shape, x.dtype, () => 0), x], columns),
      ],
      rows,
    )
    const corner = sliceAxis(sliceAxis(exponential(block), rows, 0, n), columns, n, 2 * n)
    return [p.mul(corner, unit)]
  },
  linear: { from: 1, adjoint: ([a], [ct]) => [frechet(transposed(a!), ct!)] },
  batch: ([a, e], [ba, be], size) => [frechet(batchAll(a!, ba!, size), batchAll(e!, be!, size))],
}
const frechet = (a: Tensor, e: Tensor): Tensor => applyOp(frechetSpec, [a, e])[0]!

/**
 * The matrix exponential Σ Aᵏ/k! of [..., n, n], by scaling and squaring with a Padé approximant of order 13 (Higham
 * 2005), in double. Its derivative is exact too, not that of the approximation: a block of the exponential of
 * [[A, dA], [0, A]], at every order.
 *
 * @example
 * linalg.expm(tensor([[0, 1], [0, 0]])) // => [[1, 1], [0, 1]]
 */
export const expm = <A extends Num>(a: A): Like<A> =>
  inDouble(squareOperand('expm', a), exponential) as Like<A>
