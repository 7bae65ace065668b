import type { Readable } from 'node:stream'
import { refuseCsv } from './error.js'
import type { CsvInput, CsvOptions } from './options.js'

/** One line of a table: its cells, and where it ended in the file. */
export interface CsvRecord {
  readonly cells: readonly string[]
  readonly line: number
}

const pieces = async (input: CsvInput): Promise<Readable> => {
  const { Readable } = await import('node:stream')
  if (input instanceof Uint8Array) return Readable.from([input])
  if (typeof input === 'string' && /[\r\n]/.test(input)) return Readable.from([input])
  if (typeof input !== 'string' && !(input instanceof URL)) return Readable.from(input)
  const { createReadStream } = await import('node:fs')
  return createReadStream(input)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What the parser or the file system had to say, in our words. */
const explain = (error: unknown, input: CsvInput): never => {
  const { code } = error as { readonly code?: string }
  if (code === 'ENOENT')
    refuseCsv(`there is no file ${String(input)}. Give a path, or the text itself with its line breaks.`)
  if (code === 'EISDIR') refuseCsv(`${String(input)} is a folder. Give the path of a file.`)
  if (code?.startsWith('CSV_')) refuseCsv(`the text is not CSV: ${messageOf(error)}.`)
  throw error
}

/** The records of a file, one after another: no more of it is in memory than the parser's buffer. */
export async function* records(
  input: CsvInput,
  { delimiter = ',' }: Pick<CsvOptions, 'delimiter'>,
): AsyncGenerator<CsvRecord> {
  const { parse } = await import('csv-parse')
  const source = await pieces(input)
  const parser = parse({
    bom: true,
    delimiter,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    // Its types know records of text only; what this returns is what arrives.
    on_record: (cells: string[], { lines }) => ({ cells, line: lines }) as unknown as string[],
  })
  source.once('error', (error) => parser.destroy(error))
  source.pipe(parser)
  try {
    for await (const record of parser) yield record as CsvRecord
  } catch (error) {
    explain(error, input)
  } finally {
    source.destroy()
    parser.destroy()
  }
}
