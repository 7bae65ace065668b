import { CotangentError } from '@cotangent/core'
import { nearest } from '../data/csv/error.js'

/** What the command is told, by its arguments or by a JSON file with the same names. */
export interface Config {
  readonly csv: string
  readonly target?: string
  readonly task: 'auto' | 'regression' | 'classification'
  readonly ignore: readonly string[]
  readonly categorical: readonly string[]
  readonly missing: 'error' | 'mean' | 'median'
  /** Units of the hidden layers; none for a linear model. */
  readonly hidden: readonly number[]
  readonly penalty: 'none' | 'l1' | 'l2'
  /** Strengths to choose from; one is taken as it is. Default: a grid. */
  readonly lambdas?: readonly number[]
  readonly folds: number
  readonly rule: 'min' | '1se'
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly patience: number
  /** The share held back for the test. */
  readonly test: number
  readonly seed: number
  readonly out: string
}

export const DEFAULTS: Omit<Config, 'csv'> = {
  task: 'auto',
  ignore: [],
  categorical: [],
  missing: 'error',
  hidden: [],
  penalty: 'l2',
  folds: 5,
  rule: 'min',
  epochs: 100,
  batchSize: 32,
  learningRate: 0.01,
  patience: 10,
  test: 0.2,
  seed: 0,
  out: 'cotangent-run',
}

const bad = (text: string): never => {
  throw new CotangentError('Value', text, { op: 'train run' })
}

type Check = (value: unknown) => string | undefined
const isText: Check = (v) => (typeof v === 'string' && v !== '' ? undefined : 'a text')
const among =
  (...values: readonly string[]): Check =>
  (v) =>
    values.includes(v as string) ? undefined : `one of ${values.join(', ')}`
const number =
  (low: number, high = Number.POSITIVE_INFINITY, whole = false): Check =>
  (v) =>
    typeof v === 'number' && v >= low && v <= high && (!whole || Number.isInteger(v))
      ? undefined
      : `a ${whole ? 'whole ' : ''}number from ${low}${high === Number.POSITIVE_INFINITY ? ' on' : ` to ${high}`}`
const list =
  (each: Check, what: string): Check =>
  (v) =>
    Array.isArray(v) && v.every((x) => each(x) === undefined) ? undefined : `a list of ${what}`

/** What each setting may be; a setting without a row does not compile. */
const CHECKS: Readonly<Record<keyof Config, Check>> = {
  csv: isText,
  target: isText,
  task: among('auto', 'regression', 'classification'),
  ignore: list(isText, 'column names'),
  categorical: list(isText, 'column names'),
  missing: among('error', 'mean', 'median'),
  hidden: list(number(1, 1e5, true), 'positive whole numbers'),
  penalty: among('none', 'l1', 'l2'),
  lambdas: list(number(0), 'numbers of at least 0'),
  folds: number(2, 100, true),
  rule: among('min', '1se'),
  epochs: number(1, 1e6, true),
  batchSize: number(1, 1e6, true),
  learningRate: number(1e-12),
  patience: number(1, 1e6, true),
  test: number(0, 0.9),
  seed: number(0, Number.MAX_SAFE_INTEGER, true),
  out: isText,
}

/** Checks settings and fills in the defaults; `where` names their source in messages. */
export const configOf = (settings: Readonly<Record<string, unknown>>, where: string): Config => {
  for (const [name, value] of Object.entries(settings)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof Config] : undefined
    if (check === undefined) {
      const near = nearest(name, Object.keys(CHECKS))
      bad(
        `${where}: there is no setting ${JSON.stringify(name)}.${near === undefined ? '' : ` Did you mean ${JSON.stringify(near)}?`} There are: ${Object.keys(CHECKS).join(', ')}.`,
      )
    }
    const expected = check?.(value)
    if (expected !== undefined) bad(`${where}: ${name} is ${JSON.stringify(value)}. Give ${expected}.`)
  }
  if (settings.csv === undefined) bad(`${where}: csv is missing: the path of the data.`)
  return { ...DEFAULTS, ...settings } as Config
}
