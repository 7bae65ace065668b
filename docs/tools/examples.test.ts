import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { equal, throws } from './assert.js'
import { collectDocComments, collectMarkdown, type Example } from './collect.js'
import { emitModule } from './emit.js'
import { writeExamples } from './generate.js'

const example = (...lines: string[]): Example => ({ name: 'doc.md', lines: ['', ...lines] })
const emit = (...lines: string[]): string =>
  emitModule('doc.md', [example(...lines)], { assertions: './a.js' })

/** Runs the one test of an emitted module, with its imports taken out. */
const runExample = async (...lines: string[]): Promise<void> => {
  const code = emit(...lines).replace(/import [^;\n]*(;|\n)/g, '')
  let body: () => unknown = () => {
    throw new Error('the module has no test')
  }
  const collect = (_: string, run: () => unknown): void => {
    body = run
  }
  new Function('$equal', '$throws', '$test', 'test', code)(equal, throws, collect, collect)
  await body()
}

describe('assertions', () => {
  test('a right value passes', () => runExample('1 + 1 // => 2'))
  test('a wrong value fails and says where', () =>
    expect(runExample('1 + 1 // => 3')).rejects.toThrow('doc.md:2: expected 3, got 2'))
  test('a wrong value on the second line fails too', () =>
    expect(runExample('1 + 1 // => 2', '[1, 2] // => [1, 3]')).rejects.toThrow(/doc\.md:3/))
  test('a wrong declared value fails', () =>
    expect(runExample('const y = [1] // => [2]')).rejects.toThrow(/doc\.md:2/))
  test('a wrong value on a line of its own fails', () =>
    expect(runExample('1 + 1', '// => 3')).rejects.toThrow(/doc\.md:3/))
  test('a statement may span lines', () =>
    expect(runExample('const f = (x) =>', '  x', 'f(', '  2,', ') // => 3')).rejects.toThrow(/doc\.md:6/))
  test('an expected value may span comment lines', () =>
    runExample('[[1, 2], [3, 4]] // => [[1, 2],', '//     [3, 4]]'))
  test('a chain is one expression', () =>
    runExample('[1, 2]', '  .map((x) => x * 2)', '  .join() // => "2,4"'))
  test('an arrow in a string is not an assertion', () => runExample("'a // => b'.length // => 9"))
  test('a promise must be awaited', async () => {
    await runExample('await Promise.resolve(1) // => 1')
    await expect(runExample('Promise.resolve(1) // => 1')).rejects.toThrow(/await/)
  })
  test('throws', async () => {
    await runExample('null.x // throws /TypeError/')
    await expect(runExample('null.x // throws /RangeError/')).rejects.toThrow(/RangeError/)
    await expect(runExample('1 // throws /RangeError/')).rejects.toThrow(/nothing was thrown/)
  })
  test('an assertion where none can run fails instead of being ignored', async () => {
    await expect(runExample('for (const x of [1]) {', '  x // => 2', '}')).rejects.toThrow(/doc\.md:3/)
    await expect(runExample('try { f() } catch {} // => 2')).rejects.toThrow(/expression/)
    await expect(runExample('f() // throws RangeError')).rejects.toThrow(/pattern/)
  })
})

describe('equal', () => {
  const tensor = (value: unknown) => ({ toArray: () => value })
  const passes: [unknown, unknown][] = [
    [1.00005, 1],
    [10000.5, 10000],
    [Number.NaN, Number.NaN],
    [tensor([1, 2]), [1, 2]],
    [
      { w: tensor(1), b: [tensor(2)] },
      { w: 1, b: [2] },
    ],
    [new Float32Array([1, 2]), [1, 2]],
  ]
  const fails: [unknown, unknown][] = [
    [1.0002, 1],
    [10002, 10000],
    [1, Number.POSITIVE_INFINITY],
    [Number.NaN, 0],
    [[1, 2], [1]],
    [[1], [1, 2]],
    [{ a: 1, b: 2 }, { a: 1 }],
    [{ a: 1 }, { a: 1, b: 2 }],
    ['1', 1],
    [tensor([1, 2]), [2, 1]],
  ]
  test.each(passes)('%j is %j', (actual, expected) => equal(actual, expected, 'here'))
  test.each(fails)('%j is not %j', (actual, expected) =>
    expect(() => equal(actual, expected, 'here')).toThrow(/^here: /),
  )
})

describe('collecting', () => {
  test('markdown: blocks share a scope, no-run is left out, fresh starts anew', () => {
    const text = '```ts\na\n```\n```ts no-run\nb\n```\n```sh\nc\n```\n```ts\nd\n```\n```ts fresh\ne\n```\n'
    const found = collectMarkdown('x.md', text).map(({ lines }) => lines.filter((line) => line !== ''))
    expect(found).toEqual([['a', 'd'], ['e']])
  })
  test('doc comments: with and without a fence, up to the next tag', () => {
    const source = [
      '/**',
      ' * One.',
      ' * @example',
      ' * a',
      ' * @returns b',
      ' * @example Title',
      ' * ```ts',
      ' * c',
      ' * ```',
      ' */',
    ]
    const found = collectDocComments('x.ts', source.join('\n'))
    expect(found.map(({ name }) => name)).toEqual(['x.ts:3', 'x.ts:6'])
    expect(found.map(({ lines }) => lines.indexOf('a') + lines.indexOf('c'))).toEqual([2, 6])
  })
})

describe('modules', () => {
  test('every line stays on its line', () => {
    const lines = emit('const a = 1', '', 'a // => 1').split('\n')
    expect(lines[1]).toBe('const a = 1')
    expect(lines[3]).toContain('$equal((a), (1), "doc.md:4")')
  })
  test('imports are merged; a name from two places fails', () => {
    expect(emit("import { a } from 'm'", "import { a, type B } from 'm'").match(/ a /g)).toHaveLength(1)
    expect(emit("import { a } from 'm'", "import { a } from 'n'")).toContain('imported from both')
  })
})

describe('a repository', () => {
  const folders: string[] = []
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })

  test('doc comments import what they need; stale modules go', () => {
    const root = mkdtempSync(join(tmpdir(), 'examples-'))
    folders.push(root)
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    write('packages/core/src/index.ts', "export * from './ops.js'\nexport type { Shape } from './shape.js'\n")
    write('packages/core/src/ops.ts', 'export const sum = 1\nexport const exp = 2\n')
    write(
      'packages/nn/src/index.ts',
      '/**\n * @example\n * const s: Shape = dense(sum)\n */\nexport const dense = 1\n',
    )
    write('docs/a.md', '```ts\n1 // => 1\n```\n')
    write('.cache/examples/old.test.ts', '')
    const [markdown = '', comments = '', ...others] = writeExamples(root)
    expect(others).toEqual([])
    expect(readFileSync(markdown, 'utf8')).toContain('"docs/a.md:2"')
    const module = readFileSync(comments, 'utf8')
    expect(module).toContain('import { dense } from "@cotangent/nn"')
    expect(module).toContain('import { sum } from "@cotangent/core"')
    expect(module).toContain('import type { Shape } from "@cotangent/core"')
    expect(module).not.toContain('exp')
    expect(() => readFileSync(join(root, '.cache/examples/old.test.ts'))).toThrow(/ENOENT/)
  })
})
