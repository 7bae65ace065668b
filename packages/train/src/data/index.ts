export {
  type Batch,
  type BatchOptions,
  batches,
  type Data,
  type DatasetSource,
  type Epochwise,
  type Source,
  stream,
} from './batches.js'
export { fromCsv, fromCsvTask } from './csv/fromCsv.js'
export type { CsvInput, CsvOptions } from './csv/options.js'
export { type CsvStreamOptions, streamCsv } from './csv/streamCsv.js'
export { type ArrayLike, type ColumnNames, type Dataset, fromArrays, rows } from './dataset.js'
export {
  type Fitted,
  type Imputed,
  type ImputeOptions,
  impute,
  type Standardized,
  standardize,
} from './fitted.js'
export { type Fold, type FoldOptions, kFold, type Split, type SplitOptions, shuffle, split } from './split.js'
