/**
 * Tells results that are made of constants alone. They do not move with the input, so that their rounding is none of the function's:
 * a bound of 1e180, against which something is clipped, says nothing about the digits of what is not.
 */
export const fixedValues = (): ((
  op: string,
  operands: readonly object[],
  results: readonly object[],
) => boolean) => {
  const fixed = new WeakSet<object>()
  return (op, operands, results) => {
    const all = op === 'constant' || (operands.length > 0 && operands.every((x) => fixed.has(x)))
    if (all) for (const y of results) fixed.add(y)
    return all
  }
}
