import { type DType, grad, jvp, mul, sum, type Tensor, tensor } from '@cotangent/core'
import fc from 'fast-check'
import { expect } from 'vitest'

// Derivatives of a function of one tensor against central differences of values, and those of the gradient against
// central differences of gradients, in float64.

export type Map1 = (x: Tensor) => Tensor

export const f64 = (data: Parameters<typeof tensor>[0], shape?: readonly number[]): Tensor =>
  tensor(data, { dtype: 'float64' as DType, ...(shape && { shape }) }) as Tensor

export const numbers = (t: Tensor): number[] => [...t.toTypedArray()]

const moved = (x: Tensor, v: Tensor, h: number): Tensor => {
  const [a, b] = [numbers(x), numbers(v)]
  return f64(new Float64Array(a.map((e, i) => e + h * b[i]!)), x.shape)
}

/** (f(x + hv) - f(x - hv)) / 2h, extrapolated to an error of h⁴. */
const slope = (f: Map1, x: Tensor, v: Tensor): number[] => {
  const difference = (h: number): number[] => {
    const [up, down] = [numbers(f(moved(x, v, h))), numbers(f(moved(x, v, -h)))]
    return up.map((u, i) => (u - down[i]!) / (2 * h))
  }
  const [coarse, fine] = [difference(2 ** -9), difference(2 ** -10)]
  return fine.map((d, i) => d + (d - coarse[i]!) / 3)
}

export const expectClose = (
  actual: readonly number[],
  expected: readonly number[],
  tolerance: number,
): void => {
  expect(actual.length).toBe(expected.length)
  actual.forEach((a, i) => {
    const e = expected[i]!
    if (!(Object.is(a, e) || Math.abs(a - e) <= tolerance * Math.max(1, Math.abs(e))))
      expect.fail(`entry ${i}: ${a}, expected ${e}\n${actual.join(' ')}\n${expected.join(' ')}`)
  })
}

/** Dyadic directions of every sign. */
const wave = (shape: readonly number[], seed: number): Tensor => {
  const n = shape.reduce((a, b) => a * b, 1)
  return f64(
    Float64Array.from({ length: n }, (_, i) => (((i * 37 + seed * 11) % 16) - 7.5) / 8),
    shape,
  )
}

/** First and second derivatives of f at x, in both modes. */
export const checkDerivatives = (f: Map1, x: Tensor): void => {
  const v = wave(x.shape, 1)
  const y = f(x)
  const w = wave(y.shape, 2)
  const loss = (z: Tensor): Tensor => sum(mul(w, f(z))) as Tensor
  const gradient = (z: Tensor): Tensor => grad(loss)(z) as Tensor
  const dot = (a: Tensor, b: Tensor): number => (sum(mul(a, b)) as Tensor).item()

  expectClose(numbers(jvp(f, [x], [v])[1] as Tensor), slope(f, x, v), 1e-7)
  expectClose([dot(gradient(x), v)], slope(loss, x, v), 1e-7)
  expectClose(numbers(jvp(gradient, [x], [v])[1] as Tensor), slope(gradient, x, v), 1e-6)
  // The Hessian is symmetric: reverse over reverse is reverse again.
  const twice = grad((z: Tensor) => sum(mul(gradient(z), v)) as Tensor)(x) as Tensor
  expectClose(numbers(twice), slope(gradient, x, v), 1e-6)
}

export interface Sample {
  readonly x: Tensor
  readonly axis: number
}

/** Tensors of rank 1 to 3 whose entries are apart from 0 and in magnitude from each other, and one axis. */
export const samples = (longest = 4): fc.Arbitrary<Sample> =>
  fc
    .array(fc.integer({ min: 1, max: longest }), { minLength: 1, maxLength: 3 })
    .chain((shape) => {
      const n = shape.reduce((a, b) => a * b, 1)
      return fc.record({
        order: fc.shuffledSubarray(
          Array.from({ length: 2 * n }, (_, i) => i + 1),
          { minLength: n, maxLength: n },
        ),
        negative: fc.array(fc.boolean(), { minLength: n, maxLength: n }),
        axis: fc.integer({ min: -shape.length, max: shape.length - 1 }),
        shape: fc.constant(shape),
      })
    })
    .map(({ order, negative, axis, shape }) => ({
      // Magnitudes in (1/2, 5/2): no derivative is large enough to spoil a difference quotient.
      x: f64(
        Float64Array.from(
          order.map((k, i) => (negative[i] ? -1 : 1) * (0.5 + k / Math.max(16, order.length))),
        ),
        shape,
      ),
      axis,
    }))
