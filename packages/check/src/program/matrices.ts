import type { Tensor } from '@cotangent/core'
import * as ct from '@cotangent/core'
import type { ProgramOperation } from './operations.js'

type Table = Readonly<Record<string, ProgramOperation>>
const { linalg } = ct

const isSquare = (x: Tensor): boolean => x.rank === 2 && x.shape[0] === x.shape[1] && x.shape[0]! > 0
const square = (apply: (a: Tensor) => unknown): ProgramOperation => ({
  arity: 1,
  params: ([a]) => (isSquare(a!) ? {} : null),
  apply: ([a]) => apply(a!) as Tensor,
})
/** A·Aᵀ + I: symmetric and positive definite. */
const gram = (a: Tensor): Tensor =>
  ct.add(ct.matmul(a, ct.transpose(a)), ct.eye(a.shape[0]!, a.dtype as 'float64')) as Tensor
/** Diagonally dominant enough for small entries: A/8 + I. */
const near1 = (a: Tensor): Tensor =>
  ct.add(ct.mul(a, 0.125), ct.eye(a.shape[0]!, a.dtype as 'float64')) as Tensor

const pair = (
  fits: (x: Tensor, y: Tensor) => boolean,
  apply: (x: Tensor, y: Tensor) => unknown,
): ProgramOperation => ({
  arity: 2,
  params: ([x, y]) => (fits(x!, y!) ? {} : null),
  apply: ([x, y]) => apply(x!, y!) as Tensor,
})

/** Products and linear algebra, on operands made to be inside of their domains. */
export const matrices: Table = {
  matmul: pair(
    (x, y) => x.rank > 0 && y.rank > 0,
    (x, y) => ct.matmul(x, y),
  ),
  outer: pair(
    (x, y) => x.rank === 1 && y.rank === 1,
    (x, y) => ct.outer(x, y),
  ),
  einsum: pair(
    (x, y) => x.rank === 2 && y.rank === 2,
    (x, y) => ct.einsum('ij,kj->ki', x, y),
  ),
  conv: pair(
    (x, w) => x.rank === 1 && w.rank === 1 && w.size > 0 && x.size >= w.size,
    (x, w) => ct.reshape(ct.conv(ct.reshape(x, [1, x.size, 1]), ct.reshape(w, [w.size, 1, 1])), [-1]),
  ),
  cholesky: square((a) => linalg.cholesky(gram(a))),
  det: square((a) => linalg.det(a)),
  inv: square((a) => linalg.inv(near1(a))),
  logdet: square((a) => linalg.slogdet(gram(a)).logabsdet),
  eigenvalues: square((a) => linalg.eigvalsh(gram(a))),
  eigenvectors: square((a) => ct.square(linalg.eigh(gram(a)).vectors)),
  singularValues: square((a) => linalg.svdvals(near1(a))),
  triangular: square((a) => {
    const { q, r } = linalg.qr(near1(a))
    return ct.matmul(q, ct.abs(r))
  }),
  solve: pair(
    (a, b) => isSquare(a) && b.rank >= 1 && b.shape[0] === a.shape[0],
    (a, b) => linalg.solve(near1(a), b),
  ),
  triangularSolve: pair(
    (a, b) => isSquare(a) && b.rank >= 1 && b.shape[0] === a.shape[0],
    (a, b) => linalg.triangularSolve(ct.tril(near1(a)), b, { lower: true }),
  ),
}
