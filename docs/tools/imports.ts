import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One imported name. `imported` is `default`, `*` or the exported name; an empty `local` is a side effect only. */
export interface Binding {
  readonly local: string
  readonly imported: string
  readonly from: string
  readonly typeOnly: boolean
}

/** A place that a doc comment may take names from. */
export interface Source {
  readonly specifier: string
  readonly exports: ReadonlyMap<string, 'value' | 'type'>
}

const list = (names: string): string[] =>
  names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

/** The bindings of one import declaration. */
export const parseImport = (code: string): Binding[] => {
  const match =
    /^import\s+(type\s+)?(?:(?:([\w$]+)\s*,?\s*)?(?:\{([^}]*)\}|\*\s+as\s+([\w$]+))?\s*from\s*)?['"]([^'"]+)['"]/.exec(
      code.replace(/\s+/g, ' ').trim(),
    )
  if (match === null) throw new Error(`this import cannot be read: ${code}`)
  const [, type, fallback, named, namespace, from = ''] = match
  const typeOnly = type !== undefined
  const bindings: Binding[] = list(named ?? '').map((entry) => {
    const [imported = '', local = imported] = entry.replace(/^type /, '').split(/\s+as\s+/)
    return { local, imported, from, typeOnly: typeOnly || entry.startsWith('type ') }
  })
  if (fallback !== undefined) bindings.push({ local: fallback, imported: 'default', from, typeOnly })
  if (namespace !== undefined) bindings.push({ local: namespace, imported: '*', from, typeOnly })
  return bindings.length > 0 ? bindings : [{ local: '', imported: '', from, typeOnly }]
}

export const printImport = ({ local, imported, from, typeOnly }: Binding): string => {
  const source = JSON.stringify(from)
  if (local === '') return `import ${source}`
  const type = typeOnly ? 'type ' : ''
  if (imported === '*') return `import ${type}* as ${local} from ${source}`
  return `import ${type}{ ${imported === local ? local : `${imported} as ${local}`} } from ${source}`
}

/** What a TypeScript module exports, re-exports included. */
export const exportsOf = (file: string, seen = new Set<string>()): Map<string, 'value' | 'type'> => {
  const names = new Map<string, 'value' | 'type'>()
  if (seen.has(file) || !existsSync(file)) return names
  seen.add(file)
  const source = readFileSync(file, 'utf8')
  const add = (name: string | undefined, kind: 'value' | 'type'): void => {
    if (name !== undefined && names.get(name) !== 'value') names.set(name, kind)
  }
  const values =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|enum|namespace) ([\w$]+)/gm
  for (const [, name] of source.matchAll(values)) add(name, 'value')
  for (const [, name] of source.matchAll(/^export (?:declare )?(?:type|interface) ([\w$]+)/gm))
    add(name, 'type')
  for (const [, names] of source.matchAll(/^export const \{([^}]*)\}/gm))
    for (const entry of list(names ?? '')) add(entry.split(':').at(-1)?.trim(), 'value')
  for (const [, name] of source.matchAll(/^export \* as ([\w$]+) from/gm)) add(name, 'value')
  for (const [, type, entries] of source.matchAll(/^export (type )?\{([^}]*)\}/gm))
    for (const entry of list(entries ?? ''))
      add(
        entry
          .replace(/^type /, '')
          .split(/\s+as\s+/)
          .at(-1),
        type !== undefined || entry.startsWith('type ') ? 'type' : 'value',
      )
  for (const [, from = ''] of source.matchAll(/^export \* from '(\.[^']+)'/gm))
    for (const [name, kind] of exportsOf(join(dirname(file), from.replace(/\.js$/, '.ts')), seen))
      add(name, kind)
  return names
}

/** The names in `code` that are not bound yet, taken from the first source that exports them. */
export const missingImports = (
  code: string,
  bound: ReadonlySet<string>,
  sources: readonly Source[],
): Binding[] =>
  [...new Set(code.match(/(?<![\w$])[A-Za-z_$][\w$]*/g))].flatMap((name) => {
    const source = bound.has(name) ? undefined : sources.find(({ exports }) => exports.has(name))
    if (source === undefined) return []
    const typeOnly = source.exports.get(name) === 'type'
    return [{ local: name, imported: name, from: source.specifier, typeOnly }]
  })
