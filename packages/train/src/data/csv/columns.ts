import { nearest, refuseCsv } from './error.js'
import type { CsvOptions } from './options.js'

/** Which columns of a file are used, by position. */
export interface Columns {
  readonly names: readonly string[]
  readonly features: readonly number[]
  readonly target: readonly number[]
  /** Positions of the features that hold text, with the values that are known beforehand. */
  readonly categorical: ReadonlyMap<number, readonly string[] | undefined>
}

const position = (names: readonly string[], wanted: string | number, role: string): number => {
  if (typeof wanted === 'number') {
    const at = wanted < 0 ? names.length + wanted : wanted
    if (Number.isInteger(at) && at >= 0 && at < names.length) return at
    return refuseCsv(`${role} ${wanted}: the file has ${names.length} columns, numbered from 0.`)
  }
  const at = names.indexOf(wanted)
  if (at >= 0) return at
  const near = nearest(wanted, names)
  const shown = names.slice(0, 20).join(', ') + (names.length > 20 ? ', ...' : '')
  return refuseCsv(
    `there is no column ${JSON.stringify(wanted)} (${role}).${near === undefined ? '' : ` Did you mean ${JSON.stringify(near)}?`} The file has: ${shown}.`,
  )
}

const listOf = <T>(x: T | readonly T[]): readonly T[] => (Array.isArray(x) ? x : [x as T])

/** Finds the columns that the options name in the header. */
export const columnsOf = (names: readonly string[], options: CsvOptions): Columns => {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) refuseCsv(`two columns are called ${JSON.stringify(twice)}. Rename one.`)
  const at = (role: string) => (wanted: string | number) => position(names, wanted, role)
  const target = listOf(options.target ?? -1).map(at('target'))
  const ignored = new Set((options.ignore ?? []).map(at('ignore')))
  const features =
    options.features?.map(at('features')) ??
    names.map((_, i) => i).filter((i) => !target.includes(i) && !ignored.has(i))
  const both = features.find((i) => target.includes(i))
  if (both !== undefined)
    refuseCsv(
      `column ${JSON.stringify(names[both])} is a feature and the target. A model that sees the answer learns nothing.`,
    )
  if (features.length === 0)
    refuseCsv(`no column is left to predict from: the file has ${names.length}. Is the delimiter right?`)
  const { categorical = [] } = options
  const texts = Array.isArray(categorical)
    ? categorical.map((c: string | number) => [at('categorical')(c), undefined] as const)
    : Object.entries(categorical as Readonly<Record<string, readonly string[]>>).map(
        ([name, values]) => [at('categorical')(name), values] as const,
      )
  return { names, features, target, categorical: new Map(texts) }
}
