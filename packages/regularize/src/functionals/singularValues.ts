import {
  add,
  expandDims,
  grad,
  greater,
  linalg,
  matmul,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  transpose,
  where,
} from '@cotangent/core'
import type { Functional, Traits } from '../functional.js'
import { euclidean, fixedPoint } from './grouped.js'
import { clean, mapValues, matrixOf, ofValues, rounding } from './spectra.js'

type Lifted<F extends Functional> = Functional &
  (F extends Required<Pick<Functional, 'prox'>> ? Required<Pick<Functional, 'prox' | 'kkt'>> : unknown)

// -G splits into what moves the values and directions that are there, where the subdifferential is the one matrix
// U·diag(r'(σ))·Vᵀ, and what lies in the kernels, where it is r's at 0, value by value. Watson 1992 for the nuclear norm.
const distance =
  (op: string, f: Functional & Required<Pick<Functional, 'kkt'>>) =>
  (x: Tensor, g: Tensor): Tensor => {
    const [a, b] = [matrixOf(op, x), matrixOf(op, g)]
    const { u, s, vt } = linalg.svd(a)
    const alive = greater(s, rounding(s, a))
    const [left, right] = [where(expandDims(alive, 0), u, 0), where(expandDims(alive, 1), vt, 0)]
    const off = (m: Tensor): Tensor => {
      const rows = sub(m, matmul(left, matmul(transpose(left), m)))
      return sub(rows, matmul(matmul(rows, transpose(right)), right))
    }
    const kernel = off(b)
    const slope = where(alive, grad((v: Tensor) => f.value(v))(where(alive, s, 1)), 0)
    const along = add(sub(b, kernel), matmul(mul(left, slope), right))
    const values = linalg.svdvals(kernel)
    return sqrt(add(sum(square(along)), sum(square(f.kkt(mul(values, 0), values)))))
  }

/**
 * R(X) = f(σ(X)): a functional of the singular values of a matrix, for an f that neither signs nor the order of entries
 * matter to, as `l1`, `mcp`, `linf`, `l0Ball`. Its prox is U·diag(prox_f(σ))·Vᵀ, its conjugate f*(σ), its gradient
 * U·diag(f'(σ))·Vᵀ, and derivatives are right where singular values are equal or 0. A kernel of higher rank counts as the
 * matrix [all other axes, last axis]. Lewis 1995, "The convex analysis of unitarily invariant matrix functions"; Gu et al.
 * 2014 for weighted and concave f.
 *
 * @example
 * singularValues(mcp(1, 3)).prox(tensor([[4, 0], [0, 0.5]]), 1) // => [[4, 0], [0, 0]]
 */
export const singularValues = <F extends Functional>(f: F, name?: string): Lifted<F> => {
  const op = name?.replace(/\(.*/, '') ?? 'singularValues'
  const lift = f.prox
  const prox: NonNullable<Functional['prox']> | undefined =
    lift === undefined
      ? undefined
      : (x, step, metric) => {
          euclidean(op, metric)
          return reshape(
            mapValues(matrixOf(op, x), (s) => lift(s, step)),
            x.shape,
          )
        }
  const { convex, smooth, homogeneous, weakConvexity, indicator } = f.traits
  // What is said of entries is not true of matrices.
  const traits: Traits = {
    convex,
    smooth,
    separable: 'block',
    invariant: ['rotations'],
    ...(homogeneous === undefined ? {} : { homogeneous }),
    ...(weakConvexity === undefined ? {} : { weakConvexity }),
    ...(indicator === undefined ? {} : { indicator }),
  }
  const kkt = f.kkt
  const { conjugate, dualNorm } = f
  const values = (x: Tensor): Tensor => linalg.svdvals(matrixOf(op, x))
  const lifted: Functional = {
    name: name ?? `singularValues(${f.name})`,
    traits,
    value: (x) =>
      f.traits.indicator
        ? f.value(clean(values(x), matrixOf(op, x)))
        : ofValues(matrixOf(op, x), (s) => f.value(s)),
    ...(prox === undefined ? {} : { prox }),
    ...(kkt !== undefined && f.traits.separable === 'entry' && !f.traits.indicator
      ? { kkt: distance(op, { ...f, kkt }) }
      : prox === undefined
        ? {}
        : { kkt: fixedPoint(prox) }),
    ...(conjugate === undefined ? {} : { conjugate: singularValues(conjugate, `${name ?? op}*`) }),
    ...(dualNorm === undefined ? {} : { dualNorm: (y) => dualNorm(values(y)) }),
  }
  return lifted as Lifted<F>
}
