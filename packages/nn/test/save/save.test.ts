import { createHash } from 'node:crypto'
import { random, type Tensor, tensor, tree } from '@cotangent/core'
import { activation, dense, type Loaded, load, save, sequential } from '@cotangent/nn'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import files from '../reference/safetensors.json' with { type: 'json' }
import { bitsOf, readable } from './bits.js'
import { fileOf } from './mutate.js'

const decoded = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))
const loaded = (bytes: Uint8Array, options?: Parameters<typeof load>[1]): Loaded => {
  const result = load(bytes, options)
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}
const DTYPES = { float32: 'float32', float64: 'float64', int32: 'int32', bool: 'bool' }

describe("Python's safetensors", () => {
  const ours = decoded(files.ours.file)

  test('is read bit for bit', () => {
    const flat = loaded(ours, { names: 'flat' }).params as Record<string, Tensor>
    expect(Object.keys(flat).sort()).toEqual(Object.keys(files.ours.tensors).sort())
    for (const [name, { dtype, shape, data }] of Object.entries(files.ours.tensors)) {
      expect(flat[name]!.dtype).toBe(DTYPES[dtype as keyof typeof DTYPES])
      expect(flat[name]!.shape).toEqual(shape)
      expect(bitsOf(flat[name]!)).toBe(data)
    }
  })

  test('is written byte for byte', () => {
    const { params, state, metadata } = loaded(ours)
    expect(state).toBeUndefined()
    expect(tree.paths(params)).toEqual([
      '10',
      'body/0/kernel',
      'body/0/bias',
      'body/1',
      'head/kernel',
      'head/nans',
      'steps',
      'größe',
    ])
    expect(Buffer.from(save(params, state, { metadata })).toString('base64')).toBe(files.ours.file)
  })

  test('without our metadata is a record by name, or nested on request', () => {
    const plain = decoded(files.plain.file)
    expect(tree.paths(loaded(plain).params)).toEqual(['layers.0.bias', 'layers.0.weight'])
    expect(tree.paths(loaded(plain, { names: '.' }).params)).toEqual(['layers/0/bias', 'layers/0/weight'])
    expect(loaded(decoded(files.described.file)).metadata).toEqual({ format: 'pt' })
    expect(loaded(decoded(files.empty.file)).params).toEqual({})
  })

  test.each(['halves', 'brains', 'longs'] as const)('%s become a dtype of ours, bit for bit', (name) => {
    const flat = loaded(decoded(files[name].file)).params as Record<string, Tensor>
    const [[key, { dtype, shape, data }]] = Object.entries(files[name].tensors) as [
      [string, { dtype: 'float32' | 'int32'; shape: number[]; data: string }],
    ]
    expect([flat[key]!.dtype, flat[key]!.shape, bitsOf(flat[key]!)]).toEqual([dtype, shape, data])
  })

  test.each([
    ['F16', files.halves.all, 0x7c00],
    ['BF16', files.brains.all, 0x7f80],
  ] as const)('all patterns of %s but signalling NaNs', (dtype, hash, infinity) => {
    const [below, quiet] = [(infinity & -infinity) - 1, (infinity & -infinity) >> 1]
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i).filter(
      (h) => (h & infinity) !== infinity || (h & below) === 0 || (h & quiet) !== 0,
    )
    const header = `{"x":{"dtype":"${dtype}","shape":[${all.length}],"data_offsets":[0,${2 * all.length}]}}`
    const { x } = loaded(fileOf(header, new Uint8Array(all.buffer))).params as { x: Tensor }
    expect(
      createHash('sha256')
        .update(Buffer.from(bitsOf(x), 'base64'))
        .digest('hex'),
    ).toBe(hash)
  })

  test('I64 beyond int32 and unknown dtypes are refused by name', () => {
    for (const value of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 53n + 1n, 2n ** 63n - 1n]) {
      const header = '{"n":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}'
      const bytes = new Uint8Array(BigInt64Array.of(1n, value).buffer)
      expect(load(fileOf(header, bytes))).toMatchObject({
        left: {
          kind: 'OutOfRange',
          name: 'n',
          value,
          message: expect.stringContaining(`entry 1, ${value}, `),
        },
      })
    }
    const odd = '{"n":{"dtype":"U16","shape":[1],"data_offsets":[0,2]}}'
    expect(load(fileOf(odd, new Uint8Array(2)))).toMatchObject({
      left: { kind: 'UnsupportedDType', dtype: 'U16', message: expect.stringContaining('F16, BF16, I64') },
    })
  })
})

