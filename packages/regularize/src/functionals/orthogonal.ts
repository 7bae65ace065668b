import {
  abs,
  add,
  CotangentError,
  cbrt,
  div,
  eye,
  grad,
  lessEqual,
  linalg,
  matmul,
  max,
  maximum,
  minimum,
  mul,
  type Num,
  reshape,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  transpose,
} from '@cotangent/core'
import type { Functional } from '../functional.js'
import { euclidean } from './grouped.js'
import { type Constraint, indicator } from './indicator.js'
import { times } from './scalars.js'
import { mapValues, matrixOf } from './spectra.js'
import { show, strength } from './strength.js'

/** Which distance from orthonormal columns: see {@link orthogonal}. */
export interface OrthogonalOptions {
  readonly variant?: 'so' | 'dso' | 'mc' | 'srip'
}

/** WᵀW - I, or with a scale c, VᵀV - I/c² of V = W/c. */
const defect = (w: Tensor, c: Num = 1): Tensor => {
  const v = div(w, c)
  const one = eye(w.shape[1]!, w.dtype as 'float64') as Tensor
  return sub(matmul(transpose(v), v), div(div(one, c), c))
}

// Entries far above 1 are scaled down, so that their squares do not meet as ∞ - ∞.
const scaleOf = (w: Tensor): Tensor => maximum(stopGradient(max(abs(w))), 1)
const squares = (w: Tensor): Tensor => {
  const c = scaleOf(w)
  return mul(mul(sum(square(defect(w, c))), square(c)), square(c))
}
const scaled = (w: Tensor, f: (m: Tensor) => Tensor): Tensor => {
  const c = scaleOf(w)
  return mul(mul(f(defect(w, c)), c), c)
}

const VALUES: Readonly<Record<NonNullable<OrthogonalOptions['variant']>, (w: Tensor) => Tensor>> = {
  so: squares,
  dso: (w) => add(squares(w), squares(transpose(w))),
  mc: (w) => scaled(w, (m) => max(abs(m))),
  srip: (w) => scaled(w, (m) => max(abs(linalg.eigvalsh(m)))),
}

// Of so and dso each singular value has (σ² - 1)², once or twice, and the rest is constant. The cubic 4c(z³ - z) + z = σ
// has one positive root; its left side is convex there, so that Newton's method falls on it from above.
const ITERATIONS = 40
const positiveRoot = (sigma: Tensor, c: Num): Tensor => {
  const newton = (z: Tensor): Tensor => {
    const residual = add(mul(mul(z, sub(square(z), 1)), times(c, 4)), sub(z, sigma))
    return sub(z, div(residual, add(mul(sub(mul(square(z), 12), 4), c), 1)))
  }
  const start = minimum(maximum(sigma, 1), add(cbrt(div(sigma, times(c, 4))), 1))
  let z = stopGradient(start)
  for (let i = 0; i < ITERATIONS; i++) z = newton(z)
  // Two steps from the root carry two derivatives.
  return newton(newton(stopGradient(z)))
}

const proxOf =
  (op: string, c: Num): NonNullable<Functional['prox']> =>
  (x, step, metric) => {
    euclidean(op, metric)
    const t = times(step, c)
    const near = mapValues(matrixOf(op, x), (s) => positiveRoot(s, t))
    return reshape(near, x.shape)
  }

/**
 * How far the columns of W are from orthonormal: λ‖WᵀW - I‖²_F (`so`, the default), λ(‖WᵀW - I‖²_F + ‖WWᵀ - I‖²_F) (`dso`),
 * λ·max|WᵀW - I| (`mc`, mutual coherence) or λ·σ₁(WᵀW - I) (`srip`). A kernel of higher rank counts as the matrix [all other
 * axes, last axis]. The first two are smooth, and their prox solves a cubic for each singular value; the last two have none
 * and are added to the loss. Bansal, Chen & Wang 2018, https://arxiv.org/abs/1810.09102
 *
 * @example
 * orthogonal(1).value(tensor([[2, 0], [0, 1]])) // => 9
 * orthogonal(1, { variant: 'dso' }).value(tensor([[2, 0], [0, 1]])) // => 18
 * orthogonal(1, { variant: 'mc' }).value(tensor([[1, 0.5], [0, 1]])) // => 0.5
 * orthogonal(1, { variant: 'srip' }).value(tensor([[2, 0], [0, 1]])) // => 3
 */
export const orthogonal = (lambda: Num, { variant = 'so' }: OrthogonalOptions = {}): Functional => {
  strength('orthogonal', lambda)
  const distance = VALUES[variant]
  if (distance === undefined)
    throw new CotangentError(
      'Value',
      `orthogonal: the variant is '${variant}'. Give 'so', 'dso', 'mc' or 'srip'.`,
      {
        op: 'orthogonal',
      },
    )
  const name = `orthogonal(${show(lambda)}, ${variant})`
  const smooth = variant === 'so' || variant === 'dso'
  const c = variant === 'dso' ? times(lambda, 2) : lambda
  const value = (x: Tensor): Tensor => mul(distance(matrixOf('orthogonal', x)), lambda)
  return {
    name,
    traits: {
      convex: false,
      smooth,
      separable: 'block',
      ...(smooth ? { weakConvexity: times(c, 4) } : {}),
      ...(variant === 'mc' ? {} : { invariant: ['rotations'] as const }),
    },
    value,
    ...(smooth ? { prox: proxOf('orthogonal', c), kkt: (x, g) => abs(add(g, grad(value)(x))) } : {}),
  }
}

/**
 * The set of W with orthonormal columns, WᵀW = I, or of a wide W orthonormal rows; it is not convex. The projection is the
 * orthogonal factor UVᵀ of the polar decomposition. Of a W without full rank it is one of several nearest ones.
 *
 * @example
 * stiefel().prox(tensor([[2, 0], [0, 0.5], [0, 0]]), 1) // => [[1, 0], [0, 1], [0, 0]]
 */
export const stiefel = (): Constraint =>
  indicator({
    op: 'stiefel',
    name: 'stiefel()',
    convex: false,
    separable: 'block',
    inside: (x) => {
      const w = matrixOf('stiefel', x)
      return lessEqual(max(abs(defect(w.shape[0]! < w.shape[1]! ? transpose(w) : w))), 1e-6)
    },
    project: (x) => {
      const near = mapValues(matrixOf('stiefel', x), (s) => add(mul(s, 0), 1))
      return reshape(near, x.shape)
    },
  })
