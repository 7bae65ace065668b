import { f64, f64x2, i32, i64x2, type V128, v128 } from '../../wasm/index.js'
import type { Lanes } from './lanes.js'
import { hugeAngle } from './payneHanek.js'
import { callScalar } from './scalar.js'

// x = n π/2 + r, and sin and cos of r by polynomials. π/2 in pieces of 33 bits, so that n times a piece is exact for
// n below 2^20; larger angles go by the scalar way of payneHanek.ts, lane by lane.
// Source: FreeBSD's msun, e_rem_pio2.c, k_sin.c, k_cos.c, k_sinf.c and k_cosf.c, the coefficients too.

const pieces = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21] as const
const last = 8.4784276603689e-32
/** π/2 less its first piece, in one number. */
const afterFirst = 6.077100506506192e-11
const magic = 1.5 * 2 ** 52
const largest = 2 ** 20

const sinTerms = [
  -0.16666666666666632, 0.00833333333332249, -0.0001984126982985795, 2.7557313707070068e-6,
  -2.5050760253406863e-8, 1.58969099521155e-10,
]
const cosTerms = [
  0.0416666666666666, -0.001388888888887411, 2.480158728947673e-5, -2.7557314351390663e-7,
  2.087572321298175e-9, -1.1359647557788195e-11,
]
const shortSinTerms = [
  -0.16666666641626524, 0.008333329385889463, -0.00019839334836096632, 2.718311493989822e-6,
]
const shortCosTerms = [-0.499999997251031, 0.04166662332373906, -0.001388676377460993, 2.439044879627741e-5]

/** An angle less n quarter turns, as high + low; n in the last bits of a float64. */
export interface Angle {
  readonly n: V128
  readonly high: V128
  readonly low?: V128
}

/** a - b and its error. */
const twoDifference = (l: Lanes, a: V128, b: V128): readonly [V128, V128] => {
  const d = l.let(l.sub(a, b))
  const part = l.let(l.sub(d, a))
  return [d, l.let(l.sub(l.sub(a, l.sub(d, part)), l.add(b, part)))]
}

const reduce = (l: Lanes, x: V128, precise: boolean): Angle => {
  const n = l.let(l.madd(x, l.const(2 / Math.PI), l.const(magic)))
  const count = l.let(l.sub(n, l.const(magic)))
  const near = l.let(l.sub(x, l.mul(count, l.const(pieces[0]))))
  if (!precise) return { n, high: l.let(l.sub(near, l.mul(count, l.const(afterFirst)))) }
  const [d1, e1] = twoDifference(l, near, l.let(l.mul(count, l.const(pieces[1]))))
  const [d2, e2] = twoDifference(l, d1, l.let(l.mul(count, l.const(pieces[2]))))
  const rest = l.let(l.sub(l.add(e1, e2), l.mul(count, l.const(last))))
  const high = l.let(l.add(d2, rest))
  return { n, high, low: l.let(l.add(l.sub(d2, high), rest)) }
}

const sinOf = (l: Lanes, { high: x, low }: Angle): V128 => {
  const z = l.let(l.mul(x, x))
  if (!low) return l.madd(l.mul(x, z), l.polynomial(shortSinTerms, z), x)
  const v = l.let(l.mul(z, x))
  const [s1, ...others] = sinTerms
  const tail = l.sub(l.mul(z, l.sub(l.mul(low, l.const(0.5)), l.mul(v, l.polynomial(others, z)))), low)
  return l.sub(x, l.sub(tail, l.mul(v, l.const(s1!))))
}

const cosOf = (l: Lanes, { high: x, low }: Angle): V128 => {
  const z = l.let(l.mul(x, x))
  if (!low) return l.madd(z, l.polynomial(shortCosTerms, z), l.const(1))
  const half = l.let(l.mul(z, l.const(0.5)))
  const w = l.let(l.sub(l.const(1), half))
  const tail = l.sub(l.mul(z, l.mul(z, l.polynomial(cosTerms, z))), l.mul(x, low))
  return l.add(w, l.add(l.sub(l.sub(l.const(1), w), half), tail))
}

/** Lanes whose n is odd. */
const oddOf = (l: Lanes, n: V128): V128 => i64x2.ne(v128.and(n, l.int(1)), l.int(0))

/** sin of the angle and `turns` quarter turns. */
const sinAfter =
  (turns: number) =>
  (l: Lanes, angle: Angle): V128 => {
    const n = turns === 0 ? angle.n : l.let(i64x2.add(angle.n, l.int(turns)))
    const sign = i64x2.shl(v128.and(n, l.int(2)), 62)
    return v128.xor(l.select(oddOf(l, n), l.let(cosOf(l, angle)), l.let(sinOf(l, angle))), sign)
  }

const tanOf = (l: Lanes, angle: Angle): V128 => {
  const [s, c] = [l.let(sinOf(l, angle)), l.let(cosOf(l, angle))]
  const odd = l.let(oddOf(l, angle.n))
  return v128.xor(l.div(l.select(odd, c, s), l.select(odd, s, c)), v128.and(odd, l.signBit))
}

const circular =
  (name: string, g: (l: Lanes, angle: Angle) => V128, precise: boolean) =>
  (l: Lanes, x: V128): V128 => {
    const a = l.let(x)
    const size = l.let(l.abs(a))
    const y = l.f.local('v128')
    l.f.set(y, g(l, reduce(l, a, precise)))
    l.f.set(y, l.select(l.lt(size, l.const(2 ** -27)), name === 'cos' ? l.const(1) : a, y))
    l.f.if(v128.anyTrue(v128.not(l.le(size, l.const(largest)))), () => {
      for (const lane of [0, 1]) {
        const one = f64x2.extractLane(size, lane)
        l.f.if(i32.eqz(f64.le(one, largest)), () =>
          l.f.set(
            y,
            f64x2.replaceLane(
              y,
              lane,
              callScalar(l.lib, `${name}Huge`, f64x2.extractLane(a, lane), (inner, v) =>
                g(inner, hugeAngle(inner, v)),
              ),
            ),
          ),
        )
      }
    })
    return y
  }

/** sin(x). */
export const sin = circular('sin', sinAfter(0), true)
/** cos(x). */
export const cos = circular('cos', sinAfter(1), true)
/** tan(x) = sin(x) / cos(x). */
export const tan = circular('tan', tanOf, true)
/** The same with the precision of float32, in float64. */
export const shortSin = circular('sin', sinAfter(0), false)
export const shortCos = circular('cos', sinAfter(1), false)
export const shortTan = circular('tan', tanOf, false)