describe('trees', () => {
  test('parameters and state come back as they were', () => {
    const model = sequential({ body: sequential([dense(3), activation((x) => x)]), head: dense(2) })
    const { params, state } = model.init(random.key(1), [1, 4])
    const file = loaded(save(params, state, { metadata: { epoch: '3' } }))
    expect(readable(file.params)).toEqual(readable(params))
    expect(readable(file.state)).toEqual(readable(state))
    expect(file.metadata).toEqual({ epoch: '3' })
    expect(Object.keys(loaded(save(params, state), { names: 'flat' }).params)).toEqual([
      'params/body/0/bias',
      'params/body/0/kernel',
      'params/head/bias',
      'params/head/kernel',
    ])
  })

  test.each([
    ['one tensor', tensor([1, 2])],
    ['nothing', {}],
    ['empty parts', { a: [], b: {}, c: [{}] }],
    ['keys with slashes', { 'a/b': tensor(1), a: { b: tensor(2) }, 'a~1b': tensor(3) }],
    ['reserved names', { __metadata__: tensor(1), '': { '': tensor(2) }, '~2': tensor(3) }],
    ['keys that look like numbers', { b: tensor(1), 2: tensor(2), 1: tensor(3) }],
    ['a key of every prototype', JSON.parse('{"__proto__":{"x":[]},"constructor":{}}') as object],
    ['no entries', [tensor([], { shape: [0, 3] }), tensor(new Int32Array(0), { shape: [2, 0] })]],
    ['characters outside the basic plane', { '\u{1f600}': tensor(1), '\uffee': tensor(2) }],
  ])('%s', (_, params) => {
    const { params: back } = loaded(save(params))
    expect(readable(back)).toEqual(readable(params))
    expect(tree.paths(back)).toEqual(tree.paths(params))
  })

  test('what cannot be saved is refused with a reason', () => {
    expect(() => save({ '\ud800': tensor(1) })).toThrow('save: the key "\\ud800" is not well-formed Unicode.')
    expect(() => save({}, {}, { metadata: { cotangent: '' } })).toThrow('"cotangent" is taken')
  })
})

const entry = (name: string, begin: number, end: number, dtype = 'F32', shape = `[${(end - begin) / 4}]`) =>
  `"${name}":{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`
const bytes = (n: number) => new Uint8Array(n)
const structured = (text: string) =>
  fileOf(`{"__metadata__":{"cotangent":${JSON.stringify(text)}},${entry('a', 0, 4)}}`, bytes(4))

