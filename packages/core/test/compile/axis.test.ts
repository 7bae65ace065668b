import { describe, test } from 'vitest'
import { fromData } from '../../src/tensor.js'
import type { DType } from '../../src/types/index.js'
import { agree, dice, make, values } from './kernels.js'

const DTYPES: readonly DType[] = ['float32', 'float64', 'int32', 'bool']

/** Shapes and an axis: rows, columns, both; lengths around the widths of vectors and blocks. */
const CASES: readonly (readonly [readonly number[], number])[] = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 100].map((n) => [[n], 0] as const),
  ...[1, 3, 4, 6, 9].map((rows) => [[rows, 11], 1] as const),
  ...[2, 3, 4, 5, 8, 15, 16, 17, 18, 21].map((inner) => [[6, inner], 0] as const),
  [[2, 5, 7], 1],
  [[3, 1, 6], 1],
  [[2, 3, 4, 5], 2],
  [[0, 4], 1],
  [[4, 0], 0],
]

describe('kernels along an axis are those of the interpreter, bit for bit', () => {
  for (const dtype of DTYPES)
    test.each(CASES)(`${dtype}%j axis %d`, (shape, axis) => {
      // Few different values, so that there are ties; special ones in some places.
      for (const kind of ['few', 'many', 'special'] as const)
        for (let seed = 0; seed < 2; seed++) {
          const x = make(shape, dtype, values(dtype, dice(seed + 10 * axis), kind))
          agree('argmax', [x], { axis })
          agree('argmin', [x], { axis })
          for (const backwards of [false, true]) agree('cumsum', [x], { axis, backwards })
        }
    })

  test('cumsum along an empty axis', () => {
    for (const backwards of [false, true])
      agree('cumsum', [make([3, 0], 'float32', () => 0)], { axis: 1, backwards })
  })
})

describe('sort is that of the interpreter, bit for bit', () => {
  for (const dtype of DTYPES)
    test.each([0, 1, 2, 3, 7, 39, 40, 41, 64, 100, 300, 1000])(`${dtype}[2, %d]`, (n) => {
      for (const kind of ['few', 'many', 'special'] as const) {
        const roll = dice(n)
        const keys = make([2, n], dtype, values(dtype, roll, kind))
        const followers = DTYPES.map((d) => make([2, n], d, values(d, roll, 'many')))
        agree('sort', [keys], {})
        agree('sort', [keys, make([2, n], 'int32', (i) => i % n), ...followers], {})
      }
    })

  test('in order, in reverse, all equal, no rows', () => {
    for (const dtype of DTYPES)
      for (const key of [(i: number) => i, (i: number) => -i, () => 1])
        agree('sort', [make([50], dtype, key), make([50], 'int32', (i) => i)], {})
    agree('sort', [make([0, 5], 'float32', () => 0)], {})
    // NaN of either sign: 0/0 is a negative one on some machines.
    for (const n of [20, 70]) {
      const bits = Uint32Array.from({ length: 2 * n }, (_, i) => [0xfff80000, 0x7ff80000, 0x40000000][i % 3]!)
      const order = make([n], 'int32', (i) => i)
      agree('sort', [fromData(new Float32Array(bits.buffer, 0, n), [n], 'float32'), order], {})
      agree('sort', [fromData(new Float64Array(bits.buffer), [n], 'float64'), order], {})
    }
    agree('sort', [make([2, 2, 5], 'float64', (i) => Math.sin(i))], {})
  })
})

describe('dynamic slices', () => {
  const SHAPES: readonly (readonly [readonly number[], number, number])[] = [
    [[7], 0, 3],
    [[7], 0, 7],
    [[7], 0, 0],
    [[5, 6], 0, 2],
    [[5, 6], 1, 4],
    [[3, 4, 500], 1, 2],
    [[2, 3, 9, 3], 2, 5],
    [[0, 3], 1, 2],
  ]
  for (const dtype of DTYPES)
    test.each(SHAPES)(`${dtype}%j axis %d, %d entries`, (shape, axis, size) => {
      const roll = dice(size)
      const x = make(shape, dtype, values(dtype, roll, 'special'))
      const u = make(
        shape.map((d, i) => (i === axis ? size : d)),
        dtype,
        values(dtype, roll, 'special'),
      )
      for (let at = -1; at <= shape[axis]! + 1; at++) {
        const start = make([], 'int32', () => at)
        agree('dynamicSlice', [x, start], { axis, size })
        agree('dynamicUpdate', [x, u, start], { axis })
      }
      for (const at of [-(2 ** 31), 2 ** 31 - 1])
        agree('dynamicSlice', [x, make([], 'int32', () => at)], { axis, size })
    })
})
