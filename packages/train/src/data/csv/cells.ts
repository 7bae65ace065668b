import { refuseCsv } from './error.js'
import { type CsvOptions, MISSING_TEXTS } from './options.js'

/** Where a cell is, for messages. */
export interface Place {
  readonly line: number
  readonly column: string
}

const where = ({ line, column }: Place): string => `line ${line}, column ${JSON.stringify(column)}`

/** Reads the cells of a table as its options say. */
export interface Cells {
  isMissing(text: string): boolean
  /** The number, or NaN where it is missing and that is allowed. */
  number(text: string, place: Place, hint: string): number
  /** A text that may not be missing. */
  text(text: string, place: Place): string
}

// What people mean by a number: not '0x10', not '', not 'Infinity'.
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

export const cellsOf = ({ missing = 'error', missingTexts = MISSING_TEXTS }: CsvOptions): Cells => {
  const gaps = new Set<string>(missingTexts)
  const gap = (text: string, place: Place): never =>
    refuseCsv(
      `${where(place)}: the value is missing (${JSON.stringify(text)}). Pass missing: 'nan' and fill it with dataset.impute, or leave the column out.`,
    )
  return {
    isMissing: (text) => gaps.has(text),
    number: (text, place, hint) => {
      if (gaps.has(text)) return missing === 'nan' ? Number.NaN : gap(text, place)
      if (NUMBER.test(text)) return Number(text)
      return refuseCsv(`${where(place)}: ${JSON.stringify(text)} is not a number. ${hint}`)
    },
    text: (text, place) => (gaps.has(text) ? gap(text, place) : text),
  }
}
