import { i64x2, type V128, v128 } from '../../wasm/index.js'
import { copySign, type Lanes } from './lanes.js'

// Source: FreeBSD's msun, s_cbrt.c, the coefficients too.

const terms = [
  1.87595182427177, -1.8849797954337717, 1.6214297201053545, -0.758397934778766, 0.14599619288661245,
]

/** A third of the exponent of a normal number, plus what makes 5 bits of the cube root of its mantissa right. */
const guess = (l: Lanes, x: V128): V128 => {
  const word = l.sub(v128.or(l.shrU(x, 32), i64x2.const(0x4330000000000000n)), l.const(2 ** 52))
  return l.shl(l.add(l.mul(word, l.const(1 / 3)), l.const(715094163 + 1.5 * 2 ** 52)), 32)
}

/** The cube root: 5 bits, then a polynomial for 23, then a step of Newton's method, below 0.7 ulp. */
export const cbrt = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const size = l.let(l.abs(a))
  const tiny = l.let(l.lt(size, l.const(2 ** -1022)))
  const y = l.let(l.select(tiny, l.mul(size, l.const(2 ** 54)), size))
  const t = l.let(guess(l, y))
  const r = l.let(l.mul(l.mul(t, t), l.div(t, y)))
  const better = l.mul(t, l.polynomial(terms, r))
  const short = l.let(v128.and(i64x2.add(better, i64x2.const(0x80000000n)), i64x2.const(-0x40000000n)))
  const quotient = l.let(l.div(y, l.mul(short, short)))
  const step = l.div(l.sub(quotient, short), l.add(l.add(short, short), quotient))
  const root = l.let(l.madd(short, step, short))
  const scaled = l.select(tiny, l.mul(root, l.const(2 ** -18)), root)
  const plain = v128.and(l.gt(size, l.const(0)), l.lt(size, l.const(Number.POSITIVE_INFINITY)))
  return l.select(plain, copySign(l, scaled, a), a)
}
