import { CotangentError, type Tensor, tensor } from '@cotangent/core'
import type { Batch } from '../batches.js'
import type { ColumnNames } from '../dataset.js'
import { cellsOf } from './cells.js'
import { type Columns, columnsOf } from './columns.js'
import { refuseCsv } from './error.js'
import { Codes, Growing, sorted } from './grow.js'
import type { CsvOptions } from './options.js'
import type { CsvRecord } from './records.js'

/** Turns records into numbers, row by row; what has to be known of the whole file is settled at the end. */
export interface Encoder {
  add(record: CsvRecord): void
  /** How many rows were added since the last {@link Encoder.take}. */
  readonly rows: number
  /** The rows as tensors, and a fresh start. */
  take(): Batch
  names(): ColumnNames
}

const NUMBERS = 'Name it in `categorical`, or in `ignore`.'
const CLASSES = 'Pass classes: true if the target is a class.'

/** The names of the columns: the first record, or their numbers where there is no header. */
export const headerOf = (first: CsvRecord, { header = true }: CsvOptions): readonly string[] =>
  header ? first.cells : first.cells.map((_, i) => String(i))

export const encoder = (names: readonly string[], options: CsvOptions): Encoder => {
  const columns: Columns = columnsOf(names, options)
  const { features, target, categorical } = columns
  const cells = cellsOf(options)
  const { classes = false, dtype = 'float32' } = options
  if (classes !== false && target.length !== 1)
    throw new CotangentError('Value', `fromCsv: classes with ${target.length} targets. Give one target.`, {
      op: 'fromCsv',
    })
  const codes = new Map([...categorical.keys()].map((i) => [i, new Codes()]))
  const labels = new Codes()
  let [x, y, rows] = [new Growing(), new Growing(), 0]

  const levels = (i: number): readonly string[] => categorical.get(i) ?? sorted(codes.get(i)!.texts)
  const classNames = (): readonly string[] => (Array.isArray(classes) ? classes : sorted(labels.texts))

  // Codes in the order of appearance become positions in the final list.
  const ranks = (seen: readonly string[], list: readonly string[], what: string): number[] =>
    seen.map((text) => {
      const rank = list.indexOf(text)
      return rank >= 0
        ? rank
        : refuseCsv(`${what}: ${JSON.stringify(text)} is not in the list ${list.join(', ')}.`)
    })

  const expand = (raw: Float64Array): Tensor => {
    const wide = features.map((i) => (categorical.has(i) ? levels(i) : undefined))
    const maps = features.map((i, k) =>
      wide[k] === undefined ? [] : ranks(codes.get(i)!.texts, wide[k], `column ${JSON.stringify(names[i])}`),
    )
    const width = wide.reduce((n, list) => n + (list?.length ?? 1), 0)
    const out = dtype === 'float64' ? new Float64Array(rows * width) : new Float32Array(rows * width)
    let at = 0
    for (let r = 0; r < rows; r++)
      for (let k = 0; k < features.length; k++) {
        const value = raw[r * features.length + k]!
        const list = wide[k]
        if (list === undefined) out[at++] = value
        else {
          out[at + maps[k]![value]!] = 1
          at += list.length
        }
      }
    return tensor(out, { shape: [rows, width] }) as Tensor
  }

  const answers = (raw: Float64Array): Tensor => {
    if (classes !== false) {
      const map = ranks(labels.texts, classNames(), `column ${JSON.stringify(names[target[0]!])}`)
      return tensor(Int32Array.from(raw, (code) => map[code]!)) as Tensor
    }
    const values = dtype === 'float64' ? Float64Array.from(raw) : Float32Array.from(raw)
    const shape: readonly number[] = target.length === 1 ? [rows] : [rows, target.length]
    return tensor(values, { shape }) as Tensor
  }

  return {
    add({ cells: row, line }) {
      if (row.length !== names.length)
        refuseCsv(
          `line ${line} has ${row.length} cells, and there are ${names.length} columns. Every line needs one cell for each; a text that holds the delimiter needs quotes.`,
        )
      for (const i of features) {
        const place = { line, column: names[i]! }
        const code = codes.get(i)
        x.push(
          code === undefined ? cells.number(row[i]!, place, NUMBERS) : code.of(cells.text(row[i]!, place)),
        )
      }
      for (const i of target) {
        const place = { line, column: names[i]! }
        y.push(
          classes !== false ? labels.of(cells.text(row[i]!, place)) : cells.number(row[i]!, place, CLASSES),
        )
      }
      rows++
    },
    get rows() {
      return rows
    },
    take() {
      const batch = { x: expand(x.values()), y: answers(y.values()) }
      x = new Growing()
      y = new Growing()
      rows = 0
      return batch
    },
    names: () => ({
      features: features.flatMap((i) =>
        categorical.has(i) ? levels(i).map((level) => `${names[i]}=${level}`) : [names[i]!],
      ),
      target: target.map((i) => names[i]!),
      ...(classes !== false && { classes: classNames() }),
    }),
  }
}
