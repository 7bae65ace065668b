import { describe, expect, test } from 'vitest'
import {
  add,
  any,
  cast,
  greater,
  jit,
  max,
  min,
  mul,
  sqrt,
  sum,
  type Tensor,
  tensor,
} from '../../src/index.js'

// Sums down the columns of a block lie in memory while rows are walked in order: results against the interpreter's, bit for
// bit, on numbers whose sums are exact in any order.

/** Rows, columns: whole vectors, columns behind the last vector, two blocks, many, and a prime number of columns. */
const SHAPES: readonly (readonly [readonly number[], number | readonly number[]])[] = [
  [[8, 64], 0],
  [[9, 66], 0],
  [[100, 70], 0],
  [[65, 130], 0],
  [[130, 512], 0],
  [[20, 127], 0],
  [[7, 64], 0],
  [[4, 9, 70], 1],
  [
    [3, 5, 66],
    [0, 1],
  ],
  [
    [3, 5, 2, 64],
    [0, 2],
  ],
]

const dyadic = (shape: readonly number[], seed: number): Tensor => {
  const n = shape.reduce((a, b) => a * b, 1)
  const at = (i: number): number => ((Math.imul(i + 1, 2654435761 + 2 * seed) >>> 8) % 257) - 128
  return tensor(
    Float32Array.from({ length: n }, (_, i) => at(i) / 64),
    { shape },
  ) as Tensor
}

const FUNCTIONS: Readonly<Record<string, (x: Tensor, axis: number | readonly number[]) => unknown>> = {
  'sum of float32': (x, axis) => sum(x, { axis }),
  'sum of float64': (x, axis) => sum(cast(x, 'float64'), { axis }),
  'sum of int32': (x, axis) => sum(cast(mul(x, 64), 'int32'), { axis }),
  max: (x, axis) => max(x, { axis }),
  'min of NaN': (x, axis) => min(sqrt(x), { axis }),
  any: (x, axis) => any(greater(x, 1.9), { axis }),
  'float32 among float64': (x, axis) => [
    sum(add(cast(x, 'float64'), 1), { axis }),
    max(mul(x, 2), { axis }),
    cast(x, 'float64'),
  ],
  'two sums and what they are of': (x, axis) => {
    const y = mul(x, x)
    return [sum(x, { axis }), sum(y, { axis }), y]
  },
}

describe('down the columns', () => {
  for (const [name, f] of Object.entries(FUNCTIONS))
    test.each(SHAPES)(`${name}: %j over %j`, (shape, axis) => {
      const x = dyadic(shape, 7)
      const of = (backend: 'auto' | 'interpreter', threads: number) =>
        [jit((z: Tensor) => f(z, axis), { backend, threads })(x)].flat() as Tensor[]
      const [theirs, ours] = [of('interpreter', 1), of('auto', 1)]
      expect(ours.map((t) => [t.shape, t.dtype])).toEqual(theirs.map((t) => [t.shape, t.dtype]))
      ours.forEach((t, i) => {
        expect(t.toTypedArray()).toEqual(theirs[i]!.toTypedArray())
      })
    })

  test('many rows are summed in wider sums', () => {
    const rows = 20_000
    const x = tensor(new Float32Array(rows * 64).fill(0.1), { shape: [rows, 64] }) as Tensor
    const y = jit((z: Tensor) => sum(z, { axis: 0 }))(x).toTypedArray()
    const exact = rows * Math.fround(0.1)
    for (const s of y) expect(Math.abs(s / exact - 1)).toBeLessThan(1e-6)
  })

  test('threads share blocks and give the same', () => {
    const x = dyadic([600, 1024], 3)
    const noise = jit((z: Tensor) => mul(z, 0.1))(x) as Tensor
    const f = (z: Tensor) => sum(mul(z, z), { axis: 0 })
    const [one, two] = [1, 2].map((threads) => jit(f, { threads, deterministic: true })(noise).toTypedArray())
    expect(two).toEqual(one)
  })
})
