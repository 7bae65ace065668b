import { inspect, isDeepStrictEqual } from 'node:util'

const TOLERANCE = 1e-4

const isTensor = (value: unknown): value is { toArray(): unknown } =>
  typeof value === 'object' && value !== null && 'toArray' in value && typeof value.toArray === 'function'

/** Tensors become nested arrays and typed arrays become arrays, at any depth of plain data. */
const plain = (value: unknown): unknown => {
  if (isTensor(value)) return plain(value.toArray())
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as Iterable<unknown>)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
  return Object.fromEntries(entries.map(([key, entry]) => [key, plain(entry)]))
}

const close = (actual: number, expected: number): boolean =>
  actual === expected ||
  (Number.isNaN(actual) && Number.isNaN(expected)) ||
  (Number.isFinite(expected) && Math.abs(actual - expected) <= TOLERANCE * Math.max(1, Math.abs(expected)))

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

const same = (actual: unknown, expected: unknown): boolean => {
  if (typeof actual === 'number' && typeof expected === 'number') return close(actual, expected)
  if (Array.isArray(actual) && Array.isArray(expected))
    return actual.length === expected.length && actual.every((entry, i) => same(entry, expected[i]))
  if (isRecord(actual) && isRecord(expected)) {
    const keys = Object.keys(expected)
    return (
      Object.keys(actual).length === keys.length &&
      keys.every((key) => Object.hasOwn(actual, key) && same(actual[key], expected[key]))
    )
  }
  return isDeepStrictEqual(actual, expected)
}

const show = (value: unknown): string => inspect(value, { depth: 8, breakLength: 100 })

/** Fails unless `actual` is `expected`, numbers to within 1e-4 (relative above 1, absolute below). */
export const equal = (actual: unknown, expected: unknown, at: string): void => {
  if (actual instanceof Promise) throw new Error(`${at}: the value is a promise, await it`)
  const [left, right] = [plain(actual), plain(expected)]
  if (!same(left, right)) throw new Error(`${at}: expected ${show(right)}, got ${show(left)}`)
}

/** Fails unless `run` throws an error whose text, name included, matches `pattern`. */
export const throws = async (run: () => unknown, pattern: RegExp, at: string): Promise<void> => {
  let text: string
  try {
    await run()
  } catch (error) {
    text = String(error)
    if (!pattern.test(text)) throw new Error(`${at}: expected an error matching ${pattern}, got ${text}`)
    return
  }
  throw new Error(`${at}: expected an error matching ${pattern}, nothing was thrown`)
}
