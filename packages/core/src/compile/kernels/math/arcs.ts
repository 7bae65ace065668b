import { i64x2, type V128, v128 } from '../../wasm/index.js'
import { copySign, type Lanes } from './lanes.js'

// Source: FreeBSD's msun, s_atan.c, e_atan2.c, e_asin.c and e_acos.c, the coefficients too.

const atanTerms = [
  0.3333333333333293, -0.19999999999876483, 0.14285714272503466, -0.11111110405462356, 0.09090887133436507,
  -0.0769187620504483, 0.06661073137387531, -0.058335701337905735, 0.049768779946159324,
  -0.036531572744216916, 0.016285820115365782,
]
/** Where the quotient comes below, about which angle atan is taken: tan of it, it, and the rest of it. */
const centres = [
  [7 / 16, 0, 0, 0],
  [11 / 16, 0.5, 0.4636476090008061, 2.2698777452961687e-17],
  [19 / 16, 1, 0.7853981633974483, 3.061616997868383e-17],
  [39 / 16, 1.5, 0.982793723247329, 1.3903311031230998e-17],
] as const
const halfPi = [1.5707963267948966, 6.123233995736766e-17] as const

/** atan(y / x) for y, x >= 0, not both 0 or both infinite: atan(c) + atan((y - c x) / (x + c y)) about the nearest c. */
const atanOfQuotient = (l: Lanes, y: V128, x: V128): V128 => {
  const pick = (at: (row: (typeof centres)[number]) => number, beyond: number): V128 =>
    centres.reduceRight<V128>((rest, row, i) => l.select(below[i]!, l.const(at(row)), rest), l.const(beyond))
  const below = centres.map(([bound]) => l.let(l.lt(y, l.mul(x, l.const(bound)))))
  const c = l.let(pick((row) => row[1], 0))
  const inner = below[3]!
  const numerator = l.select(inner, l.sub(y, l.mul(c, x)), l.neg(x))
  const denominator = l.select(inner, l.add(x, l.mul(c, y)), y)
  const t = l.let(l.div(numerator, denominator))
  const z = l.let(l.mul(t, t))
  const series = l.mul(t, l.mul(z, l.polynomial(atanTerms, z)))
  const [high, low] = [pick((row) => row[2], halfPi[0]), pick((row) => row[3], halfPi[1])]
  return l.sub(high, l.sub(l.add(l.let(series), l.neg(low)), t))
}

/** atan(x). */
export const atan = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const y = l.let(atanOfQuotient(l, l.let(l.abs(a)), l.const(1)))
  return copySign(l, l.select(l.eq(a, a), y, a), a)
}

/** The angle of the point (x, y), from -π to π. */
export const atan2 = (l: Lanes, y: V128, x: V128): V128 => {
  const [p, q] = [l.let(y), l.let(x)]
  const [a, b] = [l.let(l.abs(p)), l.let(l.abs(q))]
  const larger = l.let(l.max(a, b))
  const huge = l.gt(larger, l.const(2 ** 1000))
  const tiny = l.lt(larger, l.const(2 ** -800))
  const scale = l.let(l.select(huge, l.const(2 ** -200), l.select(tiny, l.const(2 ** 200), l.const(1))))
  const infinite = l.const(Number.POSITIVE_INFINITY)
  const anyInfinite = l.let(l.eq(larger, infinite))
  const oneIf = (condition: V128) => v128.and(condition, l.const(1))
  const numerator = l.let(l.select(anyInfinite, oneIf(l.eq(a, infinite)), l.mul(a, scale)))
  const finite = l.select(l.eq(larger, l.const(0)), l.const(1), l.mul(b, scale))
  const denominator = l.let(l.select(anyInfinite, oneIf(l.eq(b, infinite)), finite))
  const angle = l.let(atanOfQuotient(l, numerator, denominator))
  const zero = l.const(0)
  const left = v128.and(i64x2.ltS(q, l.int(0)), v128.or(l.ne(q, zero), l.eq(p, zero)))
  const mirrored = l.sub(l.const(Math.PI), l.sub(angle, l.const(2 * halfPi[1])))
  const ordered = v128.and(l.eq(p, p), l.eq(q, q))
  return l.select(ordered, copySign(l, l.select(left, mirrored, angle), p), l.const(Number.NaN))
}

const numeratorTerms = [
  0.16666666666666666, -0.3255658186224009, 0.20121253213486293, -0.04005553450067941, 0.0007915349942898145,
  3.479331075960212e-5,
]
const denominatorTerms = [1, -2.403394911734414, 2.0209457602335057, -0.6882839716054533, 0.07703815055590194]
/** (asin(√z) / √z - 1) for z in [0, 1/4]. */
const excess = (l: Lanes, z: V128): V128 =>
  l.div(l.mul(z, l.polynomial(numeratorTerms, z)), l.polynomial(denominatorTerms, z))

/** √z in two parts, the first of which has an exact square. */
const splitRoot = (l: Lanes, z: V128) => {
  const root = l.let(l.sqrt(z))
  const high = l.let(v128.and(root, i64x2.const(-0x100000000n)))
  const sum = l.max(l.add(root, high), l.const(Number.MIN_VALUE))
  const low = l.let(l.div(l.sub(z, l.mul(high, high)), sum))
  return { root, high, low }
}

/** asin(x), beyond ½ as π/2 - 2 asin √((1 - |x|) / 2). */
export const asin = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const size = l.let(l.abs(a))
  const small = l.let(l.lt(size, l.const(0.5)))
  const z = l.let(l.select(small, l.mul(a, a), l.mul(l.sub(l.const(1), size), l.const(0.5))))
  const r = l.let(excess(l, z))
  const { root, high, low } = splitRoot(l, z)
  const quarter = l.const(halfPi[0] / 2)
  const correction = l.sub(l.mul(l.add(root, root), r), l.sub(l.const(halfPi[1]), l.add(low, low)))
  const large = l.sub(quarter, l.sub(correction, l.sub(quarter, l.add(high, high))))
  return copySign(l, l.select(small, l.madd(size, r, size), large), a)
}

/** acos(x) = π/2 - asin(x), beyond ½ as 2 asin √((1 - |x|) / 2) or π less that. */
export const acos = (l: Lanes, x: V128): V128 => {
  const a = l.let(x)
  const size = l.let(l.abs(a))
  const small = l.let(l.lt(size, l.const(0.5)))
  const z = l.let(l.select(small, l.mul(a, a), l.mul(l.sub(l.const(1), size), l.const(0.5))))
  const r = l.let(excess(l, z))
  const { root, high, low } = splitRoot(l, z)
  const [hi, lo] = [l.const(halfPi[0]), l.const(halfPi[1])]
  const middle = l.sub(hi, l.sub(a, l.sub(lo, l.mul(a, r))))
  const right = l.let(l.add(high, l.madd(r, root, low)))
  const left = l.let(l.sub(hi, l.add(root, l.sub(l.mul(r, root), lo))))
  const outer = l.let(l.select(l.lt(a, l.const(0)), left, right))
  return l.select(small, middle, l.add(outer, outer))
}
