import { readTable, type Table, unitColumns } from '../read.js'

/** 569 tumours: thirty measurements of cell nuclei, and whether they are benign. */
export interface BreastCancer {
  readonly names: readonly string[]
  readonly raw: readonly (readonly number[])[]
  /** Each column with mean 0 and standard deviation 1 (of the 569, not of 568). */
  readonly X: readonly (readonly number[])[]
  /** 1 where benign, 0 where malignant. */
  readonly y: readonly number[]
}

const SHA256 = '841ebc1d5d5822e02a772a093458239ec3704685cdb3dc7f9f74c537ce0c6a33'

/** Loads the data set from the file beside this module. */
export const loadBreastCancer = (): BreastCancer => {
  const { names, rows }: Table = readTable(
    'breast-cancer.csv',
    new URL('./breast-cancer.csv', import.meta.url),
    SHA256,
  )
  const raw = rows.map((row) => row.slice(0, -1))
  const scale = Math.sqrt(rows.length)
  return {
    names: names.slice(0, -1),
    raw,
    X: unitColumns(raw).map((row) => row.map((v) => v * scale)),
    y: rows.map((row) => row.at(-1)!),
  }
}
