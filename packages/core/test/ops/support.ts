import { add, grad, mul, type NestedNumbers, sub, sum, Tensor, tensor } from '@cotangent/core'

// Helpers of the tests of operations: loops over indices, and derivatives by central differences in float64.

/** A float64 tensor whose type says nothing of its shape. */
export const f64 = (data: ArrayLike<number> | readonly number[], shape: readonly number[]): Tensor =>
  tensor(Float64Array.from(data), { shape }) as Tensor

/** Multiples of 1/4 that do not repeat soon: entry i is ((a·i + b) mod m - ⌊m/2⌋)/4. */
export const made = (shape: readonly number[], a = 7, b = 3, m = 11): Tensor => {
  const size = shape.reduce((n, d) => n * d, 1)
  return f64(
    Array.from({ length: size }, (_, i) => (((i * a + b) % m) - Math.floor(m / 2)) / 4),
    shape,
  )
}

export const numbers = (t: Tensor): number[] => [...t.toTypedArray()]

/** Every index of a shape, in row-major order. */
export const indicesOf = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>(
    (all, d) => all.flatMap((index) => Array.from({ length: d }, (_, i) => [...index, i])),
    [[]],
  )

/** The entry at an index. */
export const at = (t: Tensor, index: readonly number[]): number =>
  t.toTypedArray()[index.reduce((o, i, axis) => o * t.shape[axis]! + i, 0)]!

/** The tensor whose entry at each index is f of it. */
export const fromIndices = (shape: readonly number[], f: (index: number[]) => number): Tensor =>
  f64(indicesOf(shape).map(f), shape)

/** Adds h to entry i. */
const nudged = (x: Tensor, i: number, h: number): Tensor => {
  const data = Float64Array.from(x.toTypedArray())
  data[i]! += h
  return f64(data, x.shape)
}

/** The gradient of a scalar function by central differences. */
export const numericGrad = (f: (x: Tensor) => Tensor, x: Tensor, h = 1e-5): number[] =>
  Array.from({ length: x.size }, (_, i) => (f(nudged(x, i, h)).item() - f(nudged(x, i, -h)).item()) / (2 * h))

/** A scalar that is not linear in y, so that second derivatives are seen. */
export const bend = (y: Tensor): Tensor => {
  const weights = made(y.shape, 5, 1, 9)
  return sum(mul(add(mul(y, y), y), weights)) as Tensor
}

/** The largest differences of the first and second derivative of bend ∘ f from central differences. */
export const gradientErrors = (f: (x: Tensor) => Tensor, x: Tensor): readonly [number, number] => {
  const scalar = (v: Tensor): Tensor => bend(f(v))
  const first = (v: Tensor): Tensor => grad(scalar)(v) as Tensor
  const along = (v: Tensor): Tensor => sum(mul(first(v), made(x.shape, 3, 2, 7))) as Tensor
  const gap = (a: Tensor, b: readonly number[]): number =>
    Math.max(0, ...numbers(a).map((v, i) => Math.abs(v - b[i]!) / Math.max(1, Math.abs(b[i]!))))
  return [gap(first(x), numericGrad(scalar, x)), gap(grad(along)(x) as Tensor, numericGrad(along, x))]
}

/** Largest absolute difference. */
export const distance = (a: Tensor, b: Tensor): number =>
  a.shape.join() === b.shape.join()
    ? Math.max(0, ...numbers(sub(a, b) as Tensor).map(Math.abs))
    : Number.POSITIVE_INFINITY

export const nested = (t: Tensor): NestedNumbers => t.toArray()
export { Tensor }
