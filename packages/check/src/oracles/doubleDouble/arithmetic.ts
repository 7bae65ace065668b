// Double-double arithmetic: a number is the unevaluated sum hi + lo with |lo| <= ulp(hi)/2, about 106 bits. The oracle
// has its own copy of it, apart from the one inside the special functions of core, so that the two cannot share an error;
// and this one keeps IEEE semantics: infinities, NaN, signed zeros and overflow behave as in float64.
//
// Each operation is accurate to a few times 2^-106 of its result, as long as the low word is not subnormal (results above
// 2^-916 or so). Sources: Dekker, Numer. Math. 18 (1971); Knuth, TAOCP 2, 4.2.2; Joldes, Muller and Popescu, "Tight and
// rigorous error bounds for basic building blocks of double-word arithmetic", ACM TOMS 44 (2017).

/** hi + lo, with hi the sum rounded to float64. */
export type DoubleDouble = readonly [hi: number, lo: number]

export const ZERO: DoubleDouble = [0, 0]
export const ONE: DoubleDouble = [1, 0]
export const NAN: DoubleDouble = [Number.NaN, 0]

/** A float64 number, exactly. */
export const dd = (x: number): DoubleDouble => [x, 0]

const SPLITTER = 2 ** 27 + 1
/** Beyond this size the splitting of a factor would overflow. */
const SPLIT_LIMIT = 2 ** 996

/** a + b for |a| >= |b| or a = 0, exactly. */
const quickTwoSum = (a: number, b: number): DoubleDouble => {
  const s = a + b
  return Number.isFinite(s) ? [s, b - (s - a)] : [s, 0]
}

/** a + b, exactly. */
export const twoSum = (a: number, b: number): DoubleDouble => {
  const s = a + b
  if (!Number.isFinite(s)) return [s, 0]
  const t = s - a
  return [s, a - (s - t) + (b - t)]
}

/** a·b, exactly unless the product overflows or its error is subnormal. JavaScript has no fma, so factors are split. */
export const twoProduct = (a: number, b: number): DoubleDouble => {
  const p = a * b
  if (!Number.isFinite(p) || p === 0) return [p, 0]
  // Powers of two move from the large factor to the small one; the product is finite, so the other stays small.
  if (Math.abs(a) > SPLIT_LIMIT) return twoProduct(a * 2 ** -53, b * 2 ** 53)
  if (Math.abs(b) > SPLIT_LIMIT) return twoProduct(a * 2 ** 53, b * 2 ** -53)
  const wa = SPLITTER * a
  const ah = wa - (wa - a)
  const al = a - ah
  const wb = SPLITTER * b
  const bh = wb - (wb - b)
  const bl = b - bh
  return [p, ah * bh - p + ah * bl + al * bh + al * bl]
}

export const neg = (x: DoubleDouble): DoubleDouble => [-x[0], -x[1]]

/** x + y; the error is relative to the sum even where the two cancel. */
export const add = (x: DoubleDouble, y: DoubleDouble): DoubleDouble => {
  const s = twoSum(x[0], y[0])
  if (!Number.isFinite(s[0])) return [s[0], 0]
  const t = twoSum(x[1], y[1])
  if (s[0] === 0 && t[0] === 0) return s
  const u = quickTwoSum(s[0], s[1] + t[0])
  return quickTwoSum(u[0], u[1] + t[1])
}

export const sub = (x: DoubleDouble, y: DoubleDouble): DoubleDouble => add(x, [-y[0], -y[1]])

export const mul = (x: DoubleDouble, y: DoubleDouble): DoubleDouble => {
  const p = twoProduct(x[0], y[0])
  if (!Number.isFinite(p[0]) || p[0] === 0) return [p[0], 0]
  return quickTwoSum(p[0], p[1] + (x[0] * y[1] + x[1] * y[0]))
}

export const square = (x: DoubleDouble): DoubleDouble => mul(x, x)

/** x·y for a float64 y. */
export const mulNumber = (x: DoubleDouble, y: number): DoubleDouble => mul(x, [y, 0])

/** x/y by long division: three quotients, each taken from the exact remainder of the one before. */
export const div = (x: DoubleDouble, y: DoubleDouble): DoubleDouble => {
  const q1 = x[0] / y[0]
  if (!Number.isFinite(q1) || q1 === 0 || !Number.isFinite(y[0])) return [q1, 0]
  // Near the ends of the exponent range q·y may overflow on the way: both are scaled to the middle.
  const size = Math.max(Math.abs(x[0]), Math.abs(y[0]))
  if (size > SPLIT_LIMIT) return div(scale(x, 2 ** -60), scale(y, 2 ** -60))
  if (Math.abs(y[0]) < 2 ** -900) return div(scale(x, 2 ** 120), scale(y, 2 ** 120))
  let r = sub(x, mulNumber(y, q1))
  const q2 = r[0] / y[0]
  r = sub(r, mulNumber(y, q2))
  const q3 = r[0] / y[0]
  return add(quickTwoSum(q1, q2), [q3, 0])
}

