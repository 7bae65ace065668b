import {
  constantLike,
  greater,
  lessEqual,
  logicalAnd,
  logicalNot,
  mul,
  neg,
  scale,
  shift,
  sub,
} from '../../primitives/arithmetic.js'
import { gather } from '../../primitives/indexing.js'
import {
  constantMatrix,
  epsilon,
  identity,
  inColumns,
  inMatrices,
  inRows,
  matmul,
  transposed,
} from '../../primitives/linalg/matrices.js'
import { svd } from '../../primitives/linalg/svd.js'
import { convert, select, stopGradient } from '../../primitives/passing.js'
import { reduceMax } from '../../primitives/reductions.js'
import { concat, dropAxes, permute, sliceAxis, sum } from '../../primitives/structural.js'
import { range, sizeOf } from '../../shape.js'
import { fromData, type Tensor } from '../../tensor.js'
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

/** All n² submatrices without one row and one column: entry (i, j) is the matrix without row i and column j. */
const withoutRowAndColumn = (a: Tensor): Tensor => {
  const n = a.shape.at(-1)!
  const lead = a.rank - 2
  // Row i lists the places other than i.
  const others = Int32Array.from({ length: n * (n - 1) }, (_, k) => {
    const [i, p] = [Math.floor(k / (n - 1)), k % (n - 1)]
    return p < i ? p : p + 1
  })
  const indices = fromData(others, [n, n - 1], 'int32')
  const rows = gather(a, indices, { axis: lead, batchDims: 0 })
  const both = gather(rows, indices, { axis: lead + 2, batchDims: 0 })
  return permute(both, [...range(lead), lead, lead + 2, lead + 1, lead + 3])
}

const byMinors = (a: Tensor): Tensor =>
  mul(
    determinant(withoutRowAndColumn(a)),
    constantMatrix(a.shape, a.dtype, (i, j) => ((i + j) % 2 === 0 ? 1 : -1)),
  )

// Where A is regular: d det = det·tr(A⁻¹ dA).
const regularSpec: OpSpec = {
  name: 'det of a regular matrix',
  expand: (a) => [determinant(a!)],
  jvp: ([a], [da], [y]) => [mul(y!, sum(mul(transposed(inverse(a!)), da!), [a!.rank - 2, a!.rank - 1]))],
  batch: ([a]) => applyOp(regularSpec, [a!]),
}

/** Singular directions that the border takes care of. */
const BORDER = 3

/**
 * Bordered with the singular vectors U₀, V₀ of its (nearly) vanishing singular values, A becomes a regular
 * B = [[A, U₀], [V₀ᵀ, 0]]. With B⁻¹ = [[P, Q], [R, G]], Jacobi's identity for complementary minors is
 * det A = det B · det G, and its derivative in A is det B · (det G · Pᵀ - Rᵀ cof(G) Qᵀ). Nothing is divided by det A, and
 * the singular vectors are constants, so derivatives follow. Places of the border that are not needed hold an identity.
 */
const byBordering = (a: Tensor): Tensor => {
  const { shape, dtype, rank } = a
  const n = shape.at(-1)!
  const k = BORDER
  const [rows, columns] = [rank - 2, rank - 1]
  const [u, s, vt] = svd(stopGradient(a))
  const largest = reduceMax(s!, [rows])
  const zero = constantLike(0, largest)
  // With more vanishing directions than places, the cofactors and their first and second derivatives vanish.
  const next = dropAxes(sliceAxis(s!, rows, n - k - 1, n - k), [rows])
  const hopeless = lessEqual(next, scale(largest, n * epsilon(dtype)))
  // A derivative of order j loses κʲ ulps on the way through an inverse, so the border comes in early.
  const small = lessEqual(sliceAxis(s!, rows, n - k, n), inRows(scale(largest, Math.cbrt(epsilon(dtype))), k))
  const used = convert(logicalAnd(small, logicalNot(inRows(hopeless, k))), dtype)
  const size = mul(used, inRows(select(greater(largest, zero), largest, constantLike(1, largest)), k))
  const regular = select(inMatrices(hopeless, shape), identity(shape, dtype), a)
  const right = mul(sliceAxis(u!, columns, n - k, n), inColumns(size, n))
  const below = mul(sliceAxis(vt!, rows, n - k, n), inRows(size, n))
  const unused = inRows(shift(neg(used), 1), k)
  const corner = mul(identity(unused.shape, dtype), unused)
  const b = concat([concat([regular, right], columns), concat([below, corner], columns)], rows)

  const inverted = inverse(b)
  const block = (i: number, j: number): Tensor =>
    sliceAxis(
      sliceAxis(inverted, rows, i === 0 ? 0 : n, i === 0 ? n : n + k),
      columns,
      j === 0 ? 0 : n,
      j === 0 ? n : n + k,
    )
  const g = block(1, 1)
  const through = matmul(matmul(transposed(block(1, 0)), cofactors(g)), transposed(block(0, 1)))
  const along = mul(inMatrices(determinant(g), shape), transposed(block(0, 0)))
  const all = mul(inMatrices(applyOp(regularSpec, [b])[0]!, shape), sub(along, through))
  return select(inMatrices(hopeless, shape), constantLike(0, a), all)
}

const spec: OpSpec = {
  name: 'cofactors',
  expand: (x) => {
    const a = x!
    const n = a.shape.at(-1)!
    if (n <= 1 || sizeOf(a.shape) === 0) return [constantLike(1, a)]
    return [n <= BORDER ? byMinors(a) : byBordering(a)]
  },
  batch: ([a]) => [cofactors(a!)],
}

/** ∂det/∂A, for singular matrices too. */
export const cofactors = (a: Tensor): Tensor => applyOp(spec, [a])[0]!
