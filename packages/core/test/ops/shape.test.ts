import {
  broadcastTo,
  concat,
  diag,
  expandDims,
  grad,
  pad,
  reshape,
  roll,
  slice,
  split,
  squeeze,
  stack,
  sum,
  type Tensor,
  tensor,
  tile,
  transpose,
  tril,
  triu,
  vmap,
  zeros,
} from '@cotangent/core'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { at, distance, f64, fromIndices, gradientErrors, indicesOf, made, numbers } from './support.js'

describe('values against loops over indices', () => {
  const x = made([2, 3, 4], 7, 3, 29)
  test('reshape keeps the row-major order and works out -1', () => {
    const y = reshape(x, [4, -1])
    expect(y.shape).toEqual([4, 6])
    expect(numbers(y)).toEqual(numbers(x))
    expect(reshape(x, [-1]).shape).toEqual([24])
    expect(reshape(zeros([0, 3]), [-1, 3]).shape).toEqual([0, 3])
    expect(reshape(2, [1, 1]).toArray()).toEqual([[2]])
  })
  test('transpose moves axes', () => {
    expect(
      distance(
        transpose(x),
        fromIndices([4, 3, 2], ([i, j, k]) => at(x, [k!, j!, i!])),
      ),
    ).toBe(0)
    const y = transpose(x, [1, -1, 0])
    expect(
      distance(
        y,
        fromIndices([3, 4, 2], ([i, j, k]) => at(x, [k!, i!, j!])),
      ),
    ).toBe(0)
  })
  test('broadcastTo, expandDims, squeeze', () => {
    const row = made([3, 1])
    expect(
      distance(
        broadcastTo(row, [2, 3, 4]),
        fromIndices([2, 3, 4], ([, j]) => at(row, [j!, 0])),
      ),
    ).toBe(0)
    expect([0, 1, 3, -1, -2].map((a) => expandDims(x, a).shape)).toEqual([
      [1, 2, 3, 4],
      [2, 1, 3, 4],
      [2, 3, 4, 1],
      [2, 3, 4, 1],
      [2, 3, 1, 4],
    ])
    const wide = zeros([1, 2, 1, 3])
    expect([squeeze(wide), squeeze(wide, 0), squeeze(wide, [0, -2])].map((t) => t.shape)).toEqual([
      [2, 3],
      [2, 1, 3],
      [2, 3],
    ])
  })
  test.each([0, 1, 2, -1])('concat and split along axis %i are inverse', (axis) => {
    const parts = split(x, [1], { axis })
    expect(distance(concat(parts as Tensor[], { axis }), x)).toBe(0)
    expect(parts[0]!.shape[axis < 0 ? axis + 3 : axis]).toBe(1)
  })
  test('split into equal parts, and at indices as NumPy', () => {
    expect(split(f64([1, 2, 3, 4], [4]), 2).map((t) => t.toArray())).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(split(f64([1, 2, 3, 4], [4]), [1, -1, 9]).map((t) => t.toArray())).toEqual([[1], [2, 3], [4], []])
  })
  test('concat promotes', () => {
    const y = concat([tensor([1, 2], { dtype: 'int32' }), tensor([0.5])])
    expect(y.dtype).toBe('float32')
    expect(y.toArray()).toEqual([1, 2, 0.5])
  })
  test.each([0, 1, -1])('stack along axis %i', (axis) => {
    const xs = [made([2, 3]), made([2, 3], 5, 1)]
    const y = stack(xs, { axis }) as Tensor
    const a = axis < 0 ? 2 : axis
    expect(
      distance(
        y,
        fromIndices(y.shape, (index) => at(xs[index[a]!]!, index.toSpliced(a, 1))),
      ),
    ).toBe(0)
  })
  test('pad', () => {
    const y = pad(
      made([2, 2]),
      [
        [1, 0],
        [0, 2],
      ],
      { value: 9 },
    )
    const expected = ([i, j]: readonly number[]): number =>
      i! < 1 || j! > 1 ? 9 : at(made([2, 2]), [i! - 1, j!])
    expect(distance(y, fromIndices([3, 4], expected))).toBe(0)
    expect(pad(made([2, 2]), 1).shape).toEqual([4, 4])
  })
  test('roll along axes, and flat without one', () => {
    const y = roll(x, [1, -2], { axis: [0, 2] })
    expect(
      distance(
        y,
        fromIndices([2, 3, 4], ([i, j, k]) => at(x, [(i! + 1) % 2, j!, (k! + 2) % 4])),
      ),
    ).toBe(0)
    expect(numbers(roll(x, 25))).toEqual([...numbers(x).slice(-1), ...numbers(x).slice(0, -1)])
    expect(distance(roll(x, -7, { axis: 1 }), roll(x, 2, { axis: 1 }))).toBe(0)
  })
  test.each([
    [[2, 3], 2, [2, 6]],
    [
      [2, 3],
      [2, 1],
      [4, 3],
    ],
    [[3], [2, 2], [2, 6]],
    [[2, 2, 1], [3], [2, 2, 3]],
    [[2], [0], [0]],
    [[], [2], [2]],
  ] as const)('tile %j by %j', (shape, reps, out) => {
    const t = made(shape)
    const expected = fromIndices(out, (index) =>
      at(
        t,
        index.slice(out.length - shape.length).map((i, a) => i % shape[a]!),
      ),
    )
    expect(distance(tile(t, reps), expected)).toBe(0)
  })
  test.each([-4, -3, -1, 0, 1, 2, 5])('diagonals: k = %i', (k) => {
    const v = made([3])
    const n = 3 + Math.abs(k)
    const on = (i: number, j: number): boolean => j - i === k
    const matrix = fromIndices([n, n], ([i, j]) => (on(i!, j!) ? at(v, [k >= 0 ? i! : j!]) : 0))
    expect(distance(diag(v, { k }), matrix)).toBe(0)
    expect(distance(diag(matrix, { k }), v)).toBe(0)
    for (const [rows, columns] of [
      [3, 5],
      [5, 3],
    ] as const) {
      const m = made([rows, columns], 7, 3, 29)
      const entries = indicesOf([rows, columns]).filter(([i, j]) => on(i!, j!))
      expect(numbers(diag(m, { k }))).toEqual(entries.map((index) => at(m, index)))
    }
    const many = made([2, 3, 5], 7, 3, 29)
    const part = (keep: (i: number, j: number) => boolean): Tensor =>
      fromIndices([2, 3, 5], ([b, i, j]) => (keep(i!, j!) ? at(many, [b!, i!, j!]) : 0))
    expect(
      distance(
        tril(many, { k }),
        part((i, j) => j - i <= k),
      ),
    ).toBe(0)
    expect(
      distance(
        triu(many, { k }),
        part((i, j) => j - i >= k),
      ),
    ).toBe(0)
  })
  test('diag of nothing', () => {
    expect(diag(zeros([0])).shape).toEqual([0, 0])
    expect(diag(zeros([0]), { k: 2 }).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ])
    expect(diag(zeros([2, 3]), { k: 7 }).shape).toEqual([0])
  })
  test('tril does not let what it cuts off through', () => {
    expect(
      tril(
        tensor([
          [1, Number.NaN],
          [2, 3],
        ]),
      ).toArray(),
    ).toEqual([
      [1, 0],
      [2, 3],
    ])
  })
})

