/**
 * Double-double arithmetic: a number is the unevaluated sum `high + low` with `|low| <= ulp(high) / 2`, about
 * 106 bits. The special functions use it where a plain double would cancel; the last addition then rounds once.
 *
 * Every operation assumes finite operands below 2^995 in size, because splitting multiplies by 2^27 + 1.
 *
 * Source: T. J. Dekker, "A floating-point technique for extending the available precision", Numer. Math. 18
 * (1971); D. E. Knuth, The Art of Computer Programming, vol. 2, section 4.2.2 (twoSum).
 */
export type DoubleDouble = readonly [high: number, low: number]

const splitter = 2 ** 27 + 1

export const zero: DoubleDouble = [0, 0]
export const one: DoubleDouble = [1, 0]
export const pi: DoubleDouble = [Math.PI, 1.2246467991473532e-16]
export const ln2: DoubleDouble = [Math.LN2, 2.3190468138462996e-17]

/** `a + b` for `|a| >= |b|`, exact. */
export function quickTwoSum(a: number, b: number): DoubleDouble {
  const sum = a + b
  return [sum, b - (sum - a)]
}

/** `a + b`, exact. */
export function twoSum(a: number, b: number): DoubleDouble {
  const sum = a + b
  const bRounded = sum - a
  return [sum, a - (sum - bRounded) + (b - bRounded)]
}

/** `a * b`, exact unless the product is subnormal. */
export function twoProduct(a: number, b: number): DoubleDouble {
  const product = a * b
  const aWide = splitter * a
  const aHigh = aWide - (aWide - a)
  const aLow = a - aHigh
  const bWide = splitter * b
  const bHigh = bWide - (bWide - b)
  const bLow = b - bHigh
  return [product, aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow]
}

/** `x + y`; the error is relative to the sum even where the two nearly cancel. */
export function add(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  const high = twoSum(x[0], y[0])
  const low = twoSum(x[1], y[1])
  const partial = quickTwoSum(high[0], high[1] + low[0])
  return quickTwoSum(partial[0], partial[1] + low[1])
}

export function negate(x: DoubleDouble): DoubleDouble {
  return [-x[0], -x[1]]
}

export function subtract(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  return add(x, negate(y))
}

export function multiply(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  const product = twoProduct(x[0], y[0])
  return quickTwoSum(product[0], product[1] + (x[0] * y[1] + x[1] * y[0]))
}

export function divide(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  const quotient = x[0] / y[0]
  const product = twoProduct(quotient, y[0])
  const remainder = x[0] - product[0] - product[1] + x[1] - quotient * y[1]
  return quickTwoSum(quotient, remainder / y[0])
}

/** `x` times a power of two, exact while the result is normal. */
export function scale(x: DoubleDouble, powerOfTwo: number): DoubleDouble {
  return [x[0] * powerOfTwo, x[1] * powerOfTwo]
}

/** `x^n` for an integer `n >= 0`, by repeated squaring. */
export function integerPower(x: DoubleDouble, n: number): DoubleDouble {
  let result = one
  for (let square = x, left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(result, square)
    square = multiply(square, square)
  }
  return result
}

/** The polynomial `c[0] x^n + ... + c[n]`, highest power first, by Horner's rule. */
export function evaluatePolynomial(coefficients: readonly DoubleDouble[], x: DoubleDouble): DoubleDouble {
  let value = zero
  for (const coefficient of coefficients) value = add(multiply(value, x), coefficient)
  return value
}
