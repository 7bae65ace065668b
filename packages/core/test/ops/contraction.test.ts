import { dot, einsum, matmul, outer, stack, type Tensor, tensor, tensordot, vmap } from '@cotangent/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, distance, f64, fromIndices, gradientErrors, indicesOf, made } from './support.js'

/** Einsum by its definition: loops over all names. Only explicit specs without an ellipsis. */
const naive = (spec: string, ...xs: readonly Tensor[]): Tensor => {
  const [left = '', right = ''] = spec.split('->')
  const terms = left.split(',')
  const size = new Map<string, number>()
  terms.forEach((term, k) => {
    ;[...term].forEach((l, i) => {
      size.set(l, xs[k]!.shape[i]!)
    })
  })
  const summed = [...size.keys()].filter((l) => !right.includes(l))
  const product = (place: ReadonlyMap<string, number>): number =>
    terms.reduce(
      (p, term, k) =>
        p *
        at(
          xs[k]!,
          [...term].map((l) => place.get(l)!),
        ),
      1,
    )
  return fromIndices(
    [...right].map((l) => size.get(l)!),
    (index) =>
      indicesOf(summed.map((l) => size.get(l)!)).reduce((total, inner) => {
        const place = new Map([
          ...[...right].map((l, i) => [l, index[i]!] as const),
          ...summed.map((l, i) => [l, inner[i]!] as const),
        ])
        return total + product(place)
      }, 0),
  )
}

const naiveMatmul = (a: Tensor, b: Tensor, batch: readonly number[]): Tensor => {
  const [n, k, m] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!]
  const own = (t: Tensor, index: readonly number[]): number[] =>
    t.shape.slice(0, -2).map((d, i) => (d === 1 ? 0 : index[batch.length - t.rank + 2 + i]!))
  return fromIndices([...batch, n, m], (index) => {
    const [row, column] = index.slice(-2)
    let s = 0
    for (let p = 0; p < k; p++)
      s += at(a, [...own(a, index), row!, p]) * at(b, [...own(b, index), p, column!])
    return s
  })
}

describe('matmul', () => {
  test.each([
    { a: [2, 3], b: [3, 4], batch: [] },
    { a: [5, 2, 3], b: [3, 4], batch: [5] },
    { a: [2, 3], b: [5, 3, 4], batch: [5] },
    { a: [5, 2, 3], b: [5, 3, 4], batch: [5] },
    { a: [2, 1, 2, 3], b: [4, 3, 2], batch: [2, 4] },
    { a: [1, 4, 2, 3], b: [2, 1, 3, 2], batch: [2, 4] },
    { a: [1, 2, 3], b: [1, 3, 2], batch: [1] },
    { a: [2, 0], b: [0, 3], batch: [] },
    { a: [0, 2, 3], b: [1, 3, 2], batch: [0] },
    { a: [2, 1], b: [1, 3], batch: [] },
  ])('$a · $b', ({ a, b, batch }) => {
    const [x, y] = [made(a), made(b, 5, 1, 7)]
    expect(distance(matmul(x, y), naiveMatmul(x, y, batch))).toBe(0)
  })
  test('vectors lose their axis again', () => {
    const [v, m] = [made([3]), made([2, 3, 4], 5, 1, 7)]
    expect(distance(matmul(v, v), naive('i,i->', v, v))).toBe(0)
    expect(distance(matmul(v, m), naive('i,bij->bj', v, m))).toBe(0)
    expect(distance(matmul(m, made([4])), naive('bij,j->bi', m, made([4])))).toBe(0)
  })
  test('dtypes promote', () => {
    const whole = tensor([[1, 2]], { dtype: 'int32' })
    expect(matmul(whole, tensor([[1.5], [2]])).dtype).toBe('float32')
    expect(matmul(whole, tensor([[1], [2]], { dtype: 'int32' })).toArray()).toEqual([[5]])
  })
  test('literal extents that do not fit are a compile error', () => {
    const [a, b] = [
      tensor(new Float32Array(6), { shape: [2, 3] }),
      tensor(new Float32Array(8), { shape: [2, 4] }),
    ]
    // @ts-expect-error matmul: [2, 3] and [2, 4] do not fit: 3 against 2
    expect(() => matmul(a, b)).toThrowError(
      'matmul: [2, 3] and [2, 4] do not fit: the last axis of the first (3) must equal the second to last of the second (2)',
    )
  })
})

