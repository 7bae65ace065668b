import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { random } from '@cotangent/core'
import { afterAll, describe, expect, test } from 'vitest'
import { dataset } from '../src/index.js'

const folder = mkdtempSync(join(tmpdir(), 'cotangent-csv-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const houses = 'size,rooms,kind,price\n50,2,flat,100\n80,3,house,160\n65,2,flat,130\n'
const plain = 'a,b,y\n1,2,3\n4,5,6\n'
const utf8 = (text: string) => new TextEncoder().encode(text)

describe('fromCsv', () => {
  test('a target and the other columns', async () => {
    const { x, y, names } = await dataset.fromCsv(plain)
    expect([x.toArray(), y.toArray()]).toEqual([
      [
        [1, 2],
        [4, 5],
      ],
      [3, 6],
    ])
    expect(names).toEqual({ features: ['a', 'b'], target: ['y'] })
    expect(x.dtype).toBe('float32')
  })

  test.each([
    ['a byte order mark', `\ufeff${plain}`],
    ['line breaks of Windows', plain.replaceAll('\n', '\r\n')],
    ['no line break at the end', plain.trimEnd()],
    ['empty lines', `\n${plain}\n\n`],
    ['spaces around cells', 'a, b ,y\n 1,2 , 3\n4,5,6'],
    ['quotes', '"a","b",y\n"1",2,"3"\n4,5,6'],
    ['signs, points and exponents', 'a,b,y\n+1,2.,3e0\n.4e1,50E-1,6'],
  ])('understands %s', async (_, text) => {
    const { x, y } = await dataset.fromCsv(text)
    expect([x.toArray(), y.toArray()]).toEqual([
      [
        [1, 2],
        [4, 5],
      ],
      [3, 6],
    ])
  })

  test('reads from a path, a URL, bytes and pieces that cut anywhere', async () => {
    const file = join(folder, 'plain.csv')
    writeFileSync(file, plain)
    const bytes = utf8(plain.replace('a,b', 'ä,b'))
    const pieces = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))
    for (const input of [file, pathToFileURL(file), utf8(plain), pieces])
      expect((await dataset.fromCsv(input)).y.toArray()).toEqual([3, 6])
    expect((await dataset.fromCsv(pieces)).names?.features).toEqual(['ä', 'b'])
  })

  test('columns by name and position, several targets, float64', async () => {
    const options = { target: ['y', 0], features: [1], dtype: 'float64' } as const
    const { x, y, names } = await dataset.fromCsv(plain, options)
    expect([x.toArray(), y.toArray(), x.dtype]).toEqual([
      [[2], [5]],
      [
        [3, 1],
        [6, 4],
      ],
      'float64',
    ])
    expect(names?.target).toEqual(['y', 'a'])
  })

  test('no header and another delimiter', async () => {
    const { x, names } = await dataset.fromCsv('1;2;3\n4;5;6\n', { header: false, delimiter: ';' })
    expect([x.toArray(), names?.features]).toEqual([
      [
        [1, 2],
        [4, 5],
      ],
      ['0', '1'],
    ])
  })

  test('classes are numbered in the order of their names, numbers as numbers', async () => {
    const { y, names } = await dataset.fromCsv(houses, { target: 'kind', ignore: ['price'], classes: true })
    expect([y.toArray(), names?.classes, y.dtype]).toEqual([[0, 1, 0], ['flat', 'house'], 'int32'])
    const digits = await dataset.fromCsv('a,y\n1,10\n1,9\n', { classes: true })
    expect([digits.y.toArray(), digits.names?.classes]).toEqual([
      [1, 0],
      ['9', '10'],
    ])
    const given = await dataset.fromCsv('a,y\n1,no\n1,yes\n', { classes: ['yes', 'no', 'maybe'] })
    expect(given.y.toArray()).toEqual([1, 0])
  })

  test('a column of text becomes one of 0 and 1 for each value', async () => {
    const { x, names } = await dataset.fromCsv(houses, { categorical: ['kind'], features: ['kind', 'rooms'] })
    expect(names?.features).toEqual(['kind=flat', 'kind=house', 'rooms'])
    expect(x.toArray()).toEqual([
      [1, 0, 2],
      [0, 1, 3],
      [1, 0, 2],
    ])
  })

  test('missing values: an error, or NaN for impute', async () => {
    const text = 'a,y\n1,1\nNA,2\n3,3\n'
    await expect(dataset.fromCsv(text)).rejects.toThrow(/line 3, column "a": the value is missing \("NA"\)/)
    const { x } = await dataset.fromCsv(text, { missing: 'nan' })
    expect(x.toArray()).toEqual([[1], [Number.NaN], [3]])
    const own = await dataset.fromCsv('a,y\n-,1\n', { missing: 'nan', missingTexts: ['-'] })
    expect(own.x.toArray()).toEqual([[Number.NaN]])
  })

  test.each([
    ['an empty file', '\n', {}, /the file is empty/],
    ['an empty file of bytes', utf8(''), {}, /the file is empty/],
    ['a header alone', 'a,b\n', {}, /has column names and no data/],
    ['a file that is not there', 'no/such.csv', {}, /there is no file no\/such.csv/],
    ['a folder', '/tmp', {}, /is a folder/],
    ['a wrong column', plain, { target: 'prise' }, /no column "prise" \(target\).* The file has: a, b, y/],
    ['a column nearly right', houses, { target: 'prize' }, /Did you mean "price"\?/],
    ['a position beyond the end', plain, { target: 7 }, /target 7: the file has 3 columns/],
    ['a short line', 'a,b\n1,2\n3\n', {}, /line 3 has 1 cells, and there are 2 columns/],
    ['a long line', 'a,b\n1,2,3\n', {}, /line 2 has 3 cells/],
    [
      'text in numbers',
      houses,
      {},
      /line 2, column "kind": "flat" is not a number. Name it in `categorical`/,
    ],
    [
      'text in the target',
      houses,
      { target: 'kind' },
      /column "kind": "flat" is not a number. Pass classes: true/,
    ],
    ['hexadecimal', 'a,y\n0x10,1\n', {}, /"0x10" is not a number/],
    ['infinity', 'a,y\nInfinity,1\n', {}, /"Infinity" is not a number/],
    ['a decimal comma', 'a;y\n1,5;2\n', { delimiter: ';' }, /"1,5" is not a number/],
    ['a class that is not in the list', 'a,y\n1,no\n', { classes: ['yes'] }, /"no" is not in the list yes/],
    ['two columns of one name', 'a,a,y\n1,2,3\n', {}, /two columns are called "a"/],
    ['a target among the features', plain, { features: ['a', 'y'] }, /"y" is a feature and the target/],
    [
      'another delimiter',
      'a;b\n1;2\n',
      {},
      /no column is left to predict from: the file has 1. Is the delimiter right/,
    ],
    ['an open quote', 'a,y\n"1,2\n', {}, /the text is not CSV/],
    ['classes of two targets', plain, { target: ['a', 'y'], classes: true }, /classes with 2 targets/],
  ] as const)('says what is wrong with %s', async (_, text, options, message) => {
    await expect(dataset.fromCsv(text, options)).rejects.toThrow(message)
  })

  test('the line of an error counts quoted line breaks', async () => {
    const text = 'a,b,y\n"1","2",3\n"x\ny",2,3\n'
    await expect(dataset.fromCsv(text, { categorical: ['a'] })).resolves.toBeDefined()
    await expect(dataset.fromCsv(`${text}1,oops,2\n`, { categorical: ['a'] })).rejects.toThrow(
      /line 5, column "b": "oops"/,
    )
  })

  test('as a TaskEither the error is a value', async () => {
    const result = await dataset.fromCsvTask('a,b\n1\n')()
    expect(result).toMatchObject({ _tag: 'Left', left: { kind: 'Format' } })
    expect((await dataset.fromCsvTask(plain)())._tag).toBe('Right')
  })
})

