import { CotangentError, jit, random, type Tensor } from '@cotangent/core'
import { checkDataset, type Dataset, rows, sizeOf } from './dataset.js'

// One program for each n: every epoch of a run asks for the same.
const permutation = jit((key: Tensor, n: number): Tensor => random.permutation(key, n), { staticArgs: [1] })

/** The numbers from 0 to n - 1 in an order that the key decides. */
export const orderOf = (key: Tensor, n: number): Int32Array =>
  permutation(key, n).toTypedArray() as Int32Array

/**
 * The examples in another order, which the key decides.
 *
 * @example
 * const data = dataset.fromArrays([[1], [2], [3]], [1, 2, 3])
 * dataset.shuffle(data, random.key(0)).y.toTypedArray().sort() // => [1, 2, 3]
 */
export const shuffle = (data: Dataset, key: Tensor): Dataset => {
  checkDataset('shuffle', data)
  return rows(data, orderOf(key, sizeOf(data)))
}

/** Options of {@link split}. */
export interface SplitOptions {
  /** The share, below 1, or the number of examples held back for the test. Default 0.2. */
  readonly test?: number
  /** The same for validation. Default 0: none. */
  readonly validation?: number
  /** Shuffles first; without it the last examples are held back. */
  readonly key?: Tensor
  /** Keeps the shares of the classes in `y` (class numbers) the same in each part. */
  readonly stratify?: boolean
}

/** The parts of a {@link split}; a part that nobody asked for is undefined. */
export interface Split {
  readonly train: Dataset
  readonly validation: Dataset | undefined
  readonly test: Dataset | undefined
}

const countOf = (name: string, share: number, n: number): number => {
  const count = share < 1 ? Math.round(share * n) : share
  if (share >= 0 && Number.isInteger(count) && (share < 1 || Number.isInteger(share))) return count
  throw new CotangentError(
    'Value',
    `split: ${name} is ${share}. Give a share in [0, 1) or a number of examples.`,
    {
      op: 'split',
    },
  )
}

const classesOf = (op: string, { y }: Dataset): Map<number, number[]> => {
  if (y.rank !== 1)
    throw new CotangentError(
      'Shape',
      `${op}: stratify needs class numbers, y of shape [examples], not [${y.shape.join(', ')}].`,
      { op, shapes: [y.shape] },
    )
  const groups = new Map<number, number[]>()
  y.toTypedArray().forEach((label, i) => {
    const group = groups.get(label)
    if (group === undefined) groups.set(label, [i])
    else group.push(i)
  })
  return groups
}

/** Deals the classes out in turn, so that every stretch of the order has all of them in proportion. */
const stratified = (op: string, data: Dataset, order: ArrayLike<number>): number[] => {
  const rank = new Int32Array(order.length)
  for (let i = 0; i < order.length; i++) rank[order[i]!] = i
  return [...classesOf(op, data).values()]
    .flatMap((members) =>
      members.sort((a, b) => rank[a]! - rank[b]!).map((i, k) => [i, (k + 0.5) / members.length] as const),
    )
    .sort((a, b) => a[1] - b[1] || rank[a[0]]! - rank[b[0]]!)
    .map(([i]) => i)
}

const arranged = (
  op: string,
  data: Dataset,
  key: Tensor | undefined,
  stratify: boolean,
): ArrayLike<number> => {
  const n = sizeOf(data)
  const order = key === undefined ? Int32Array.from({ length: n }, (_, i) => i) : orderOf(key, n)
  return stratify ? stratified(op, data, order) : order
}

/**
 * Training, validation and test parts that share no example.
 *
 * @throws CotangentError of kind `Value` where a part would be empty that was asked for, or nothing is left to train on.
 * @example
 * const data = dataset.fromArrays([[1], [2], [3], [4], [5]], [1, 2, 3, 4, 5])
 * const { train, test } = dataset.split(data, { test: 0.4 })
 * train.y // => [1, 2, 3]
 * test?.y // => [4, 5]
 */
export const split = (
  data: Dataset,
  { test = 0.2, validation = 0, key, stratify = false }: SplitOptions = {},
): Split => {
  checkDataset('split', data)
  const n = sizeOf(data)
  const [held, checked] = [countOf('test', test, n), countOf('validation', validation, n)]
  const left = n - held - checked
  if (left < 1 || (test > 0 && held === 0) || (validation > 0 && checked === 0))
    throw new CotangentError(
      'Value',
      `split: ${n} examples do not divide into ${left} to train, ${checked} to validate and ${held} to test. Each part needs one.`,
      { op: 'split' },
    )
  const order = Array.from(arranged('split', data, key, stratify))
  const part = (from: number, to: number) => (to > from ? rows(data, order.slice(from, to)) : undefined)
  return {
    train: rows(data, order.slice(0, left)),
    validation: part(left, left + checked),
    test: part(left + checked, n),
  }
}

/** Options of {@link kFold}. */
export interface FoldOptions {
  /** Default 5. */
  readonly folds?: number
  /** Shuffles first; without it the folds are stretches of the data, as in scikit-learn's `KFold`. */
  readonly key?: Tensor
  /** As in {@link split}. */
  readonly stratify?: boolean
}

/** One of the folds: what to train on, and what was held back. */
export interface Fold {
  readonly train: Dataset
  readonly validation: Dataset
}

/**
 * k ways to hold back a part such that every example is held back once; the first n mod k parts have one example more.
 *
 * @example
 * const data = dataset.fromArrays([[1], [2], [3]], [1, 2, 3])
 * dataset.kFold(data, { folds: 3 }).map((fold) => fold.validation.y.toArray()) // => [[1], [2], [3]]
 */
export const kFold = (
  data: Dataset,
  { folds = 5, key, stratify = false }: FoldOptions = {},
): readonly Fold[] => {
  checkDataset('kFold', data)
  const n = sizeOf(data)
  if (!Number.isInteger(folds) || folds < 2 || folds > n)
    throw new CotangentError(
      'Value',
      `kFold: ${folds} folds of ${n} examples. Give a whole number from 2 to ${n}.`,
      {
        op: 'kFold',
      },
    )
  const order = Array.from(arranged('kFold', data, key, stratify))
  let from = 0
  return Array.from({ length: folds }, (_, fold) => {
    const to = from + Math.floor(n / folds) + (fold < n % folds ? 1 : 0)
    const held = order.slice(from, to)
    const kept = [...order.slice(0, from), ...order.slice(to)]
    from = to
    return { train: rows(data, kept), validation: rows(data, held) }
  })
}
