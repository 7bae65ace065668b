import { refuse } from './error.js'

/** What JSON can say. Objects are maps: no key of a file can reach a prototype. */
export type Json = null | boolean | number | string | readonly Json[] | ReadonlyMap<string, Json>

/** Nesting beyond this is refused, so that no file can exhaust the stack. */
export const MAX_DEPTH = 128

const SPACE = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const WORDS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const

/**
 * Parses JSON (RFC 8259), but refuses duplicate keys, which `JSON.parse` would silently drop, and deep
 * nesting. Time and memory are linear in the text.
 */
export const parseJson = (text: string): Json => {
  let at = 0
  const wrong = (what: string): never =>
    refuse({ kind: 'InvalidJson', at, message: `invalid JSON at character ${at}: ${what}.` })
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    at += found?.length ?? 0
    return found
  }
  const skip = (): void => {
    match(SPACE)
  }
  const eat = (c: string): boolean => {
    skip()
    if (text[at] !== c) return false
    at++
    return true
  }

  const string = (): string => {
    if (!eat('"')) wrong('expected a string')
    const start = at - 1
    let escaped = false
    for (; at < text.length && text[at] !== '"'; at++) {
      if (text.charCodeAt(at) < 0x20) wrong('a control character in a string')
      if (text[at] === '\\') {
        escaped = true
        at++
      }
    }
    if (at >= text.length) wrong('a string does not end')
    at++
    if (!escaped) return text.slice(start + 1, at - 1)
    try {
      return JSON.parse(text.slice(start, at)) as string
    } catch {
      return wrong('an unknown escape in a string')
    }
  }

  const items = (close: string, item: () => void): void => {
    if (eat(close)) return
    do item()
    while (eat(','))
    if (!eat(close)) wrong(`expected , or ${close}`)
  }

  const value = (depth: number): Json => {
    if (depth > MAX_DEPTH)
      return refuse({ kind: 'TooDeep', message: `JSON is nested deeper than ${MAX_DEPTH}.` })
    if (eat('{')) {
      const map = new Map<string, Json>()
      items('}', () => {
        const key = string()
        if (map.has(key))
          refuse({ kind: 'DuplicateKey', key, message: `the key ${JSON.stringify(key)} stands twice.` })
        if (!eat(':')) wrong('expected :')
        map.set(key, value(depth + 1))
      })
      return map
    }
    if (eat('[')) {
      const list: Json[] = []
      items(']', () => {
        list.push(value(depth + 1))
      })
      return list
    }
    if (text[at] === '"') return string()
    for (const [word, meaning] of WORDS)
      if (text.startsWith(word, at)) {
        at += word.length
        return meaning
      }
    const number = match(NUMBER) || wrong('expected a value')
    // Counts are the only numbers that a file means; 1e9 and 1.0 are none, as for the reference implementation.
    return /^[0-9]+$/.test(number) ? Number(number) : Number.NaN
  }

  const result = value(0)
  skip()
  if (at < text.length) wrong('text after the end')
  return result
}