describe('dot, outer and tensordot', () => {
  test('dot keeps the leading axes of both', () => {
    const [a, b] = [made([2, 3]), made([4, 3, 2], 5, 1, 7)]
    expect(distance(dot(a, b), naive('ij,bjk->ibk', a, b))).toBe(0)
    expect(dot(tensor([1, 2]), 3).toArray()).toEqual([3, 6])
  })
  test('outer flattens', () => {
    const [a, b] = [made([2, 2]), made([3])]
    expect(
      distance(
        outer(a, b),
        fromIndices([4, 3], ([i, j]) => at(a, [i! >> 1, i! & 1]) * at(b, [j!])),
      ),
    ).toBe(0)
  })
  test.each([
    [[2, 3, 4], [3, 4, 5], undefined, 'abc,bcd->ad'],
    [[2, 3, 4], [4, 5], 1, 'abc,cd->abd'],
    [[2, 3], [4], 0, 'ab,c->abc'],
    [
      [2, 3, 4],
      [4, 2, 5],
      [
        [2, 0],
        [0, 1],
      ],
      'abc,cad->bd',
    ],
    [[2, 3, 4], [5, 3], [1, -1], 'abc,db->acd'],
  ] as const)('tensordot %j %j %j', (a, b, axes, spec) => {
    const [x, y] = [made(a), made(b, 5, 1, 7)]
    expect(distance(tensordot(x, y, axes), naive(spec, x, y))).toBe(0)
  })
})

