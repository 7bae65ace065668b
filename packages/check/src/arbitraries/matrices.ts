import type { DType, Tensor } from '@cotangent/core'
import fc, { type Arbitrary } from 'fast-check'
import { dyadic } from './dyadic.js'
import { fromNumbers } from './tensor.js'

const numbers = (n: number, elements = dyadic({ min: -1, max: 1 })): Arbitrary<number[]> =>
  fc.array(elements, { minLength: n, maxLength: n })

/**
 * Symmetric positive definite matrices: L·Lᵀ + I with L of multiples of 1/64; all eigenvalues are at least 1. Shrinks
 * to the identity.
 */
export const spd = (n: number, dtype: DType = 'float64'): Arbitrary<Tensor> =>
  numbers(n * n).map((l) => {
    const at = (i: number, j: number): number => (j <= i ? l[i * n + j]! : 0)
    const a = Array.from({ length: n * n }, (_, k) => {
      const [i, j] = [Math.floor(k / n), k % n]
      let sum = i === j ? 1 : 0
      for (let m = 0; m < n; m++) sum += at(i, m) * at(j, m)
      return sum
    })
    return fromNumbers(a, [n, n], dtype)
  })

/** Orthogonal matrices: products of n Householder reflections. */
export const orthogonal = (n: number, dtype: DType = 'float64'): Arbitrary<Tensor> =>
  fc.array(numbers(n), { minLength: n, maxLength: n }).map((vectors) => {
    const q = Array.from({ length: n * n }, (_, k) => (Math.floor(k / n) === k % n ? 1 : 0))
    for (const v of vectors) {
      const size = v.reduce((s, x) => s + x * x, 0)
      if (size === 0) continue
      for (let j = 0; j < n; j++) {
        let inner = 0
        for (let i = 0; i < n; i++) inner += v[i]! * q[i * n + j]!
        for (let i = 0; i < n; i++) q[i * n + j]! -= (2 * inner * v[i]!) / size
      }
    }
    return fromNumbers(q, [n, n], dtype)
  })

/** Points inside of the simplex: n positive numbers with sum 1. Shrinks to equal ones. */
export const simplex = (n: number, dtype: DType = 'float64'): Arbitrary<Tensor> =>
  fc.array(fc.integer({ min: 1, max: 64 }), { minLength: n, maxLength: n }).map((k) => {
    const sum = k.reduce((a, b) => a + b, 0)
    return fromNumbers(
      k.map((v) => v / sum),
      [n],
      dtype,
    )
  })
