// x y + z rounded once. JavaScript has no such instruction, and XLA contracts a product and a sum into one, so
// whoever wants its bits needs this.

// The error of fl(x + y), exactly (Knuth).
function sumError(x: number, y: number, sum: number): number {
  const fromY = sum - x
  return x - (sum - fromY) + (y - fromY)
}

/** x y + z for float32 values, rounded once to float32. */
export function fma32(x: number, y: number, z: number): number {
  // Two factors of 24 bits: exact as a float64.
  const product = x * y
  const sum = product + z
  const rounded = Math.fround(sum)
  // Rounding twice goes wrong only where the first brings the sum to the middle of two float32 values.
  const rest = sum - rounded
  const beyond = rounded + 2 * rest
  const tie = beyond !== rounded && Math.fround(beyond) === beyond
  const wrong = tie && Math.sign(sumError(product, z, sum)) === Math.sign(rest)
  return wrong ? beyond : rounded
}

// The error of fl(x y), exactly (Dekker, with Veltkamp's splitting into 26 and 27 bits).
function productError(x: number, y: number, product: number): number {
  const xs = x * 134217729
  const ys = y * 134217729
  const xh = xs - (xs - x)
  const yh = ys - (ys - y)
  const xl = x - xh
  const yl = y - yh
  return xl * yl - (product - xh * yh - xl * yh - xh * yl)
}

/**
 * x y + z for float64 values, rounded once, away from the ends of the range. Boldo and Melquiond, "Emulation of
 * FMA and correctly rounded sums", 2008, with the tie decided as in {@link fma32} in place of rounding to odd.
 */
export function fma64(x: number, y: number, z: number): number {
  // Splitting would overflow; so near the largest number the last bit is not worth more.
  if (!(Math.abs(x) < 2 ** 990 && Math.abs(y) < 2 ** 990)) return x * y + z
  const product = x * y
  const tail = productError(x, y, product)
  const inner = z + tail
  const outer = product + inner
  const innerError = sumError(z, tail, inner)
  const outerError = sumError(product, inner, outer)
  const correction = innerError + outerError
  const rounded = outer + correction
  const rest = sumError(outer, correction, rounded)
  const beyond = rounded + 2 * rest
  const tie = beyond !== rounded && beyond - rounded === 2 * rest
  const wrong = tie && Math.sign(sumError(innerError, outerError, correction)) === Math.sign(rest)
  return wrong ? beyond : rounded
}
