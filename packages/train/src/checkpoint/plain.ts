import { CotangentError, Tensor } from '@cotangent/core'
import type { Plain } from '../fit/state.js'

// Plain data as JSON with the tensors beside it. JSON has no undefined, no NaN, no infinities and no -0: they are marked.

const MARK = '$'

const isMarked = (x: object): x is { readonly [MARK]: unknown } => Object.hasOwn(x, MARK)

// Different places have different names, whatever the keys.
const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('.', '~1')

/** JSON for a value, and its tensors by the path at which they stand. */
export const split = (
  value: Plain,
): { readonly json: string; readonly tensors: Readonly<Record<string, Tensor>> } => {
  const tensors: Record<string, Tensor> = {}
  const visit = (x: Plain, path: string): unknown => {
    if (x instanceof Tensor) {
      tensors[path] = x
      return { [MARK]: 'tensor', at: path }
    }
    if (typeof x === 'number' && (!Number.isFinite(x) || Object.is(x, -0)))
      return { [MARK]: 'number', is: Object.is(x, -0) ? '-0' : String(x) }
    if (x === undefined) return { [MARK]: 'undefined' }
    if (typeof x !== 'object' || x === null) return x
    const below = (key: string) => (path === '' ? escaped(key) : `${path}.${escaped(key)}`)
    if (Array.isArray(x)) return x.map((item: Plain, i) => visit(item, below(String(i))))
    const prototype: unknown = Object.getPrototypeOf(x)
    if (prototype !== Object.prototype && prototype !== null)
      throw new CotangentError(
        'Tree',
        `checkpoint: ${path} is a ${x.constructor?.name ?? 'object'}. A state is plain data: records, arrays, tensors, numbers, texts.`,
        { op: 'checkpoint', path },
      )
    const record = Object.fromEntries(Object.entries(x).map(([k, v]) => [k, visit(v as Plain, below(k))]))
    return isMarked(record) ? { [MARK]: 'record', is: record } : record
  }
  return { json: JSON.stringify(visit(value, '')), tensors }
}

/** The inverse of {@link split}. */
export const join = (json: string, tensors: Readonly<Record<string, Tensor>>): Plain => {
  const visit = (x: unknown): Plain => {
    if (typeof x !== 'object' || x === null) return x as Plain
    if (Array.isArray(x)) return x.map(visit)
    const record = (y: object) => Object.fromEntries(Object.entries(y).map(([k, v]) => [k, visit(v)]))
    if (!isMarked(x)) return record(x)
    const {
      [MARK]: kind,
      at,
      is,
    } = x as { readonly [MARK]: unknown; readonly at?: string; readonly is?: unknown }
    if (kind === 'number') return is === '-0' ? -0 : Number(is)
    if (kind === 'undefined') return undefined
    if (kind === 'record') return record(is as object)
    const found = kind === 'tensor' && at !== undefined ? tensors[at] : undefined
    if (found === undefined) throw new SyntaxError(`the tensor ${at} is missing`)
    return found
  }
  return visit(JSON.parse(json))
}