describe('einsum', () => {
  test.each([
    ['ij->ji', [[2, 3]]],
    ['ij->i', [[2, 3]]],
    ['ijk->', [[2, 3, 2]]],
    ['ii->i', [[3, 3]]],
    ['ii->', [[3, 3]]],
    ['iji->j', [[2, 3, 2]]],
    ['iijj->ij', [[2, 2, 3, 3]]],
    ['iii->i', [[3, 3, 3]]],
    [
      'ij,jk->ik',
      [
        [2, 3],
        [3, 4],
      ],
    ],
    [
      'ij,jk->ki',
      [
        [2, 3],
        [3, 4],
      ],
    ],
    [
      'ij,ij->ij',
      [
        [2, 3],
        [2, 3],
      ],
    ],
    [
      'ij,kj->',
      [
        [2, 3],
        [4, 3],
      ],
    ],
    [
      'bhid,bhjd->bhij',
      [
        [2, 2, 3, 2],
        [2, 2, 4, 2],
      ],
    ],
    ['i,j,k->kij', [[2], [3], [4]]],
    [
      'ij,jk,kl->il',
      [
        [2, 3],
        [3, 4],
        [4, 2],
      ],
    ],
    [
      'ij,jk,ki->',
      [
        [2, 3],
        [3, 4],
        [4, 2],
      ],
    ],
    [
      'ij,ik,il->ijkl',
      [
        [2, 2],
        [2, 3],
        [2, 2],
      ],
    ],
    [
      'ab,bc,cd,de->ae',
      [
        [2, 3],
        [3, 2],
        [2, 4],
        [4, 2],
      ],
    ],
    [
      'ii,ij->j',
      [
        [3, 3],
        [3, 2],
      ],
    ],
    ['i,->i', [[3], []]],
    ['ij,j->i', [[1, 3], [3]]],
    [
      'ij,jk->ik',
      [
        [2, 1],
        [1, 4],
      ],
    ],
    [
      'ij,jk->ik',
      [
        [2, 0],
        [0, 4],
      ],
    ],
  ] as const)('%s of %j equals loops over its indices', (spec, shapes) => {
    const xs = shapes.map((s, i) => made(s, 7 - 2 * i, 3, 11))
    expect(distance(einsum(spec, ...xs), naive(spec, ...xs))).toBe(0)
  })

  test('any spec equals loops over its indices', () => {
    const names = fc.constantFrom(...'ijkl')
    const size: Readonly<Record<string, number>> = { i: 2, j: 3, k: 1, l: 2 }
    const spec = fc
      .array(fc.array(names, { maxLength: 3 }), { minLength: 1, maxLength: 3 })
      .chain((terms) => {
        const all = [...new Set(terms.flat())]
        return fc
          .shuffledSubarray(all)
          .map((out) => [terms, `${terms.map((t) => t.join('')).join()}->${out.join('')}`] as const)
      })
    fc.assert(
      fc.property(spec, fc.integer({ min: 1, max: 50 }), ([terms, text], seed) => {
        const xs = terms.map((t, i) =>
          made(
            t.map((l) => size[l]!),
            2 * i + 3,
            seed,
            13,
          ),
        )
        expect(distance(einsum(text, ...xs), naive(text, ...xs))).toBe(0)
      }),
      { numRuns: 150 },
    )
  })

  // The right-hand side says what NumPy's implicit output and ellipsis mean.
  test.each([
    [
      'ij,jk',
      [
        [2, 3],
        [3, 4],
      ],
      'ij,jk->ik',
    ],
    ['ba', [[2, 3]], 'ba->ab'],
    ['ii', [[3, 3]], 'ii->'],
    [
      'iB,iA',
      [
        [2, 3],
        [2, 4],
      ],
      'iB,iA->AB',
    ],
    [
      ' ij , jk -> ik ',
      [
        [2, 3],
        [3, 4],
      ],
      'ij,jk->ik',
    ],
    ['...ij->...ji', [[4, 5, 2, 3]], 'abij->abji'],
    [
      '...ij,...jk->...ik',
      [
        [4, 2, 3],
        [4, 3, 2],
      ],
      'aij,ajk->aik',
    ],
    [
      '...ij,jk',
      [
        [4, 2, 3],
        [3, 2],
      ],
      'aij,jk->aik',
    ],
    [
      'i...,i...->...',
      [
        [2, 3],
        [2, 3],
      ],
      'ia,ia->a',
    ],
    [
      '...ij,...jk->...ik',
      [
        [5, 2, 3],
        [4, 5, 3, 2],
      ],
      'bij,abjk->abik',
    ],
    ['...ii->...i', [[4, 3, 3]], 'aii->ai'],
    ['...,...', [[2, 3], [3]], 'ab,b->ab'],
  ] as const)('%s of %j is %s', (spec, shapes, same) => {
    const xs = shapes.map((s, i) => made(s, 7 - 2 * i, 3, 11))
    expect(distance(einsum(spec, ...xs), naive(same.replaceAll(' ', ''), ...xs))).toBe(0)
  })
  test('extents of 1 stretch under an ellipsis', () => {
    const [a, b] = [made([1, 4, 2, 3]), made([5, 1, 3, 2], 5, 1, 7)]
    expect(distance(einsum('...ij,...jk->...ik', a, b), naiveMatmul(a, b, [5, 4]))).toBe(0)
  })
  test.each([
    [
      'ij,jk->ik',
      [
        [2, 3],
        [4, 2],
      ],
      "einsum: 'ij,jk->ik': 'j' is 3 in one operand and 4 in another.",
    ],
    ['ij->ii', [[2, 3]], "the output 'ii' names an axis twice"],
    ['ij->k', [[2, 3]], "the output names 'k', which no operand has"],
    ['ij', [[2, 3, 4]], "'ij' names 2 axes and the operand [2, 3, 4] has 3"],
    ['ij,j', [[2, 3]], 'it names 2 operands and 1 were given'],
    ['ii->i', [[2, 3]], "'i' stands for axes of length 2 and 3"],
    ['i1', [[2, 3]], "'1' in 'i1' is not allowed there"],
    ['...i->i', [[2, 3]], "Write '...' there too"],
    [
      '...i,...i->...',
      [
        [2, 3],
        [4, 3],
      ],
      'an axis of the ellipsis is 2 in one operand and 4 in another',
    ],
  ] as const)('%s of %j is refused', (spec, shapes, message) => {
    expect(() => einsum(spec, ...shapes.map((s) => made(s)))).toThrowError(message)
  })
})

