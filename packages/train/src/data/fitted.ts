import { CotangentError, type Tensor } from '@cotangent/core'
import { allocate, dataOf, fromData } from '@cotangent/core/internal'
import { checkDataset, type Dataset } from './dataset.js'

/** A map of the columns of `x` that was fitted on one dataset and may be applied to others. */
export interface Fitted {
  /** What it came to, applied to the datasets that were given: the first is the one it was fitted on. */
  readonly data: readonly Dataset[]
  apply(data: Dataset): Dataset
}

/** Columns moved to mean 0 and scaled to standard deviation 1. */
export interface Standardized extends Fitted {
  readonly mean: readonly number[]
  readonly std: readonly number[]
  /** Back to the units of the data. */
  invert(data: Dataset): Dataset
}

/** Columns whose missing values are filled in. */
export interface Imputed extends Fitted {
  readonly fill: readonly number[]
}

/** Options of {@link impute}. */
export interface ImputeOptions {
  /** What fills the gaps of a column. Default `mean`. */
  readonly with?: 'mean' | 'median' | number
  /** Adds a column of 0 and 1 for each column that had gaps when fitted: 1 where a value was missing. Default false. */
  readonly indicators?: boolean
}

const widthOf = (op: string, x: Tensor): number => {
  if (x.rank < 2)
    throw new CotangentError(
      'Shape',
      `${op}: x has shape [${x.shape.join(', ')}]. Give [examples, features].`,
      {
        op,
        shapes: [x.shape],
      },
    )
  return x.shape.slice(1).reduce((a, b) => a * b, 1)
}

const sameWidth = (op: string, x: Tensor, width: number): void => {
  if (widthOf(op, x) !== width)
    throw new CotangentError(
      'Shape',
      `${op}: fitted on ${width} features, applied to ${widthOf(op, x)}. Give the same columns.`,
      { op, shapes: [x.shape] },
    )
}

const floatOf = (x: Tensor) => (x.dtype === 'float64' ? 'float64' : 'float32')

/** x with each entry mapped; `f` is told the column. Integers become float32. */
const mapColumns = (data: Dataset, width: number, f: (value: number, column: number) => number): Dataset => {
  const from = dataOf(data.x)
  const dtype = floatOf(data.x)
  const out = allocate(dtype, from.length)
  for (let i = 0; i < from.length; i++) out[i] = f(from[i]!, i % width)
  return { ...data, x: fromData(out, data.x.shape, dtype) }
}

/**
 * Standardises every column of `x` with the mean and the (population) standard deviation of the first dataset alone, so
 * that nothing of the others leaks into the training. A constant column is only moved. Missing values (NaN) are left out
 * of the statistics and stay.
 *
 * @example
 * const train = dataset.fromArrays([[0], [2]], [0, 1])
 * const test = dataset.fromArrays([[4]], [1])
 * const { data, mean, std } = dataset.standardize(train, test)
 * data.map((part) => part.x.toArray()) // => [[[-1], [1]], [[3]]]
 * [mean, std] // => [[1], [1]]
 */
export const standardize = (train: Dataset, ...others: readonly Dataset[]): Standardized => {
  checkDataset('standardize', train)
  const width = widthOf('standardize', train.x)
  const from = dataOf(train.x)
  const [count, mean, squares] = [new Float64Array(width), new Float64Array(width), new Float64Array(width)]
  // Welford's updates: no cancellation for columns far from 0.
  for (let i = 0; i < from.length; i++) {
    const [value, k] = [from[i]!, i % width]
    if (Number.isNaN(value)) continue
    const delta = value - mean[k]!
    mean[k]! += delta / ++count[k]!
    squares[k]! += delta * (value - mean[k]!)
  }
  const std = squares.map((s, k) => (s > 0 ? Math.sqrt(s / count[k]!) : 1))
  const apply = (data: Dataset): Dataset => {
    sameWidth('standardize', data.x, width)
    return mapColumns(data, width, (value, k) => (value - mean[k]!) / std[k]!)
  }
  const invert = (data: Dataset): Dataset => {
    sameWidth('standardize', data.x, width)
    return mapColumns(data, width, (value, k) => value * std[k]! + mean[k]!)
  }
  return { data: [train, ...others].map(apply), mean: [...mean], std: [...std], apply, invert }
}

const medianOf = (sorted: Float64Array): number => {
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/**
 * Fills missing values (NaN) in `x` with a statistic of the first dataset alone.
 *
 * @throws CotangentError of kind `Value` for a column without any value.
 * @example
 * const train = dataset.fromArrays([[1], [NaN], [3]], [0, 0, 0])
 * dataset.impute(train).data[0]!.x // => [[1], [2], [3]]
 * dataset.impute(train, [], { with: 0, indicators: true }).data[0]!.x // => [[1, 0], [0, 1], [3, 0]]
 */
export const impute = (
  train: Dataset,
  others: readonly Dataset[] = [],
  { with: how = 'mean', indicators = false }: ImputeOptions = {},
): Imputed => {
  checkDataset('impute', train)
  const width = widthOf('impute', train.x)
  const from = dataOf(train.x)
  const columns = Array.from({ length: width }, (_, k) =>
    Float64Array.from({ length: from.length / width }, (_, i) => from[i * width + k]!),
  )
  const fill = columns.map((column, k) => {
    if (typeof how === 'number') return how
    const known = column.filter((v) => !Number.isNaN(v)).sort()
    if (known.length === 0) {
      const name = train.names?.features[k] ?? `${k}`
      throw new CotangentError('Value', `impute: column ${name} has no value at all. Leave it out.`, {
        op: 'impute',
      })
    }
    return how === 'mean' ? known.reduce((a, b) => a + b, 0) / known.length : medianOf(known)
  })
  const gaps = columns.flatMap((column, k) => (column.some(Number.isNaN) ? [k] : []))
  const apply = (data: Dataset): Dataset => {
    sameWidth('impute', data.x, width)
    const filled = mapColumns(data, width, (value, k) => (Number.isNaN(value) ? fill[k]! : value))
    return indicators ? withIndicators(data, filled, gaps, width) : filled
  }
  return { data: [train, ...others].map(apply), fill, apply }
}

const withIndicators = (data: Dataset, filled: Dataset, gaps: readonly number[], width: number): Dataset => {
  const [before, values] = [dataOf(data.x), dataOf(filled.x)]
  const [n, wide] = [before.length / width, width + gaps.length]
  const out = allocate(filled.x.dtype, n * wide)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < width; k++) out[i * wide + k] = values[i * width + k]!
    gaps.forEach((gap, k) => {
      out[i * wide + width + k] = Number.isNaN(before[i * width + gap]!) ? 1 : 0
    })
  }
  const { names } = data
  return {
    ...filled,
    x: fromData(out, [n, wide], filled.x.dtype),
    ...(names && {
      names: { ...names, features: [...names.features, ...gaps.map((k) => `${names.features[k]} missing`)] },
    }),
  }
}