/** √x: the float64 root, corrected by the exact remainder (Karp and Markstein 1997). */
export const sqrt = (x: DoubleDouble): DoubleDouble => {
  const r = Math.sqrt(x[0])
  if (!Number.isFinite(r) || r === 0) return [r, 0]
  if (x[0] < 2 ** -900) return scale(sqrt(scale(x, 2 ** 400)), 2 ** -200)
  if (x[0] > SPLIT_LIMIT) return scale(sqrt(scale(x, 2 ** -60)), 2 ** 30)
  const once = add([r, 0], [sub(x, twoProduct(r, r))[0] / (2 * r), 0])
  return add(once, [sub(x, square(once))[0] / (2 * r), 0])
}

/** x times a power of two. */
export const scale = (x: DoubleDouble, powerOfTwo: number): DoubleDouble => [
  x[0] * powerOfTwo,
  Number.isFinite(x[0] * powerOfTwo) ? x[1] * powerOfTwo : 0,
]

/** x·2^k for any k, in steps that do not overflow on the way. */
export const ldexp = (x: DoubleDouble, k: number): DoubleDouble => {
  let [y, left] = [x, k]
  for (; left > 1000; left -= 1000) y = scale(y, 2 ** 1000)
  for (; left < -1000; left += 1000) y = scale(y, 2 ** -1000)
  return scale(y, 2 ** left)
}

/** The k with 2^k <= |x| < 2^(k+1), for finite x other than 0. */
export const exponentOf = (x: number): number => {
  const size = Math.abs(x)
  if (size < 2 ** -1000) return exponentOf(size * 2 ** 100) - 100
  let k = Math.floor(Math.log2(size))
  if (2 ** k > size) k--
  else if (size / 2 ** k >= 2) k++
  return k
}

/** -1, 0 or 1 as x is below, equal to or above y; NaN if either is. */
export const compare = (x: DoubleDouble, y: DoubleDouble): number =>
  x[0] < y[0] ? -1 : x[0] > y[0] ? 1 : x[0] === y[0] ? Math.sign(x[1] - y[1]) : Number.NaN

/** The sign of x as float64 has it, zeros included. */
export const signOf = (x: DoubleDouble): number => Math.sign(x[0])
export const isNegative = (x: DoubleDouble): boolean => x[0] < 0 || Object.is(x[0], -0)
export const abs = (x: DoubleDouble): DoubleDouble => (isNegative(x) ? neg(x) : x)

/** The largest integer that is not above x. */
export const floor = (x: DoubleDouble): DoubleDouble => {
  const f = Math.floor(x[0])
  return f === x[0] && x[1] !== 0 ? quickTwoSum(f, Math.floor(x[1])) : [f, 0]
}
export const ceil = (x: DoubleDouble): DoubleDouble => neg(floor(neg(x)))
export const trunc = (x: DoubleDouble): DoubleDouble => (isNegative(x) ? ceil(x) : floor(x))

/** The nearest integer, halves to even. */
export const round = (x: DoubleDouble): DoubleDouble => {
  const below = floor(x)
  const c = compare(sub(x, below), [0.5, 0])
  const even = isEven(below)
  const y = c < 0 || (c === 0 && even) ? below : c >= 0 ? add(below, ONE) : x
  return y[0] === 0 && isNegative(x) ? [-0, 0] : y
}

export const isInteger = (x: DoubleDouble): boolean => Number.isInteger(x[0]) && Number.isInteger(x[1])
/** Is an integer even? */
export const isEven = (x: DoubleDouble): boolean => (Math.abs(x[0] % 2) + Math.abs(x[1] % 2)) % 2 === 0

/** c₀ + c₁x + c₂x² + ... by Horner's rule. */
export const polynomial = (coefficients: readonly DoubleDouble[], x: DoubleDouble): DoubleDouble => {
  let y = ZERO
  for (let k = coefficients.length - 1; k >= 0; k--) y = add(mul(y, x), coefficients[k]!)
  return y
}

/** xⁿ for an integer n >= 0, by repeated squaring. */
export const naturalPower = (x: DoubleDouble, n: number): DoubleDouble => {
  let y = ONE
  for (let [s, left] = [x, n]; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) y = mul(y, s)
    if (left > 1) s = square(s)
  }
  return y
}
