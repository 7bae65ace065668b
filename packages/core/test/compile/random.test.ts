import { describe, expect, test } from 'vitest'
import { dice, entries, interpret, make, run } from './kernels.js'

const KEYS = [[2], [1, 2], [3, 2], [4, 2], [2, 3, 2], [9, 2], [0, 2]]
const key = (shape: readonly number[]) => {
  const roll = dice(7)
  return make(shape, 'int32', () => roll(2 ** 32) - 2 ** 31)
}

describe('random words are those of the interpreter, bit for bit', () => {
  for (const word of ['bits', 'float32', 'float64hi', 'float64lo'])
    test.each(KEYS.map((shape) => [shape]))(`randomBits ${word} %j`, (keys) => {
      for (const shape of [[], [1], [2], [3], [4], [7], [2, 3], [8], [33], [0]]) {
        const params = { shape, word }
        expect(entries(run('randomBits', [key(keys)], params).outputs[0]!)).toEqual(
          entries(interpret('randomBits', [key(keys)], params)[0]!),
        )
      }
    })

  test.each(KEYS.map((shape) => [shape]))('randomSplit %j', (keys) => {
    for (const n of [0, 1, 2, 3, 4, 5, 9])
      expect(entries(run('randomSplit', [key(keys)], { n }).outputs[0]!)).toEqual(
        entries(interpret('randomSplit', [key(keys)], { n })[0]!),
      )
  })

  test.each(KEYS.map((shape) => [shape]))('foldIn %j', (keys) => {
    const roll = dice(11)
    const data = make(keys.slice(0, -1), 'int32', () => roll(2 ** 32) - 2 ** 31)
    expect(entries(run('foldIn', [key(keys), data], {}).outputs[0]!)).toEqual(
      entries(interpret('foldIn', [key(keys), data], {})[0]!),
    )
  })
})
