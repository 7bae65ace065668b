import { add, type DoubleDouble, dd, exponentOf } from '../arithmetic.js'

// x modulo π/2 for large x, exactly as far as double-double can tell: fixed point with enough binary digits of π for
// the largest float64 (Payne and Hanek 1983), which BigInt makes short.

const FRACTION = 1400n

const arccot = (n: bigint, one: bigint): bigint => {
  let [sum, term] = [0n, one / n]
  for (let k = 0n; term !== 0n; k++) {
    sum += (k % 2n === 0n ? term : -term) / (2n * k + 1n)
    term /= n * n
  }
  return sum
}

let halfPi: bigint | undefined
/** π/2 with 1400 binary digits after the point, by Machin's formula π/4 = 4 arccot 5 - arccot 239. */
const halfPiFixed = (): bigint => {
  const one = 1n << (FRACTION + 32n)
  halfPi ??= (2n * (4n * arccot(5n, one) - arccot(239n, one))) >> 32n
  return halfPi
}

const toFixed = (x: number): bigint => {
  if (x === 0) return 0n
  const e = exponentOf(x) - 52
  const mantissa = BigInt(x * 2 ** -Math.floor(e / 2) * 2 ** -(e - Math.floor(e / 2)))
  const shift = BigInt(e) + FRACTION
  return shift >= 0n ? mantissa << shift : mantissa >> -shift
}

const fromFixed = (x: bigint): DoubleDouble => {
  // 300 digits after the point are plenty, and stay below the largest float64.
  const short = x >> (FRACTION - 300n)
  const hi = Number(short)
  const lo = Number(short - BigInt(hi))
  return add(dd(hi * 2 ** -300), dd(lo * 2 ** -300))
}

/** r in [-π/4, π/4] and k mod 4 with x = r + k π/2, for finite x of any size. */
export const reduceLarge = (x: DoubleDouble): { readonly r: DoubleDouble; readonly quadrant: number } => {
  const [half, value] = [halfPiFixed(), toFixed(x[0]) + toFixed(x[1])]
  const twice = 2n * value + half
  let k = twice / (2n * half)
  if (twice < 0n && k * 2n * half !== twice) k -= 1n
  return { r: fromFixed(value - k * half), quadrant: Number(((k % 4n) + 4n) % 4n) }
}