describe('slice walks as x[begin:end:stride]', () => {
  // The indices of Python's language reference: start at begin, step until end is reached or passed.
  const python = (n: number, begin: number | null, end: number | null, stride: number): number[] => {
    const bound = (i: number, lo: number, hi: number): number => Math.max(lo, Math.min(hi, i < 0 ? i + n : i))
    const [lo, hi] = stride > 0 ? [0, n] : [-1, n - 1]
    const out: number[] = []
    const [from, to] = [
      begin === null ? (stride > 0 ? 0 : n - 1) : bound(begin, lo, hi),
      end === null ? (stride > 0 ? n : -1) : bound(end, lo, hi),
    ]
    for (let i = from; stride > 0 ? i < to : i > to; i += stride) out.push(i)
    return out
  }
  const bound = fc.option(fc.integer({ min: -8, max: 8 }))
  const stride = fc.constantFrom(-3, -2, -1, 1, 2, 3)
  test('any bounds and strides', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), bound, bound, stride, (n, begin, end, step) => {
        const x = f64([...Array(n).keys()], [n])
        expect(numbers(slice(x, [begin], [end], [step]))).toEqual(python(n, begin, end, step))
      }),
      { numRuns: 500 },
    )
  })
  test('several axes, and axes that are left whole', () => {
    const x = made([4, 3, 2], 7, 3, 29)
    const y = slice(x, [-1, 0], [null, 3], [-2, 2])
    expect(
      distance(
        y,
        fromIndices([2, 2, 2], ([i, j, k]) => at(x, [3 - 2 * i!, 2 * j!, k!])),
      ),
    ).toBe(0)
  })
})