describe('derivatives of first and second order by central differences', () => {
  const b = made([3, 2], 5, 1, 7)
  test.each([
    ['matmul left', [2, 3], (x: Tensor) => matmul(x, b)],
    ['matmul right', [2, 4], (x: Tensor) => matmul(b, x)],
    ['matmul broadcast', [2, 1, 2, 3], (x: Tensor) => matmul(x, made([4, 3, 2]))],
    ['matmul of itself', [3, 3], (x: Tensor) => matmul(x, x)],
    ['vectors', [3], (x: Tensor) => dot(x, x)],
    ['outer', [3], (x: Tensor) => outer(x, x)],
    [
      'tensordot',
      [2, 3, 2],
      (x: Tensor) =>
        tensordot(x, made([2, 2, 3]), [
          [0, 1],
          [1, 2],
        ]),
    ],
    ['trace', [3, 3], (x: Tensor) => einsum('ii', x)],
    ['diagonal', [2, 3, 3], (x: Tensor) => einsum('...ii->...i', x)],
    ['three operands', [2, 3], (x: Tensor) => einsum('ij,jk,lj->ikl', x, b, x)],
    ['attention', [2, 2, 2], (x: Tensor) => einsum('bid,bjd->bij', x, x)],
  ] as const)('%s', (_, shape, f) => {
    const [first, second] = gradientErrors((x) => f(x) as Tensor, made(shape))
    expect(first).toBeLessThan(1e-6)
    expect(second).toBeLessThan(1e-6)
  })
})

describe('vmap equals a loop', () => {
  test.each([
    ['ij,jk->ik', [2, 3], [3, 4]],
    ['bij,bjk->bik', [2, 2, 3], [2, 3, 2]],
    ['ii,ij->j', [3, 3], [3, 2]],
    ['i,j->ij', [2], [3]],
    ['abc,bad->cd', [2, 3, 2], [3, 2, 2]],
  ] as const)('%s', (spec, p, q) => {
    const f = (x: Tensor, y: Tensor): Tensor => einsum(spec, x, y)
    const [xs, ys] = [0, 1, 2]
      .map((i) => [made(p, 7, i), made(q, 5, i + 1)] as const)
      .reduce<readonly [Tensor[], Tensor[]]>(
        ([l, r], [x, y]) => [
          [...l, x],
          [...r, y],
        ],
        [[], []],
      )
    const [X, Y] = [stack(xs) as Tensor, stack(ys) as Tensor]
    const loop = (g: (i: number) => Tensor): Tensor => stack([0, 1, 2].map(g)) as Tensor
    expect(
      distance(
        vmap(f)(X, Y),
        loop((i) => f(xs[i]!, ys[i]!)),
      ),
    ).toBe(0)
    expect(
      distance(
        vmap(f, { inAxes: [0, null] })(X, ys[0]!),
        loop((i) => f(xs[i]!, ys[0]!)),
      ),
    ).toBe(0)
    expect(
      distance(
        vmap(f, { inAxes: [null, 0] })(xs[0]!, Y),
        loop((i) => f(xs[0]!, ys[i]!)),
      ),
    ).toBe(0)
  })
})

test('shapes that do not fit are refused in words', () => {
  const some = (shape: readonly number[]): Tensor =>
    f64(new Float64Array(shape.reduce((a, b) => a * b, 1)), shape)
  expect(() => matmul(some([128, 784]), some([256, 10]))).toThrowError(
    'matmul: [128, 784] and [256, 10] do not fit: the last axis of the first (784) must equal the second to last of the second (256)',
  )
  expect(() => matmul(some([2, 3]), some([]))).toThrowError('a scalar has no axis to contract')
  expect(() => matmul(some([2, 2, 3]), some([4, 3, 2]))).toThrowError('do not broadcast')
  expect(() => dot(some([2, 3]), some([2]))).toThrowError('must equal the only axis of the second (2)')
  expect(() => tensordot(some([2, 3]), some([2, 3]))).not.toThrow()
  expect(() => tensordot(some([2, 3]), some([2, 3]), 1)).toThrowError(
    'axis 1 of the first (3) must equal axis 0 of the second (2)',
  )
})
