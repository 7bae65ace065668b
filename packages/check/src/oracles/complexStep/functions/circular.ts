import { add, type Complex, div, mul, NOWHERE, neg, real, sqrt, sub } from '../arithmetic.js'

/** sin a cosh b + i cos a sinh b. */
export const sin = ([a, b]: Complex): Complex => [Math.sin(a) * Math.cosh(b), Math.cos(a) * Math.sinh(b)]
/** cos a cosh b - i sin a sinh b. */
export const cos = ([a, b]: Complex): Complex => [Math.cos(a) * Math.cosh(b), -Math.sin(a) * Math.sinh(b)]
export const tan = (z: Complex): Complex => div(sin(z), cos(z))

/** Kahan's form: im = ¼ log1p(4b / (a² + (1 - b)²)), without a difference of two numbers near 1. */
export const atan = ([a, b]: Complex): Complex => [
  0.5 * Math.atan2(2 * a, (1 - b) * (1 + b) - a * a),
  0.25 * Math.log1p((4 * b) / (a * a + (1 - b) ** 2)),
]

const QUARTER = real(Math.PI / 2)
/** √((1 - z)(1 + z)), inside of (-1, 1). */
const besides = (z: Complex): Complex => sqrt(mul(sub(real(1), z), add(real(1), z)))

/**
 * The angle of (x, y): on each of four sides of the plane the arc tangent of a quotient of at most 1, and a constant. At the
 * origin, and on the cut, there is none.
 */
export const atan2 = (y: Complex, x: Complex): Complex => {
  if (Math.abs(x[0]) < Math.abs(y[0])) {
    const t = atan(div(x, y))
    return sub(y[0] > 0 ? QUARTER : neg(QUARTER), t)
  }
  if (x[0] > 0) return atan(div(y, x))
  if (!(x[0] < 0) || y[0] === 0) return NOWHERE
  return add(atan(div(y, x)), real(y[0] > 0 ? Math.PI : -Math.PI))
}
export const asin = (z: Complex): Complex => atan2(z, besides(z))
export const acos = (z: Complex): Complex => atan2(besides(z), z)
