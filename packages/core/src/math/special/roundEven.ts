/**
 * Rounds to the nearest integer, a tie to the even one (IEEE 754 `roundToIntegralTiesToEven`, NumPy's `round`);
 * exact, and keeps the sign of zero.
 *
 * Next to 2^52 the doubles are the integers, so adding and taking away that number rounds.
 */
export function roundEven(x: number): number {
  const size = Math.abs(x)
  if (!(size < 2 ** 52)) return x
  const rounded = size + 2 ** 52 - 2 ** 52
  return x < 0 || Object.is(x, -0) ? -rounded : rounded
}
