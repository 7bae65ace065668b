/** A numeric derivative, entry by entry, with a bound on its error. */
export interface Estimate {
  readonly value: Float64Array
  readonly error: Float64Array
}

const levels = 7

/**
 * The derivative at 0 of a curve, by central differences at halved steps extrapolated to step 0 (Richardson; the
 * table is that of Ridders 1982). The error of an entry is what two orders of extrapolation disagree by, plus
 * the rounding of the samples over the step they were taken at.
 */
export const differentiate = (curve: (h: number) => Float64Array, reach = 1 / 64): Estimate => {
  const n = curve(0).length
  const value = new Float64Array(n)
  const error = new Float64Array(n).fill(Number.POSITIVE_INFINITY)
  const noise = new Float64Array(n)
  let above: Float64Array[] = []
  for (let k = 0; k < levels; k++) {
    const h = reach / 2 ** k
    const [hi, lo] = [curve(h), curve(-h)]
    const here: Float64Array[] = []
    for (let j = 0; j <= k; j++) {
      const col = new Float64Array(n)
      const w = 4 ** j
      for (let i = 0; i < n; i++) {
        if (j === 0) {
          col[i] = (hi[i]! - lo[i]!) / (2 * h)
          noise[i] = (128 * Number.EPSILON * Math.max(Math.abs(hi[i]!), Math.abs(lo[i]!))) / h
          continue
        }
        const [fine, coarse] = [here[j - 1]![i]!, above[j - 1]![i]!]
        col[i] = (w * fine - coarse) / (w - 1)
        const e = Math.max(Math.abs(col[i]! - fine), Math.abs(col[i]! - coarse)) + noise[i]!
        if (e <= error[i]!) {
          error[i] = e
          value[i] = col[i]!
        }
      }
      here.push(col)
    }
    above = here
  }
  return { value, error }
}
