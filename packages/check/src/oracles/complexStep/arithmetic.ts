import type { Arithmetic } from '../words/arithmetic.js'
import type { Pair } from '../words/tensor.js'

/** re + i·im. */
export type Complex = Pair

// Functions of a real variable, continued to a neighbourhood of their domain in the plane. Outside of the domain, and on its
// edge, they are NaN as the real ones are, never the other branch that the plane offers there.

export const NOWHERE: Complex = [Number.NaN, Number.NaN]
export const real = (x: number): Complex => [x, 0]

export const neg = ([a, b]: Complex): Complex => [-a, -b]
export const add = (z: Complex, w: Complex): Complex => [z[0] + w[0], z[1] + w[1]]
export const sub = (z: Complex, w: Complex): Complex => [z[0] - w[0], z[1] - w[1]]
export const mul = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c]
export const scale = ([a, b]: Complex, k: number): Complex => [a * k, b * k]
export const square = (z: Complex): Complex => mul(z, z)

/** (a + ib)/(c + id), scaled by the larger part of the divisor (Smith 1962). */
export const div = ([a, b]: Complex, [c, d]: Complex): Complex => {
  if (Math.abs(c) >= Math.abs(d)) {
    const r = d / c
    const s = c + d * r
    return [(a + b * r) / s, (b - a * r) / s]
  }
  const r = c / d
  const s = c * r + d
  return [(a * r + b) / s, (b * r - a) / s]
}
export const reciprocal = (z: Complex): Complex => div([1, 0], z)

/** √z for Re z > 0: re = √((|z| + Re z)/2), im = Im z / 2re. √0 is 0, and has no neighbourhood. */
export const sqrt = ([a, b]: Complex): Complex => {
  if (!(a > 0)) return a === 0 && b === 0 ? [a, 0] : NOWHERE
  const r = Math.sqrt((Math.hypot(a, b) + a) / 2)
  return [r, b / (2 * r)]
}

/** Of the real part: real numbers that move to first order do not change their order, unless they are equal. */
const compare = (z: Complex, w: Complex): number =>
  z[0] === w[0] && z[1] !== w[1] ? Number.NaN : Math.sign(z[0] - w[0])

export const arithmetic: Arithmetic = {
  add,
  sub,
  mul,
  div,
  neg,
  sqrt,
  scale,
  compare,
  abs: (z) => (z[0] < 0 ? neg(z) : z),
  isNegative: (z) => z[0] < 0 || Object.is(z[0], -0),
  isZero: (z) => z[0] === 0 && z[1] === 0,
}
