import type { Example } from './collect.js'
import { type Binding, missingImports, parseImport, printImport, type Source } from './imports.js'
import { scanLines, statements } from './scan.js'

const isAssertion = (comment: string): boolean => comment.startsWith('=>') || /^throws\b/.test(comment)

interface Body {
  readonly lines: readonly string[]
  readonly bindings: readonly Binding[]
}

/** The text behind `=>`; it may run on over comment lines until its brackets close. */
const assertionText = (comment: string, following: readonly (string | undefined)[]): string => {
  let text = comment
  for (const more of following) {
    if (more === undefined || isAssertion(more) || scanLines([text.replace(/^=>/, '')])[0]?.depth === 0) break
    text += ` ${more}`
  }
  return text
}

/** Turns the assertions of an example into calls, leaving every statement on its line, and takes out its imports. */
const emitBody = (path: string, example: Example): Body => {
  const scanned = scanLines(example.lines)
  const lines = scanned.map((line) => line.code)
  const bindings: Binding[] = []
  const used = new Set<number>()
  for (const { first, last } of statements(scanned, isAssertion)) {
    if (/^\s*import\b(?!\s*[(.])/.test(lines[first] ?? '')) {
      bindings.push(...parseImport(lines.slice(first, last + 1).join(' ')))
      lines.fill('', first, last + 1)
      continue
    }
    const behind = scanned[last + 1]
    const onLastLine = scanned[last]?.comment
    const own = onLastLine !== undefined && isAssertion(onLastLine)
    const at = own ? last : last + 1
    const comment = own ? onLastLine : behind?.code.trim() === '' ? behind.comment : undefined
    if (comment === undefined || !isAssertion(comment)) continue
    used.add(at)
    const rest = scanned.slice(at + 1).map((line) => (line.code.trim() === '' ? line.comment : undefined))
    const text = assertionText(comment, rest)
    const where = JSON.stringify(`${path}:${at + 1}`)
    const [, pattern] = /^throws\s+(\/.+\/[a-z]*)$/.exec(text) ?? []
    const [, declared] = /^\s*(?:const|let|var)\s+([\w$]+)/.exec(lines[first] ?? '') ?? []
    const code = lines[last]?.replace(/;$/, '') ?? ''
    if (/^\s*(?:try|if|for|while|do|switch|function|class|return|throw)\b/.test(lines[first] ?? ''))
      throw new Error(`${path}:${at + 1}: an assertion needs an expression or a declaration: // ${text}`)
    if (text.startsWith('=>') && declared !== undefined) {
      lines[last] = `${code}; $equal(${declared}, (${text.slice(2).trim()}), ${where})`
    } else if (text.startsWith('=>')) {
      lines[last] = code
      lines[first] = `;$equal((${lines[first]?.trimStart()}`
      lines[last] += `), (${text.slice(2).trim()}), ${where})`
    } else if (pattern !== undefined) {
      lines[last] = code
      lines[first] = `;await $throws(async () => { ${lines[first]?.trimStart()}`
      lines[last] += ` }, ${pattern}, ${where})`
    } else {
      throw new Error(`${path}:${at + 1}: write \`// throws /pattern/\``)
    }
  }
  scanned.forEach(({ comment }, i) => {
    if (comment !== undefined && isAssertion(comment) && !used.has(i))
      throw new Error(`${path}:${i + 1}: an assertion belongs behind a top-level statement: // ${comment}`)
    if (comment?.startsWith('@ts-expect-error')) lines[i] = `// ${comment}`
  })
  return { lines, bindings }
}

const merge = (path: string, bindings: readonly Binding[]): Binding[] => {
  const byName = new Map<string, Binding>()
  for (const binding of bindings) {
    const key = binding.local === '' ? binding.from : binding.local
    const known = byName.get(key)
    if (known !== undefined && (known.from !== binding.from || known.imported !== binding.imported))
      throw new Error(`${path}: '${key}' is imported from both '${known.from}' and '${binding.from}'`)
    if (known === undefined || known.typeOnly) byName.set(key, binding)
  }
  return [...byName.values()]
}

/** Where the generated module finds what it needs. */
export interface EmitOptions {
  /** The module with `equal` and `throws`. */
  readonly assertions: string
  /** Rewrites a relative import of the document for the place of the generated module. */
  readonly resolve?: (specifier: string) => string
  /** Where names that are not imported come from; none for markdown. */
  readonly sources?: readonly Source[]
}

/**
 * A test module for the examples of one document, one test each. Line n of the module is line n of the
 * document, so that type errors and stack traces lead there.
 */
export const emitModule = (path: string, examples: readonly Example[], options: EmitOptions): string => {
  const { assertions, resolve = (specifier) => specifier, sources = [] } = options
  const header = [
    `import { test as $test } from 'vitest'`,
    `import { equal as $equal, throws as $throws } from ${JSON.stringify(assertions)}`,
  ]
  try {
    const bodies = examples.map((example) => emitBody(path, example))
    const explicit = bodies
      .flatMap((body) => body.bindings)
      .map((binding) => ({
        ...binding,
        from: binding.from.startsWith('.') ? resolve(binding.from) : binding.from,
      }))
    const bound = new Set(explicit.map(({ local }) => local))
    const code = bodies.map((body) => body.lines.join('\n')).join('\n')
    const imports = merge(path, [...explicit, ...missingImports(code, bound, sources)])
    const output: string[] = [[...header, ...imports.map(printImport), 'void [$equal, $throws]'].join('; ')]
    bodies.forEach((body, i) => {
      const name = JSON.stringify(examples[i]?.name)
      const first = body.lines.findIndex((line) => line !== '')
      body.lines.forEach((line, j) => {
        if (j >= first) output[j] = `${output[j] ?? ''}${line}`
      })
      if (first < 0) return
      const before = Math.max(first - 1, 0)
      output[before] = `${output[before] ?? ''}; $test(${name}, async () => {`
      // A page may do real work; the default of five seconds is for a test.
      output[body.lines.length] = `${output[body.lines.length] ?? ''}}, 60_000)`
    })
    return `${Array.from(output, (line) => line ?? '').join('\n')}\n`
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return `import { test } from 'vitest'\ntest(${JSON.stringify(path)}, () => { throw new Error(${JSON.stringify(message)}) })\n`
  }
}
