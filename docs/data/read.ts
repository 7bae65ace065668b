import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A table of numbers: names of columns and rows. */
export interface Table {
  readonly names: readonly string[]
  readonly rows: readonly (readonly number[])[]
}

/** Reads a table from the text of a CSV file; throws where it is not the one that the script beside it writes. */
export const decodeTable = (name: string, bytes: Uint8Array, sha256: string): Table => {
  const checksum = createHash('sha256').update(bytes).digest('hex')
  if (checksum !== sha256)
    throw new Error(`${name} has sha256 ${checksum}, expected ${sha256}: restore it or run make.py`)
  const [head, ...lines] = new TextDecoder().decode(bytes).trimEnd().split('\n')
  return { names: head!.split(','), rows: lines.map((line) => line.split(',').map(Number)) }
}

export const readTable = (name: string, url: URL, sha256: string): Table =>
  decodeTable(name, new Uint8Array(readFileSync(url)), sha256)

/** Columns moved to mean 0 and scaled to length 1, the scaling of the LARS paper; times √n, standard deviation 1. */
export const unitColumns = (rows: readonly (readonly number[])[]): number[][] => {
  const [n, p] = [rows.length, rows[0]!.length]
  const columns = Array.from({ length: p }, (_, j) => {
    const mean = rows.reduce((sum, row) => sum + row[j]!, 0) / n
    const centred = rows.map((row) => row[j]! - mean)
    // Once more: the mean of what is left is the rounding of the first.
    const rest = centred.reduce((sum, v) => sum + v, 0) / n
    const exact = centred.map((v) => v - rest)
    const length = Math.sqrt(exact.reduce((sum, v) => sum + v * v, 0))
    return exact.map((v) => v / length)
  })
  return rows.map((_, i) => columns.map((column) => column[i]!))
}
