import { readTable, type Table, unitColumns } from '../read.js'

/** 442 patients: ten measurements at the start, and the progression of diabetes a year later. */
export interface Diabetes {
  /** age, sex, bmi, bp and six blood serum measurements s1 to s6. */
  readonly names: readonly string[]
  /** As measured. */
  readonly raw: readonly (readonly number[])[]
  /** Each column with mean 0 and length 1, as in the LARS paper and in scikit-learn. */
  readonly X: readonly (readonly number[])[]
  /** From 25 to 346, with mean 152.13. */
  readonly y: readonly number[]
}

const SHA256 = '9193026b7622ff944f0a6855a10107b24caf50dad69787c46e6890e69c27faca'

/** Loads the data set from the file beside this module. */
export const loadDiabetes = (): Diabetes => {
  const { names, rows }: Table = readTable('diabetes.csv', new URL('./diabetes.csv', import.meta.url), SHA256)
  const raw = rows.map((row) => row.slice(0, -1))
  return { names: names.slice(0, -1), raw, X: unitColumns(raw), y: rows.map((row) => row.at(-1)!) }
}
