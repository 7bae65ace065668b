import { CotangentError } from '@cotangent/core'
import { type TaskEither, tryCatch } from 'fp-ts/lib/TaskEither.js'
import type { Dataset } from '../dataset.js'
import { type Encoder, encoder, headerOf } from './encode.js'
import { refuseCsv } from './error.js'
import type { CsvInput, CsvOptions } from './options.js'
import { records } from './records.js'

/** Reads a whole file into an encoder. */
const readAll = async (input: CsvInput, options: CsvOptions): Promise<Encoder> => {
  let found: Encoder | undefined
  for await (const record of records(input, options)) {
    if (found === undefined) {
      found = encoder(headerOf(record, options), options)
      if (options.header ?? true) continue
    }
    found.add(record)
  }
  if (found === undefined)
    return refuseCsv('the file is empty. It needs a line of column names and a line of data.')
  if (found.rows === 0) refuseCsv('the file has column names and no data.')
  return found
}

/**
 * A dataset from a CSV file: `y` is the target, `x` the other columns. It is read as a stream, so that a large file
 * takes the room of its numbers and not of its text. Quoted cells, a byte order mark, both kinds of line breaks and
 * empty lines are understood (csv-parse).
 *
 * @throws CotangentError of kind `Format`, with the line and the column, for a missing or doubled column, a ragged line,
 * text where a number should be, a missing value and an empty file.
 * @example
 * const houses = await dataset.fromCsv('size,rooms,price\n50,2,100\n80,3,160\n', { target: 'price' })
 * houses.x // => [[50, 2], [80, 3]]
 * houses.names?.features // => ['size', 'rooms']
 * await dataset.fromCsv('size,price\n50,cheap\n') // throws /line 2, column "price": "cheap" is not a number/
 */
export const fromCsv = async (input: CsvInput, options: CsvOptions = {}): Promise<Dataset> => {
  const found = await readAll(input, options)
  const { x, y } = found.take()
  return { x, y, names: found.names() }
}

/**
 * {@link fromCsv} for pipelines: Left is the error.
 *
 * @example
 * const result = await dataset.fromCsvTask('a,b\n1\n')()
 * result._tag // => 'Left'
 */
export const fromCsvTask = (input: CsvInput, options: CsvOptions = {}): TaskEither<CotangentError, Dataset> =>
  tryCatch(
    () => fromCsv(input, options),
    (error) => {
      if (error instanceof CotangentError) return error
      throw error
    },
  )
