/** The binary exponent of doubles: taking it off and putting it back. */

const float = new Float64Array(1)
const words = new Uint32Array(float.buffer)

/** `x = mantissa * 2^exponent` with `mantissa` in [1, 2); `x` positive and finite, subnormal or not. */
export function splitExponent(x: number): readonly [mantissa: number, exponent: number] {
  if (x < 2 ** -1022) {
    const [mantissa, exponent] = splitExponent(x * 2 ** 54)
    return [mantissa, exponent - 54]
  }
  float[0] = x
  const high = words[1] as number
  words[1] = (high & 0x000fffff) | 0x3ff00000
  return [float[0] as number, (high >>> 20) - 1023]
}

/** `2^exponent` for an integer exponent in [-1022, 1023]. */
function powerOfTwo(exponent: number): number {
  words[0] = 0
  words[1] = (exponent + 1023) << 20
  return float[0] as number
}

/**
 * `x * 2^exponent` for `|x|` between 2^-100 and 2^100 and any integer exponent. Rounds at most once, because only
 * the last factor can leave the normal range.
 */
export function scaleByPowerOfTwo(x: number, exponent: number): number {
  if (exponent > 900) return x * powerOfTwo(900) * powerOfTwo(Math.min(exponent - 900, 1023))
  if (exponent < -900) return x * powerOfTwo(-900) * powerOfTwo(Math.max(exponent + 900, -1022))
  return x * powerOfTwo(exponent)
}
