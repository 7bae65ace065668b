import { CotangentError, random, type Tensor } from '@cotangent/core'
import { dataOf } from '@cotangent/core/internal'

/** How samples are divided: a number of folds, or the fold of each sample. */
export type Folds = number | readonly number[]

/**
 * The test samples of each fold. A number of folds makes blocks of equal size, the first ones larger by one where it does
 * not divide n, in the order of the samples or with a key of shuffled ones.
 */
export const foldsOf = (
  op: string,
  folds: Folds,
  n: number,
  key: Tensor | undefined,
): readonly number[][] => {
  if (typeof folds !== 'number') return byLabel(op, folds, n)
  if (!Number.isInteger(folds) || folds < 2 || folds > n)
    throw new CotangentError(
      'Value',
      `${op}: ${folds} folds of ${n} samples. Give a whole number from 2 to ${n}; ${n} leaves one out at a time.`,
      { op },
    )
  const order =
    key === undefined
      ? Array.from({ length: n }, (_, i) => i)
      : [...dataOf(random.permutation(key, n) as Tensor)]
  const [size, larger] = [Math.floor(n / folds), n % folds]
  return Array.from({ length: folds }, (_, k) => {
    const from = k * size + Math.min(k, larger)
    return order.slice(from, from + size + (k < larger ? 1 : 0))
  })
}

const byLabel = (op: string, labels: readonly number[], n: number): readonly number[][] => {
  if (labels.length !== n)
    throw new CotangentError('Shape', `${op}: ${labels.length} folds for ${n} samples. Give one for each.`, {
      op,
    })
  const names = [...new Set(labels)].sort((a, b) => a - b)
  if (names.length < 2)
    throw new CotangentError('Value', `${op}: all samples are in one fold. Give two at least.`, { op })
  return names.map((name) => labels.flatMap((label, i) => (label === name ? [i] : [])))
}
