import { tensor, tree } from '@cotangent/core'
import { type Loaded, load, save } from '@cotangent/nn'
import * as E from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import files from '../reference/safetensors.json' with { type: 'json' }
import { readable } from './bits.js'
import { fileOf, generator, mutate } from './mutate.js'

// More with FUZZ_CASES=100000.
const CASES = Number(process.env.FUZZ_CASES ?? 3000)

const seeds = [
  ...Object.values(files).map(({ file }) => new Uint8Array(Buffer.from(file, 'base64'))),
  save({ a: [tensor([1, 2]), { b: tensor(true) }], 'x/y': tensor([[1, 2]], { dtype: 'int32' }) }, [
    tensor(3),
  ]),
  save({ mask: tensor(Array.from({ length: 64 }, (_, i) => i % 3 === 0)) }),
  fileOf(
    '{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"a/b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
    new Uint8Array(8),
  ),
]

const bytesOf = ({ params, state }: Loaded): number =>
  [...tree.leaves(params), ...tree.leaves(state ?? [])].reduce(
    (n, leaf) => n + leaf.toTypedArray().byteLength,
    0,
  )

test('a damaged file is an error value or a whole tree, never an exception and never larger than the file', () => {
  const random = generator(20251125)
  const kinds = new Map<string, number>()
  for (let i = 0; i < CASES; i++) {
    let file = seeds[i % seeds.length]!
    for (let n = 1 + Math.floor(random() * 3); n > 0; n--) file = mutate(file, random)
    for (const names of ['structure', 'flat', '/', '.'] as const) {
      const result = load(file, { names })
      const kind = E.isLeft(result) ? result.left.kind : 'whole'
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
      if (E.isLeft(result)) {
        expect(result.left.message).not.toBe('')
        continue
      }
      expect(bytesOf(result.right)).toBeLessThanOrEqual(file.length)
      const { params, state, metadata } = result.right
      if (names === 'structure' || names === 'flat') {
        const again = load(save(params, state, { metadata }))
        if (E.isLeft(again)) throw new Error(again.left.message)
        expect(readable(again.right.params)).toEqual(readable(params))
        expect(readable(again.right.state)).toEqual(readable(state))
        expect(again.right.metadata).toEqual(metadata)
      }
    }
  }
  // The mutations reach every answer.
  if (process.env.FUZZ_CASES !== undefined) console.log(Object.fromEntries(kinds))
  expect([...kinds.keys()].sort()).toEqual([
    'DuplicateKey',
    'HeaderTooLarge',
    'Hole',
    'InvalidBool',
    'InvalidEntry',
    'InvalidJson',
    'InvalidTree',
    'NameConflict',
    'OutOfBounds',
    'OutOfRange',
    'Overlap',
    'SizeMismatch',
    'TooDeep',
    'Truncated',
    'UnsupportedDType',
    'whole',
  ])
}, 600_000)
