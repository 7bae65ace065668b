import { CotangentError, mul, softplus, square, sub, type Tensor } from '@cotangent/core'

/** The families of losses of linear models. */
export type FamilyName = 'squared' | 'logistic'

/** ℓ(z, y), the loss of one prediction z = xᵀw + b, and what solvers ask of it. */
export interface Family {
  readonly value: (z: Tensor, y: Tensor) => Tensor
  /** The same of numbers. */
  readonly at: (z: number, y: number) => number
  /** dℓ/dz. */
  readonly slope: (z: number, y: number) => number
  /** d²ℓ/dz². */
  readonly curvature: (z: number) => number
  /** The largest curvature there is. */
  readonly bound: number
  /** ℓ*(slope): the conjugate at v, infinite where v is no slope. */
  readonly conjugate: (v: number, y: number) => number
  /** The error that cross-validation reports: the square, or the deviance. */
  readonly error: (z: number, y: number) => number
  /** Refuses what cannot be a label. */
  readonly check: (op: string, y: Float64Array) => void
}

const sigmoid = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)))
const logistic = (z: number, y: number): number =>
  (z > 0 ? z + Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z))) - y * z
const plogp = (p: number): number => (p <= 0 ? 0 : p * Math.log(p))

export const FAMILIES: Readonly<Record<FamilyName, Family>> = {
  squared: {
    value: (z, y) => mul(square(sub(z, y)), 0.5),
    at: (z, y) => (z - y) ** 2 / 2,
    slope: (z, y) => z - y,
    curvature: () => 1,
    bound: 1,
    conjugate: (v, y) => v * v * 0.5 + v * y,
    error: (z, y) => (z - y) ** 2,
    check: () => {},
  },
  logistic: {
    // log(1 + e^z) - y·z
    value: (z, y) => sub(softplus(z), mul(y, z)),
    at: logistic,
    slope: (z, y) => sigmoid(z) - y,
    curvature: (z) => {
      const s = sigmoid(z)
      return s * (1 - s)
    },
    bound: 0.25,
    // The slope at probability v + y: the negative entropy there.
    conjugate: (v, y) =>
      v + y < 0 || v + y > 1 ? Number.POSITIVE_INFINITY : plogp(v + y) + plogp(1 - v - y),
    error: (z, y) => 2 * logistic(z, y),
    check: (op, y) => {
      const bad = y.findIndex((v) => v !== 0 && v !== 1)
      if (bad >= 0)
        throw new CotangentError('Value', `${op}: label ${bad} is ${y[bad]}. Labels are 0 or 1.`, { op })
      if (new Set(y).size < 2)
        throw new CotangentError(
          'Value',
          `${op}: all ${y.length} labels are ${y[0]}, so no weights are best. Give examples of both classes.`,
          { op },
        )
    },
  },
}
