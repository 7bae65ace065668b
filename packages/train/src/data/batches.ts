import { CotangentError, random, Tensor } from '@cotangent/core'
import { checkDataset, type Dataset, gather, sizeOf } from './dataset.js'
import { orderOf } from './split.js'

/** Some examples: one step is taken on them. */
export interface Batch {
  readonly x: Tensor
  readonly y: Tensor
  readonly [field: string]: Tensor
}

/** Which batches are asked for. */
export interface Epochwise {
  /** The number of the epoch, from 1. */
  readonly epoch: number
  /** What shuffling may depend on; another one in each epoch. */
  readonly key: Tensor
}

/** Where batches come from. The same request gives the same batches, which is what makes a run resumable. */
export interface Source {
  batches(at: Epochwise): Iterable<Batch> | AsyncIterable<Batch>
  /** How many batches an epoch has, where that is known. */
  readonly steps?: number
  /** The same batches as rows of data in memory, where they are that. */
  picks?(at: Epochwise): Iterable<Picked>
}

/** A batch as the numbers of its rows in data that stays where it is: the compiled step takes them itself. */
export interface Picked {
  readonly whole: Batch
  /** Undefined for all of them. */
  readonly rows: Int32Array | undefined
}

/** Batches of a dataset in memory. */
export interface DatasetSource extends Source {
  batches(at: Epochwise): Iterable<Batch>
  /** The same batches, not copied yet. */
  picks(at: Epochwise): Iterable<Picked>
  readonly steps: number
}

/** Options of {@link batches}. */
export interface BatchOptions {
  /** Examples in a batch: 1 for stochastic gradient descent, `'all'` for gradient descent. Default 32. */
  readonly size?: number | 'all'
  /** Whether each epoch has another order. Default true. */
  readonly shuffle?: boolean
  /** What becomes of a last, smaller batch. Default `keep`. */
  readonly remainder?: 'keep' | 'drop'
}

const checkSize = (op: string, size: number | 'all', n: number): number => {
  if (size === 'all') return n
  if (Number.isInteger(size) && size >= 1) return Math.min(size, n)
  throw new CotangentError('Value', `${op}: the batch size is ${size}. Give a positive integer or 'all'.`, {
    op,
  })
}

/**
 * A dataset as batches: in another order each epoch, which the key of the epoch decides. One example, some or all: SGD,
 * mini-batches and gradient descent differ by the size alone.
 *
 * @example
 * const source = dataset.batches(dataset.fromArrays([[1], [2], [3]], [1, 2, 3]), { size: 2, shuffle: false })
 * source.steps // => 2
 * [...source.batches({ epoch: 1, key: random.key(0) })].map((batch) => batch.y.toArray()) // => [[1, 2], [3]]
 */
export const batches = (
  data: Dataset,
  { size = 32, shuffle = true, remainder = 'keep' }: BatchOptions = {},
): DatasetSource => {
  checkDataset('batches', data)
  const n = sizeOf(data)
  const width = checkSize('batches', size, n)
  const steps = remainder === 'keep' ? Math.ceil(n / width) : Math.floor(n / width)
  const whole = { x: data.x, y: data.y }
  function* picks({ key }: Epochwise): Generator<Picked, void> {
    const order = shuffle && width < n ? orderOf(key, n) : undefined
    for (let i = 0; i < steps; i++) {
      const [from, to] = [i * width, Math.min((i + 1) * width, n)]
      if (from === 0 && to === n && order === undefined) yield { whole, rows: undefined }
      else {
        const rows = order?.subarray(from, to) ?? Int32Array.from({ length: to - from }, (_, k) => from + k)
        yield { whole, rows }
      }
    }
  }
  return {
    steps,
    picks,
    *batches(at) {
      for (const picked of picks(at)) yield copyOf(picked)
    },
  }
}

/** The batch itself. */
export const copyOf = ({ whole, rows }: Picked): Batch =>
  rows === undefined ? whole : { x: gather(whole.x, rows), y: gather(whole.y, rows) }

/**
 * Batches that something else makes, larger than memory or arriving over a network: one call for each epoch.
 *
 * @example
 * const source = dataset.stream(async function* ({ epoch }) {
 *   yield { x: tensor([[epoch]]), y: tensor([0]) }
 * })
 * const seen: unknown[] = []
 * for await (const batch of source.batches({ epoch: 3, key: random.key(0) })) seen.push(batch.x.toArray())
 * seen // => [[[3]]]
 */
export const stream = (
  make: (at: Epochwise) => Iterable<Batch> | AsyncIterable<Batch>,
  { steps }: { readonly steps?: number } = {},
): Source => ({ batches: make, ...(steps !== undefined && { steps }) })

/** What `fit` takes as data: examples in memory, batches of them, or a list of batches. */
export type Data = Dataset | Source | Iterable<Batch> | AsyncIterable<Batch>

const refuse = (op: string): never => {
  throw new CotangentError(
    'Value',
    `${op}: data is neither { x, y } nor batches. Give dataset.fromArrays(x, y), dataset.batches(...) or dataset.stream(...).`,
    { op },
  )
}

/** Any of the forms of data as a source. */
export const sourceOf = (op: string, data: Data, options: BatchOptions): Source => {
  if (typeof data !== 'object' || data === null) return refuse(op)
  if ('batches' in data) return data
  if ('x' in data && data.x instanceof Tensor) return batches(data, options)
  if (Array.isArray(data)) return { batches: () => data as readonly Batch[], steps: data.length }
  if (Symbol.asyncIterator in data || Symbol.iterator in data) return onlyOnce(op, data)
  return refuse(op)
}

// A generator is spent after one epoch; a second would silently see nothing.
const onlyOnce = (op: string, data: Iterable<Batch> | AsyncIterable<Batch>): Source => {
  let spent = false
  const own = data as { [Symbol.iterator]?: () => unknown; [Symbol.asyncIterator]?: () => unknown }
  const isSelf = (own[Symbol.asyncIterator] ?? own[Symbol.iterator])?.call(data) === data
  return {
    batches: () => {
      if (spent && isSelf)
        throw new CotangentError(
          'Value',
          `${op}: the data is a generator, which can be read once, and a second epoch needs it again. Give dataset.stream(() => generator()).`,
          { op },
        )
      spent = true
      return data
    },
  }
}

/** The key of an epoch's order, from the key of the run. */
export const epochKey = (key: Tensor, epoch: number): Tensor =>
  random.foldIn(random.foldIn(key, 0x0da7a), epoch)
