import { CotangentError, random, type Tensor } from '@cotangent/core'
import type { Batch, Epochwise, Source } from '../batches.js'
import { encoder, headerOf } from './encode.js'
import { refuseCsv } from './error.js'
import type { CsvInput, CsvOptions } from './options.js'
import { type CsvRecord, records } from './records.js'

/** Options of {@link streamCsv}. */
export interface CsvStreamOptions extends CsvOptions {
  /** Default 32. */
  readonly size?: number
  /** Rows held to draw from at random; 0 keeps the order of the file. Default 0. */
  readonly shuffleBuffer?: number
  /** Classes by name: a stream does not know which will come. */
  readonly classes?: readonly string[]
  readonly categorical?: Readonly<Record<string, readonly string[]>>
}

/** Draws each row at random from a reservoir of the next ones. */
async function* mixed(rows: AsyncIterable<CsvRecord>, size: number, key: Tensor): AsyncGenerator<CsvRecord> {
  const held: CsvRecord[] = []
  let draws: ArrayLike<number> = []
  let at = 0
  const draw = (n: number): number => {
    if (at % 1024 === 0) draws = random.uniform(random.foldIn(key, at), [1024]).toTypedArray()
    return Math.floor(draws[at++ % 1024]! * n)
  }
  for await (const row of rows) {
    if (held.length < size) held.push(row)
    else {
      const i = draw(size)
      yield held[i]!
      held[i] = row
    }
  }
  while (held.length > 0) {
    const i = draw(held.length)
    yield held[i]!
    held[i] = held.at(-1)!
    held.pop()
  }
}

/**
 * The batches of a CSV file that need not fit in memory: it is read anew in each epoch, and no more of it is held than a
 * batch and the shuffle buffer. `open` makes the input of an epoch; a path can be read again as it is.
 *
 * @example
 * const source = dataset.streamCsv('a,b\n1,2\n3,4\n5,6\n', { size: 2 })
 * const sizes: number[] = []
 * for await (const { x } of source.batches({ epoch: 1, key: random.key(0) })) sizes.push(x.shape[0]!)
 * sizes // => [2, 1]
 */
export const streamCsv = (
  open: string | URL | Uint8Array | (() => CsvInput),
  { size = 32, shuffleBuffer = 0, ...options }: CsvStreamOptions = {},
): Source => {
  if (!Number.isInteger(size) || size < 1)
    throw new CotangentError('Value', `streamCsv: the batch size is ${size}. Give a positive integer.`, {
      op: 'streamCsv',
    })
  async function* batches({ key }: Epochwise): AsyncGenerator<Batch> {
    const input = typeof open === 'function' ? open() : open
    const all = records(input, options)
    const first = await all.next()
    if (first.done) return refuseCsv('the file is empty. It needs a line of column names and a line of data.')
    const names = headerOf(first.value, options)
    const fresh = () => encoder(names, options)
    let rows = fresh()
    if (options.header === false) rows.add(first.value)
    let total = rows.rows
    for await (const row of shuffleBuffer > 0 ? mixed(all, shuffleBuffer, key) : all) {
      rows.add(row)
      total++
      if (rows.rows === size) {
        yield rows.take()
        rows = fresh()
      }
    }
    if (total === 0) refuseCsv('the file has column names and no data.')
    if (rows.rows > 0) yield rows.take()
  }
  return { batches }
}
