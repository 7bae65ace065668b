import { describe, expect, test } from 'vitest'
import type { DType } from '../../src/types/index.js'
import { dice, entries, interpret, make, run, values } from './kernels.js'

const DTYPES: readonly DType[] = ['float32', 'float64', 'int32', 'bool']

/** [operand, index shape, axis, batchDims] */
const LAYOUTS: readonly (readonly [readonly number[], readonly number[], number, number])[] = [
  [[7], [5], 0, 0],
  [[7], [], 0, 0],
  [[1], [3], 0, 0],
  [[4, 5], [9], 1, 0],
  [[4, 5], [2, 3], 0, 0],
  [[3, 4, 5], [3, 6], 1, 1],
  [[3, 4, 5], [3, 6], 2, 1],
  [[2, 3, 4, 5], [2, 3, 7], 3, 2],
  [[5, 2], [11], 0, 0],
  [[5, 3], [11], 0, 0],
  [[5, 33], [13], 0, 0],
  [[3, 300], [4], 0, 0],
  [[3, 0], [4], 0, 0],
  [[3, 4], [0], 0, 0],
  [[0, 3, 4], [2], 1, 0],
  [[0, 4], [0], 0, 0],
]

describe('gather and scatterAdd are those of the interpreter, bit for bit', () => {
  for (const dtype of DTYPES)
    test.each(LAYOUTS)(`${dtype}%j %j axis %d, %d batch axes`, (shape, indexShape, axis, batchDims) => {
      const roll = dice(shape.length * 100 + axis)
      const n = shape[axis]!
      const indices = make(indexShape, 'int32', () => roll(n))
      const x = make(shape, dtype, values(dtype, roll, 'special'))
      const gathered = run('gather', [x, indices], { axis, batchDims })
      const [expected] = interpret('gather', [x, indices], { axis, batchDims })
      expect(gathered.status).toBe(0)
      expect(entries(gathered.outputs[0]!)).toEqual(entries(expected!))

      const u = make(expected!.shape, dtype, values(dtype, roll, 'special'))
      const added = run('scatterAdd', [u, indices], { axis, batchDims, n })
      expect(added.status).toBe(0)
      expect(entries(added.outputs[0]!)).toEqual(
        entries(interpret('scatterAdd', [u, indices], { axis, batchDims, n })[0]!),
      )
    })

  test('a sum of float32 is rounded once, and -0 alone becomes 0', () => {
    for (const post of [1, 3, 4, 6]) {
      const u = make([4, post], 'float32', (i) => [1, 2 ** -24, 2 ** -24, -0][Math.floor(i / post)]!)
      const indices = make([4], 'int32', (i) => [1, 1, 1, 0][i]!)
      const { outputs } = run('scatterAdd', [u, indices], { axis: 0, batchDims: 0, n: 2 })
      expect(entries(outputs[0]!)).toEqual([
        ...new Array(post).fill(0),
        ...new Array(post).fill(1 + 2 ** -23),
      ])
    }
  })

  test('the first index that is out of range is told', () => {
    for (const count of [1, 4, 7, 12])
      for (let at = 0; at < count; at++)
        for (const bad of [-1, 5, 2 ** 31 - 1, -(2 ** 31)]) {
          const indices = make([count], 'int32', (i) => (i < at ? i % 5 : bad))
          const x = make([5, 2], 'float32', (i) => i)
          expect(run('gather', [x, indices], { axis: 0, batchDims: 0 }).status).toBe(1 + at)
          const u = make([count, 2], 'float32', (i) => i)
          expect(run('scatterAdd', [u, indices], { axis: 0, batchDims: 0, n: 5 }).status).toBe(1 + at)
        }
    const none = make([1], 'int32', () => 0)
    expect(run('gather', [make([0], 'float32', () => 0), none], { axis: 0, batchDims: 0 }).status).toBe(1)
  })
})