describe('streamCsv', () => {
  const at = { epoch: 1, key: random.key(0) }

  test('gives the rows of fromCsv in batches', async () => {
    const text = `a,y\n${Array.from({ length: 7 }, (_, i) => `${i},${i * i}`).join('\n')}\n`
    const batches: unknown[] = []
    for await (const { x, y } of dataset.streamCsv(text, { size: 3 }).batches(at))
      batches.push([x.toArray(), y.toArray()])
    expect(batches).toEqual([
      [
        [[0], [1], [2]],
        [0, 1, 4],
      ],
      [
        [[3], [4], [5]],
        [9, 16, 25],
      ],
      [[[6]], [36]],
    ])
  })

  test('shuffles within its buffer, as the key says, and loses nothing', async () => {
    const text = `a,y\n${Array.from({ length: 50 }, (_, i) => `${i},0`).join('\n')}\n`
    const order = async (seed: number) => {
      const seen: number[] = []
      const source = dataset.streamCsv(text, { size: 8, shuffleBuffer: 10 })
      for await (const { x } of source.batches({ epoch: 1, key: random.key(seed) }))
        seen.push(...x.toTypedArray())
      return seen
    }
    const first = await order(0)
    expect(await order(0)).toEqual(first)
    expect(await order(1)).not.toEqual(first)
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect(first).not.toEqual([...first].sort((a, b) => a - b))
    // Nothing can come before it was read: row i is at place i - 9 at the earliest.
    for (const [place, row] of first.entries()) expect(place).toBeGreaterThanOrEqual(row - 10)
  })

  test('holds a bounded part of a long file, however slowly it is used', async () => {
    let read = 0
    async function* file() {
      yield 'a,y\n'
      for (; read < 40_000; read += 50) yield `${read},1\n`.repeat(50)
    }
    let used = 0
    let ahead = 0
    for await (const { x } of dataset.streamCsv(file, { size: 100 }).batches(at)) {
      used += x.shape[0]!
      if (used % 10_000 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
      ahead = Math.max(ahead, read - used)
    }
    expect(used).toBe(40_000)
    // The streams hold 16 pieces and 16 KiB, whatever the length of the file.
    expect(ahead).toBeLessThan(5000)
  }, 30_000)

  test('the same errors, with their lines', async () => {
    const all = async () => {
      for await (const _ of dataset.streamCsv('a,y\n1,2\n1\n', { size: 1 }).batches(at));
    }
    await expect(all()).rejects.toThrow(/line 3 has 1 cells/)
  })
})
