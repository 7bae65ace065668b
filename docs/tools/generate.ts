import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { collectDocComments, collectMarkdown } from './collect.js'
import { emitModule } from './emit.js'
import { exportsOf, type Source } from './imports.js'

const walk = (root: string, folder: string, extension: string): string[] => {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules' && entry.name !== 'dist')
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) return walk(root, path, extension)
      return entry.name.endsWith(extension) ? [path] : []
    })
    .sort()
}

const toSpecifier = (from: string, to: string): string => {
  const path = relative(from, to).split(sep).join('/')
  return path.startsWith('.') ? path : `./${path}`
}

/** Writes one test module per document with examples under `.cache/examples`; returns their paths. */
export const writeExamples = (root: string): string[] => {
  const target = join(root, '.cache/examples')
  const modules = new Map<string, string>()
  const assertions = toSpecifier(target, join(root, 'docs/tools/assert.js'))
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const resolveFrom = (path: string) => (specifier: string) =>
    toSpecifier(target, join(root, dirname(path), specifier))
  const add = (path: string, text: string): void => {
    modules.set(join(target, `${path.replaceAll('/', '__')}.test.ts`), text)
  }

  for (const path of [
    ...(existsSync(join(root, 'README.md')) ? ['README.md'] : []),
    ...walk(root, 'docs', '.md'),
  ]) {
    const examples = collectMarkdown(path, read(path))
    if (examples.length > 0) add(path, emitModule(path, examples, { assertions, resolve: resolveFrom(path) }))
  }

  const entry = (name: string, file: string, specifier: string): Source => ({
    specifier,
    exports: exportsOf(join(root, 'packages', name, 'src', file)),
  })
  const core = [entry('core', 'index.ts', '@cotangent/core')]
  // The packages beside core that a package depends on.
  const siblings = new Map<string, readonly Source[]>()
  const siblingsOf = (name: string): readonly Source[] => {
    const known = siblings.get(name)
    if (known !== undefined) return known
    const manifest = `packages/${name}/package.json`
    const { dependencies = {} } = JSON.parse(existsSync(join(root, manifest)) ? read(manifest) : '{}') as {
      readonly dependencies?: Readonly<Record<string, string>>
    }
    const found = Object.keys(dependencies)
      .filter((specifier) => specifier.startsWith('@cotangent/') && specifier !== '@cotangent/core')
      .map((specifier) => entry(specifier.slice('@cotangent/'.length), 'index.ts', specifier))
    siblings.set(name, found)
    return found
  }
  for (const path of walk(root, 'packages', '.ts')) {
    const [, name = '', folder] = path.split('/')
    if (folder !== 'src') continue
    const examples = collectDocComments(path, read(path))
    if (examples.length === 0) continue
    const file = toSpecifier(target, join(root, path.replace(/\.ts$/, '.js')))
    const sources = [
      entry(name, 'index.ts', `@cotangent/${name}`),
      ...core,
      ...siblingsOf(name),
      entry(name, 'internal.ts', `@cotangent/${name}/internal`),
      { specifier: file, exports: exportsOf(join(root, path)) },
    ]
    add(path, emitModule(path, examples, { assertions, resolve: resolveFrom(path), sources }))
  }

  mkdirSync(target, { recursive: true })
  for (const name of readdirSync(target)) if (!modules.has(join(target, name))) rmSync(join(target, name))
  for (const [file, text] of modules)
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
  return [...modules.keys()]
}