describe('derivatives of first and second order by central differences', () => {
  test.each([
    ['reshape', [2, 3], (x: Tensor) => reshape(x, [3, -1])],
    ['transpose', [2, 3, 2], (x: Tensor) => transpose(x, [2, 0, 1])],
    ['broadcastTo', [3, 1], (x: Tensor) => broadcastTo(x, [2, 3, 2])],
    ['expandDims', [3], (x: Tensor) => expandDims(x, 0)],
    ['squeeze', [1, 3], (x: Tensor) => squeeze(x)],
    ['concat', [2, 2], (x: Tensor) => concat([x, made([2, 1]), x], { axis: 1 })],
    ['stack', [3], (x: Tensor) => stack([x, x], { axis: -1 })],
    ['split', [4], (x: Tensor) => split(x, [1, 3])[1]!],
    ['slice', [5, 3], (x: Tensor) => slice(x, [null, 1], [null, null], [-2, 1])],
    [
      'pad',
      [2, 2],
      (x: Tensor) =>
        pad(
          x,
          [
            [1, 0],
            [0, 2],
          ],
          { value: 3 },
        ),
    ],
    ['roll', [2, 3], (x: Tensor) => roll(x, 1, { axis: 1 })],
    ['tile', [2, 2], (x: Tensor) => tile(x, [2, 1, 3])],
    ['diag of a vector', [3], (x: Tensor) => diag(x, { k: -1 })],
    ['diag of a matrix', [3, 4], (x: Tensor) => diag(x, { k: 1 })],
    ['tril', [3, 3], (x: Tensor) => tril(x)],
    ['triu', [2, 3, 3], (x: Tensor) => triu(x, { k: 1 })],
  ] as const)('%s, and vmap equals a loop', (_, shape, f) => {
    const [first, second] = gradientErrors((x) => f(x) as Tensor, made(shape))
    expect(first).toBeLessThan(1e-6)
    expect(second).toBeLessThan(1e-6)
    const xs = [made(shape, 7, 1), made(shape, 5, 2)]
    const both = vmap((x: Tensor) => f(x) as Tensor)(stack(xs) as Tensor)
    expect(distance(both, stack(xs.map((x) => f(x) as Tensor)) as Tensor)).toBe(0)
  })
  test('what is sliced away has gradient 0', () => {
    const slope = grad((x: Tensor) => sum(slice(x, [-1], [null], [-2])) as Tensor)
    expect(numbers(slope(f64([1, 2, 3, 4], [4])))).toEqual([0, 1, 0, 1])
  })
})

