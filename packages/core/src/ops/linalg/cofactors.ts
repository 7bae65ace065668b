import { cond } from '../../control/cond.js'
import { constantLike, greater, lessEqual, mul, scale } from '../../primitives/arithmetic.js'
import { gather } from '../../primitives/indexing.js'
import {
  constantMatrix,
  epsilon,
  identity,
  inMatrices,
  transposed,
} from '../../primitives/linalg/matrices.js'
import { svd } from '../../primitives/linalg/svd.js'
import { reduceMax } from '../../primitives/reductions.js'
import {
  convert,
  dropAxes,
  reshape,
  select,
  sliceAxis,
  stopGradient,
  sum,
} from '../../primitives/structural.js'
import { range, sizeOf } from '../../shape.js'
import { filled, fromData, type Tensor } from '../../tensor.js'
import { applyOp, type OpSpec } from '../../transforms/op.js'
import { inverse } from './linearSystem.js'
import { pivotsOf, product } from './pivots.js'

// The determinant and its cofactors are defined by each other: the gradient of det is the matrix of cofactors, and a
// cofactor is a determinant.

const detSpec: OpSpec = {
  name: 'det',
  expand: (a) => {
    const { pivots, signs } = pivotsOf(a!)
    return [product(mul(pivots, signs))]
  },
  // d det = ⟨cof(A), dA⟩, which unlike det·A⁻ᵀ has no hole where A is singular.
  jvp: ([a], [da]) => [sum(mul(cofactors(a!), da!), [a!.rank - 2, a!.rank - 1])],
  batch: ([a]) => [determinant(a!)],
}
export const determinant = (a: Tensor): Tensor => applyOp(detSpec, [a])[0]!

/** All n² minors: entry (i, j) is the matrix without row i and column j. */
const withoutRowAndColumn = (a: Tensor): Tensor => {
  const n = a.shape.at(-1)!
  const lead = a.shape.slice(0, -2)
  const places: number[] = []
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let p = 0; p < n; p++) for (let q = 0; q < n; q++) if (p !== i && q !== j) places.push(p * n + q)
  const indices = fromData(Int32Array.from(places), [n, n, n - 1, n - 1], 'int32')
  return gather(reshape(a, [...lead, n * n]), indices, { axis: lead.length, batchDims: 0 })
}

const byMinors = (a: Tensor): Tensor =>
  mul(
    determinant(withoutRowAndColumn(a)),
    constantMatrix(a.shape, a.dtype, (i, j) => ((i + j) % 2 === 0 ? 1 : -1)),
  )

// A derivative of order k loses κᵏ ulps on the way through the inverse; above this the minors, which never divide by
// the determinant, take over.
const nearlySingular = (a: Tensor): Tensor => {
  const s = svd(stopGradient(a))[1]!
  const axis = s.rank - 1
  const end = (from: number): Tensor => dropAxes(sliceAxis(s, axis, from, from + 1), [axis])
  return lessEqual(end(s.shape.at(-1)! - 1), scale(end(0), Math.cbrt(epsilon(a.dtype))))
}

const spec: OpSpec = {
  name: 'cofactors',
  expand: (x) => {
    const a = x!
    const n = a.shape.at(-1)!
    if (n <= 1 || sizeOf(a.shape) === 0) return [constantLike(1, a)]
    if (n <= 3) return [byMinors(a)]
    const singular = nearlySingular(a)
    const some = reduceMax(convert(singular, 'float32'), range(singular.rank))
    return [
      cond(
        greater(some, filled(0, [], 'float32')),
        (m: Tensor) => byMinors(m),
        (m: Tensor) => {
          // Under vmap both branches run: the inverse must not meet a singular matrix.
          const regular = select(inMatrices(singular, m.shape), identity(m.shape, m.dtype), m)
          return mul(inMatrices(determinant(regular), m.shape), transposed(inverse(regular)))
        },
        a,
      ),
    ]
  },
  batch: ([a]) => [cofactors(a!)],
}

/** ∂det/∂A, right for singular matrices too, and so are its derivatives of every order: det is a polynomial. */
export const cofactors = (a: Tensor): Tensor => applyOp(spec, [a])[0]!
