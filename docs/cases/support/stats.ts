export const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length
/** The sample standard deviation; 0 for one number. */
export const deviation = (xs: readonly number[]): number =>
  xs.length < 2 ? 0 : Math.sqrt(xs.reduce((s, x) => s + (x - mean(xs)) ** 2, 0) / (xs.length - 1))
export const median = (xs: readonly number[]): number => {
  const sorted = [...xs].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
/** `22.5 ± 1.2`; one number has no deviation. */
export const spread = (xs: readonly number[], digits = 1): string =>
  mean(xs).toFixed(digits) + (xs.length > 1 ? ` ± ${deviation(xs).toFixed(digits)}` : '')