describe('literal shapes are known to the compiler', () => {
  test('types', () => {
    const a = zeros([2, 3])
    expectTypeOf(reshape(a, [3, -1])).toEqualTypeOf<Tensor<[3, 2], 'float32'>>()
    expectTypeOf(transpose(a)).toEqualTypeOf<Tensor<[3, 2], 'float32'>>()
    expectTypeOf(transpose(zeros([2, 3, 4]), [2, 0, 1])).toEqualTypeOf<Tensor<[4, 2, 3], 'float32'>>()
    expectTypeOf(broadcastTo(a, [5, 2, 3])).toEqualTypeOf<Tensor<[5, 2, 3], 'float32'>>()
    expectTypeOf(expandDims(a, -1)).toEqualTypeOf<Tensor<[2, 3, 1], 'float32'>>()
    expectTypeOf(squeeze(zeros([1, 2, 1]), 0)).toEqualTypeOf<Tensor<[2, 1], 'float32'>>()
    const below = zeros([5, 3])
    expectTypeOf(concat([a, below])).toEqualTypeOf<Tensor<[7, 3], 'float32'>>()
    expectTypeOf(stack([a, a, a], { axis: 1 })).toEqualTypeOf<Tensor<[2, 3, 3], 'float32'>>()
    expectTypeOf(diag(zeros([3]))).toEqualTypeOf<Tensor<[number, number], 'float32'>>()
  })
  test('what cannot fit is refused by the compiler and at run time', () => {
    const a = zeros([2, 3])
    // @ts-expect-error reshape: [2, 3] has 6 elements and [4] has 4
    expect(() => reshape(a, [4])).toThrowError('reshape: [2, 3] has 6 elements, [4] would have 4')
    // @ts-expect-error transpose: [0, 0] is not a permutation of the axes of [2, 3]
    expect(() => transpose(a, [0, 0])).toThrowError(
      'transpose: [0, 0] is not a permutation of the 2 axes of [2, 3]',
    )
    // @ts-expect-error broadcastTo: [2, 3] does not stretch to [4, 3]: axis 0 is 2 against 4
    expect(() => broadcastTo(a, [4, 3])).toThrowError('broadcastTo: [2, 3] does not stretch to [4, 3]')
    // @ts-expect-error squeeze: axis 0 of [2, 3] is not 1
    expect(() => squeeze(a, 0)).toThrowError('squeeze: axis 0 of [2, 3] has extent 2, not 1')
    // @ts-expect-error concat: [2, 3] and [3, 4] do not join along axis 0
    expect(() => concat([a, zeros([3, 4])])).toThrowError(
      'concat: [2, 3] and [3, 4] do not join along axis 0',
    )
    // @ts-expect-error stack: [2, 3] and [3, 4] are not the same shape
    expect(() => stack([a, zeros([3, 4])])).toThrowError('stack: [2, 3] and [3, 4] are not the same shape')
    // @ts-expect-error expandDims: axis 4 is out of range
    expect(() => expandDims(a, 4)).toThrowError('expandDims: axis 4 does not exist')
  })
  test.each([
    ['two unknowns', () => reshape(made([4]), [-1, -1]), 'reshape: [-1, -1] has 2 unknown extents'],
    ['no extent fits', () => reshape(made([4]), [3, -1]), '4 is not a multiple of 3'],
    ['nothing to join', () => concat([]), 'concat: needs a list of at least one tensor'],
    [
      'scalars',
      () => concat([f64([1], []), f64([2], [])]),
      'concat: scalars have no axis to join along. Use stack.',
    ],
    [
      'split',
      () => split(made([5]), 2),
      'split: axis 0 of [5] has extent 5, which does not divide into 2 equal parts',
    ],
    ['slice rank', () => slice(made([5]), [0, 0]), 'slice: [0,0] does not address the 1 axes of [5]'],
    ['stride', () => slice(made([5]), [0], [1], [0]), 'Strides are positive or negative'],
    ['pad', () => pad(made([5]), [[0, -1]]), 'pad: [[0,-1]] does not fit [5]'],
    [
      'pad rank',
      () =>
        pad(made([5]), [
          [0, 1],
          [0, 1],
        ]),
      'for each of the 1 axes',
    ],
    ['roll', () => roll(made([2, 2]), [1, 2, 3], { axis: [0, 1] }), 'roll: 3 shifts for 2 axes'],
    ['tile', () => tile(made([2]), -1), 'tile: cannot repeat -1 times'],
    ['diag', () => diag(made([2, 2, 2])), 'diag: needs a vector or a matrix, not [2, 2, 2]'],
    ['tril', () => tril(made([2])), 'tril: needs at least two axes, not [2]'],
  ] as const)('%s', (_, f, message) => {
    expect(f).toThrowError(message)
  })
})
