import { type Line, lineOf } from './line.js'

export const inner = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
/** Σ|a_i b_i|, the size that rounding errors of an inner product are measured by. */
export const innerSize = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! * b[i]!)
  return sum
}

/** x + t·d. */
export const moved = (x: Float64Array, d: ArrayLike<number>, t: number): Float64Array =>
  x.map((v, i) => (d[i] === 0 ? v : v + t * d[i]!))

/** ⟨v, f⟩ along a direction. */
export const lineAlong = (
  f: (x: Float64Array) => Float64Array,
  x: Float64Array,
  v: ArrayLike<number>,
  d: Float64Array,
  eps: number,
  spread = 0,
): Line => {
  let size = 0
  const phi = (t: number): number => {
    const y = f(moved(x, d, t))
    if (y.length !== v.length) return Number.NaN
    if (t === 0) size = innerSize(y, v)
    return inner(y, v)
  }
  phi0(phi)
  return lineOf(phi, eps, spread + size)
}
// The size of the terms at 0 must be known before the line is made.
const phi0 = (phi: (t: number) => number): void => {
  try {
    phi(0)
  } catch {
    // The line reports it as NaN.
  }
}
