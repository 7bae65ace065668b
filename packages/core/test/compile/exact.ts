// Rational numbers, exactly, and how far float64 are from them.

/** numerator / denominator; the denominator is positive. */
export interface Fraction {
  readonly numerator: bigint
  readonly denominator: bigint
}

const word = new BigUint64Array(1)
const float = new Float64Array(word.buffer)
const size = (x: bigint): bigint => (x < 0n ? -x : x)

/** A finite float64, as it is. */
export const fractionOf = (x: number): Fraction => {
  float[0] = x
  const exponent = (word[0]! >> 52n) & 2047n
  const mantissa = (word[0]! & 0xfffffffffffffn) | (exponent > 0n ? 1n << 52n : 0n)
  const shift = (exponent > 0n ? exponent : 1n) - 1075n
  const signed = x < 0 ? -mantissa : mantissa
  return shift < 0n
    ? { numerator: signed, denominator: 1n << -shift }
    : { numerator: signed << shift, denominator: 1n }
}

/** a / b. */
export const quotient = (a: Fraction, b: Fraction): Fraction => {
  const [n, d] = [a.numerator * b.denominator, a.denominator * b.numerator]
  return d < 0n ? { numerator: -n, denominator: -d } : { numerator: n, denominator: d }
}

/** xⁿ for a whole n. */
export const power = (x: Fraction, n: number): Fraction => {
  const k = BigInt(Math.abs(n))
  const p = { numerator: x.numerator ** k, denominator: x.denominator ** k }
  return n < 0 ? quotient({ numerator: 1n, denominator: 1n }, p) : p
}

const bitLength = (x: bigint): number =>
  x.toString(16).length * 4 - Math.clz32(parseInt(x.toString(16)[0]!, 16)) + 28

/** The exponent of the last place of a float64 near |x|. */
const lastPlace = ({ numerator, denominator }: Fraction): number => {
  const n = size(numerator)
  let e = bitLength(n) - bitLength(denominator)
  const atLeast = e < 0 ? n << BigInt(-e) >= denominator : n >= denominator << BigInt(e)
  if (!atLeast) e--
  return Math.max(-1022, Math.min(1023, e)) - 52
}

const LARGEST = fractionOf(Number.MAX_VALUE)
const less = (a: Fraction, b: Fraction): boolean =>
  size(a.numerator) * b.denominator < size(b.numerator) * a.denominator

/** How far y is from x, in units in the last place of x. What is beyond the largest float64 is 2^1024. */
export const ulpsFrom = (x: Fraction, y: number): number => {
  if (Number.isNaN(y)) return Number.POSITIVE_INFINITY
  const end = { numerator: 1n << 1024n, denominator: 1n }
  const endOf = (negative: boolean): Fraction => (negative ? { ...end, numerator: -end.numerator } : end)
  const a = less(LARGEST, x) ? endOf(x.numerator < 0n) : x
  const b = Number.isFinite(y) ? fractionOf(y) : endOf(y < 0)
  const place = lastPlace(x)
  const [up, down] = [BigInt(Math.max(0, -place)), BigInt(Math.max(0, place))]
  const difference = size(a.numerator * b.denominator - b.numerator * a.denominator) << up
  const unit = (a.denominator * b.denominator) << down
  return Number((difference << 30n) / unit) / 2 ** 30
}
