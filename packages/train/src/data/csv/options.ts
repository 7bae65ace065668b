/** Where a CSV file comes from: a path, a file URL, the text itself (anything with a line break), bytes, or pieces. */
export type CsvInput =
  | string
  | URL
  | Uint8Array
  | AsyncIterable<string | Uint8Array>
  | Iterable<string | Uint8Array>

/** Options of {@link fromCsv}. */
export interface CsvOptions {
  /** The column, or columns, to predict: names, or positions from 0, from the end where negative. Default: the last. */
  readonly target?: string | number | readonly (string | number)[]
  /** The columns to predict from. Default: all others. */
  readonly features?: readonly (string | number)[]
  /** Columns to leave out of the features. */
  readonly ignore?: readonly (string | number)[]
  /**
   * The target holds classes, numbered in the order of their sorted names, or of the list. Default false: it holds
   * numbers.
   */
  readonly classes?: boolean | readonly string[]
  /**
   * Columns of text, one column of 0 and 1 for each value: those that occur, sorted, or those of the list.
   */
  readonly categorical?: readonly (string | number)[] | Readonly<Record<string, readonly string[]>>
  /** What a cell without a value is: an error, or NaN, to be filled with `dataset.impute`. Default `error`. */
  readonly missing?: 'error' | 'nan'
  /** How a missing value is written. Default: nothing, `NA`, `N/A`, `NaN`, `nan`, `null`, `?`. */
  readonly missingTexts?: readonly string[]
  /** Whether the first line holds the names of the columns. Default true. */
  readonly header?: boolean
  /** Default `,`. */
  readonly delimiter?: string
  /** Default `float32`. */
  readonly dtype?: 'float32' | 'float64'
}

export const MISSING_TEXTS = ['', 'NA', 'N/A', 'NaN', 'nan', 'null', '?'] as const
