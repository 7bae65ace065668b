import {
  add,
  arange,
  eye,
  full,
  linspace,
  ones,
  onesLike,
  type Tensor,
  tensor,
  tree,
  zeros,
  zerosLike,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'

describe('creation', () => {
  test('nested numbers, booleans, typed arrays and numbers', () => {
    expect(
      tensor([
        [1, 2],
        [3, 4],
      ]).shape,
    ).toEqual([2, 2])
    expect(tensor(5).shape).toEqual([])
    expect(tensor([true, false]).dtype).toBe('bool')
    expect(tensor([[]]).shape).toEqual([1, 0])
    expect(tensor(new Float64Array([1, 2]))).toMatchObject({ dtype: 'float64', shape: [2] })
    expect(tensor(new Int32Array([1, 2])).dtype).toBe('int32')
    expect(tensor(new Uint8Array([1, 200])).toArray()).toEqual([1, 200])
    expect(tensor(new Uint8Array([1, 0]), { dtype: 'bool' }).dtype).toBe('bool')
    expect(tensor([1.7, -1.7], { dtype: 'int32' }).toArray()).toEqual([1, -1])
    expect(tensor([1, 2, 3, 4], { shape: [2, 2] }).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
  })
  test('filled, evenly spaced', () => {
    expect(full([2], 3).toArray()).toEqual([3, 3])
    expect(ones([1, 2], 'int32').dtype).toBe('int32')
    expect(zerosLike(tensor([1, 2])).toArray()).toEqual([0, 0])
    expect(onesLike(tensor([1, 2], { dtype: 'float64' })).dtype).toBe('float64')
    expect(eye(2).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(arange(1, 7, 2).toArray()).toEqual([1, 3, 5])
    expect(arange(3, 0, -1).toArray()).toEqual([3, 2, 1])
    expect(arange(0, 1, 0.25).dtype).toBe('float32')
    expect(linspace(0, 1, 5, 'float64').toArray()).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(linspace(2, 3, 1).toArray()).toEqual([2])
  })
  test.each([
    [
      'numbers that do not fill the shape',
      () => tensor([1, 2, 3], { shape: [2, 2] }),
      /3 numbers do not fill shape \[2, 2\], which has 4/,
    ],
    [
      'a typed array that does not',
      () => tensor(new Float32Array(3), { shape: [2, 2] }),
      /3 numbers do not fill shape/,
    ],
    ['text', () => tensor(['a'] as unknown as number[]), /the entry at \[0\] is string a, not a number/],
    ['a negative extent', () => zeros([-1]), /zeros: \[-1\] is not a shape/],
    ['a step of 0', () => arange(0, 1, 0), /cannot go from 0 to 1 in steps of 0/],
  ])('refuses %s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})

describe('values are immutable', () => {
  test('what goes in and what comes out are copies', () => {
    const data = new Float32Array([1, 2])
    const t = tensor(data)
    data[0] = 9
    t.toTypedArray()[1] = 9
    expect(t.toArray()).toEqual([1, 2])
    expect(Object.isFrozen(t.shape)).toBe(true)
  })
  test('tensors are opaque to tree.update: replaced, never entered', () => {
    const before = { a: tensor([1, 2]) as Tensor, b: { c: tensor(3) as Tensor } }
    const after = tree.update(before, (draft) => {
      draft.a = tensor([5])
    })
    expect(after.b).toBe(before.b)
    expect(after.b.c).toBe(before.b.c)
    expect(before.a.toArray()).toEqual([1, 2])
    expect(after.a.toArray()).toEqual([5])
    const shared = { w: tensor(1) }
    expect(() => tree.update({ x: shared, y: shared }, () => {})).toThrow(
      /y and x are the same object, and editing would untie them/,
    )
  })
})

describe('reading', () => {
  test('a one-element tensor computes and compares as a number', () => {
    expect(Number(tensor([[2]]))).toBe(2)
    expect((tensor(2) as unknown as number) > 1).toBe(true)
    expect(`${tensor(2)}`).toBe('Tensor(float32, []) 2')
    expect(() => Number(tensor([1, 2]))).toThrow(/item: a tensor of shape \[2\] has 2 elements/)
  })
  test('iterates over its rows', () => {
    expect(
      [
        ...(tensor([
          [1, 2],
          [3, 4],
        ]) as Iterable<Tensor>),
      ].map((r) => r.toArray()),
    ).toEqual([
      [1, 2],
      [3, 4],
    ])
  })
  test('prints dtype, shape and values, long axes cut in the middle', () => {
    expect([
      String(tensor([1.5, -0, 0.1])),
      String(
        tensor(
          [
            [1, 2],
            [3, 4],
          ],
          { dtype: 'int32' },
        ),
      ),
      String(tensor([true, false])),
      String(arange(100)),
      String(zeros([0, 3])),
      String(add(tensor(1 / 3, { dtype: 'float64' }), 1e20)),
      String(zeros([9, 2])),
    ]).toMatchInlineSnapshot(`
      [
        "Tensor(float32, [3]) [1.5, -0, 0.1]",
        "Tensor(int32, [2, 2])
      [[1, 2],
       [3, 4]]",
        "Tensor(bool, [2]) [true, false]",
        "Tensor(int32, [100]) [0, 1, 2, ..., 97, 98, 99]",
        "Tensor(float32, [0, 3]) []",
        "Tensor(float64, []) 100000000000000000000",
        "Tensor(float32, [9, 2])
      [[0, 0],
       [0, 0],
       [0, 0],
       ...,
       [0, 0],
       [0, 0],
       [0, 0]]",
      ]
    `)
  })
})

describe('trees', () => {
  const t = { a: tensor([1, 2]), b: [tensor(3), { c: tensor(4) }] as const }
  test('leaves, paths, map, reduce, flatten and back', () => {
    expect(tree.paths(t)).toEqual(['a', 'b/0', 'b/1/c'])
    expect(tree.leaves(t).map((x) => x.toArray())).toEqual([[1, 2], 3, 4])
    expect(tree.reduce((n: number, x: Tensor, path: string) => n + x.size + path.length, t, 0)).toBe(
      4 + 1 + 3 + 5,
    )
    const { leaves, def } = tree.flatten(t)
    expect(tree.map((x: Tensor) => x.toArray(), tree.unflatten(def, leaves))).toEqual({
      a: [1, 2],
      b: [3, { c: 4 }],
    })
    expect(tree.map((x: Tensor, y: Tensor) => add(x, y).toArray(), t, t)).toEqual({
      a: [2, 4],
      b: [6, { c: 8 }],
    })
  })
  test.each([
    ['a missing leaf', () => tree.map((x: Tensor) => x, t, { a: tensor(1) }), /the leaf at b\/0 is missing/],
    [
      'an extra leaf',
      () => tree.map((x: Tensor) => x, { a: tensor(1) }, t),
      /there is an extra leaf at b\/0/,
    ],
    [
      'another order',
      () => tree.map((x: Tensor) => x, { a: tensor(1), b: tensor(2) }, { b: tensor(1), a: tensor(2) }),
      /the keys come in another order/,
    ],
    ['undefined', () => tree.leaves({ a: undefined }), /the leaf at a is undefined/],
    ['an instance of a class', () => tree.leaves({ a: new Map() }), /the leaf at a is a Map/],
    [
      'too few leaves',
      () => tree.unflatten(tree.flatten(t).def, []),
      /the structure has 3 leaves, 0 were given/,
    ],
  ])('refuses %s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