describe('hostile files', () => {
  test.each([
    ['Truncated', 'nothing', bytes(0)],
    ['Truncated', 'a header longer than the file', fileOf('{}', bytes(0), 3n)],
    ['HeaderTooLarge', 'a header of 2^64 - 1 bytes', fileOf('{}', bytes(0), 2n ** 64n - 1n)],
    ['InvalidJson', 'no header', bytes(8)],
    ['InvalidJson', 'a list', fileOf('[]')],
    ['InvalidJson', 'space in front', fileOf(' {}')],
    ['InvalidJson', 'a trailing comma', fileOf(`{${entry('a', 0, 4)},}`, bytes(4))],
    ['InvalidJson', 'a second value', fileOf('{}{}')],
    ['InvalidJson', 'a byte order mark', fileOf('\ufeff{}')],
    ['TooDeep', 'brackets', fileOf(`{"a":${'['.repeat(1e6)}`)],
    ['DuplicateKey', 'a name twice', fileOf(`{${entry('a', 0, 4)},${entry('a', 4, 8)}}`, bytes(8))],
    ['DuplicateKey', 'an escaped twin', fileOf(`{${entry('a', 0, 4)},${entry('\\u0061', 4, 8)}}`, bytes(8))],
    ['InvalidEntry', 'a negative offset', fileOf(`{${entry('a', -4, 0)}}`)],
    ['InvalidEntry', 'a fraction', fileOf(`{${entry('a', 0, 4, 'F32', '[1.5]')}}`, bytes(4))],
    ['InvalidEntry', 'an exponent', fileOf(`{${entry('a', 0, 0, 'F32', '[0,1e9]')}}`)],
    ['InvalidEntry', 'a missing shape', fileOf('{"a":{"dtype":"F32","data_offsets":[0,0]}}')],
    ['InvalidEntry', 'a metadata of numbers', fileOf('{"__metadata__":{"a":1}}')],
    ['UnsupportedDType', 'F8_E4M3', fileOf(`{${entry('a', 0, 4, 'F8_E4M3', '[4]')}}`, bytes(4))],
    ['SizeMismatch', 'a wrong dtype', fileOf(`{${entry('a', 0, 4, 'F64', '[1]')}}`, bytes(4))],
    [
      'SizeMismatch',
      'a product that overflows',
      fileOf(`{${entry('a', 0, 0, 'F32', '[4294967296,4294967296]')}}`),
    ],
    ['OutOfBounds', 'data that ends early', fileOf(`{${entry('a', 0, 8)}}`, bytes(4))],
    ['OutOfBounds', 'a petabyte', fileOf(`{${entry('a', 0, 2 ** 50)}}`, bytes(4))],
    ['Overlap', 'shared bytes', fileOf(`{${entry('a', 0, 8)},${entry('b', 4, 12)}}`, bytes(12))],
    ['Overlap', 'the same bytes', fileOf(`{${entry('a', 0, 8)},${entry('b', 0, 8)}}`, bytes(8))],
    ['Hole', 'a gap', fileOf(`{${entry('a', 0, 4)},${entry('b', 8, 12)}}`, bytes(12))],
    ['Hole', 'bytes at the end', fileOf(`{${entry('a', 0, 4)}}`, bytes(5))],
    ['InvalidBool', 'a bool of 2', fileOf(`{${entry('a', 0, 1, 'BOOL', '[]')}}`, bytes(1).fill(2))],
    ['InvalidTree', 'a name that is not there', structured('{"params":["a","b"]}')],
    ['InvalidTree', 'a name twice', structured('{"params":["a","a"]}')],
    ['InvalidTree', 'a name too few', structured('{"params":[]}')],
    ['InvalidTree', 'numbers', structured('{"params":[1]}')],
    ['InvalidTree', 'no params', structured('[]')],
    ['InvalidJson', 'a structure that is not JSON', structured('{')],
    ['TooDeep', 'a deep structure', structured(`{"params":${'['.repeat(1000)}`)],
  ] as const)('%s: %s', (kind, _, file) => {
    expect(load(file)).toMatchObject({ _tag: 'Left', left: { kind } })
  })

  test('names that cannot nest', () => {
    const clash = fileOf(`{${entry('a', 0, 4)},${entry('a/b', 4, 8)}}`, bytes(8))
    expect(load(clash, { names: '/' })).toMatchObject({ left: { kind: 'NameConflict', name: 'a/b' } })
    const deep = fileOf(`{${entry('/'.repeat(1e5), 0, 4)}}`, bytes(4))
    expect(load(deep, { names: '/' })).toMatchObject({ left: { kind: 'TooDeep' } })
  })
})
