import { describe, expect, test } from 'vitest'
import {
  conv,
  einsum,
  grad,
  linalg,
  matmul,
  mul,
  scatterAdd,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  take,
  tensor,
} from '../../src/index.js'
import type { NestedNumbers } from '../../src/tensor.js'
import { d, numeric, slope, slopes } from './at.js'

const near = (got: NestedNumbers, want: NestedNumbers, digits = 10): void => {
  const [a, b] = [[got].flat(9), [want].flat(9)] as [number[], number[]]
  expect(a).toHaveLength(b.length)
  for (const [i, v] of a.entries()) expect(v).toBeCloseTo(b[i]!, digits)
}
/** The gradient of a function of a matrix against differences. */
const checked = (f: (x: Tensor) => Tensor, x: NestedNumbers, digits = 8): void =>
  near(slope(f, x), numeric(f, d(x)), digits)

const spd = [
  [4, 1, 0.5],
  [1, 3, -0.25],
  [0.5, -0.25, 5],
]
const general = [
  [2, -1, 0.5],
  [0.25, 3, 1],
  [-1.5, 0.75, 4],
]
const weights = d([
  [1, -2, 3],
  [0.5, 4, -1],
  [2, 0.25, -3],
])

describe('singular points of matrices', () => {
  test('eigenvalues and invariants of eigenvectors at a repeated eigenvalue', () => {
    const eye = [
      [1, 0],
      [0, 1],
    ]
    near(
      slope((a) => linalg.eigh(a).values, eye),
      eye,
    )
    // The projector onto the simple eigenvalue does not care how the basis of the repeated one was chosen.
    const projector = (a: Tensor): Tensor => {
      const last = take(linalg.eigh(a).vectors, 2, { axis: 1 }) as Tensor
      return mul(einsum('i,k->ik', last, last) as Tensor, weights) as Tensor
    }
    checked(projector, [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 3],
    ])
    for (const v of (
      slope(
        (a) =>
          mul(
            linalg.eigh(a).vectors,
            d([
              [1, 2],
              [3, 4],
            ]),
          ),
        eye,
      ) as number[][]
    ).flat())
      expect(Number.isFinite(v)).toBe(true)
  })

  test('the nuclear norm at diag(1, 0): diag(1, 0), the gradient of least norm', () => {
    near(
      slope(
        (a) => linalg.norm(a, { ord: 'nuc' }),
        [
          [1, 0],
          [0, 0],
        ],
      ),
      [
        [1, 0],
        [0, 0],
      ],
    )
  })

  test('the spectral norm at the identity: half the identity', () => {
    near(
      slope(
        (a) => linalg.norm(a, { ord: 2 }),
        [
          [1, 0],
          [0, 1],
        ],
      ),
      [
        [0.5, 0],
        [0, 0.5],
      ],
    )
  })

  test('the determinant at a singular matrix: cofactors', () => {
    near(
      slope(
        (a) => linalg.det(a),
        [
          [1, 0],
          [0, 0],
        ],
      ),
      [
        [0, 0],
        [0, 1],
      ],
    )
    near(
      slope(
        (a) => linalg.det(a),
        [
          [0, 0, 0],
          [0, 2, 0],
          [0, 0, 3],
        ],
      ),
      [
        [6, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    )
  })
})

describe('11. gather and scatter', () => {
  test('duplicated indices accumulate', () => {
    expect(slope((x) => mul(take(x, [0, 2, 0]), d([1, 10, 100])), [1, 2, 3])).toEqual([101, 0, 10])
    const onto = (u: Tensor) =>
      mul(scatterAdd(d([0, 0, 0]), tensor([1, 1, 2], { dtype: 'int32' }), u), d([1, 10, 100]))
    expect(slope(onto as (u: Tensor) => Tensor, [5, 6, 7])).toEqual([10, 10, 100])
  })
  test('an index outside is refused, and -1 is the last', () => {
    expect(() => take(d([1, 2, 3]), [3])).toThrow(/index 3/)
    expect(take(d([1, 2, 3]), [-1]).toArray()).toEqual([3])
  })
})

describe('14. contractions of every pair of ranks', () => {
  const shapes: readonly (readonly [string, string, string])[] = [
    ['i', 'i', ''],
    ['ij', 'j', 'i'],
    ['i', 'ij', 'j'],
    ['ij', 'jk', 'ik'],
    ['bij', 'bjk', 'bik'],
    ['bij', 'jk', 'bik'],
    ['abij', 'bjk', 'abik'],
    ['ji', 'kj', 'ki'],
  ]
  const sizes: Readonly<Record<string, number>> = { a: 2, b: 2, i: 2, j: 3, k: 2 }
  const filled = (spec: string, phase: number): Tensor => {
    const shape = [...spec].map((c) => sizes[c]!)
    const n = shape.reduce((p, v) => p * v, 1)
    return tensor(
      Float64Array.from({ length: n }, (_, i) => Math.round(64 * Math.sin(i + phase)) / 64),
      { shape },
    ) as Tensor
  }
  for (const [a, b, c] of shapes)
    test(`${a},${b}->${c}`, () => {
      const [x, y] = [filled(a, 1), filled(b, 2)]
      const f = (p: Tensor, q: Tensor): Tensor => square(einsum(`${a},${b}->${c}`, p, q) as Tensor) as Tensor
      const [gx, gy] = slopes((p, q) => f(p!, q!), x.toArray(), y.toArray())
      near(
        gx!,
        numeric((p) => f(p, y), x),
      )
      near(
        gy!,
        numeric((q) => f(x, q), y),
      )
    })
  test('matmul broadcasts over batches, and its gradients are summed over them', () => {
    const [x, y] = [filled('bij', 1), filled('jk', 2)]
    const f = (p: Tensor, q: Tensor): Tensor => square(matmul(p, q) as Tensor) as Tensor
    const [gx, gy] = slopes((p, q) => f(p!, q!), x.toArray(), y.toArray())
    near(
      gx!,
      numeric((p) => f(p, y), x),
    )
    near(
      gy!,
      numeric((q) => f(x, q), y),
    )
  })
})

test('15. convolutions with strides, padding and dilation', () => {
  const x = [[[1], [-2], [0.5], [3], [-1], [2]]]
  const w = [[[1, -1]], [[0.5, 2]], [[-2, 0.25]]]
  for (const options of [
    { strides: 2, padding: 'same' },
    { strides: 1, padding: 'valid', dilation: 2 },
    { strides: 3, padding: [[2, 1]] },
  ] as const) {
    const f = (p: Tensor, q: Tensor): Tensor => square(conv(p, q, options) as Tensor) as Tensor
    const [gx, gw] = slopes((p, q) => f(p!, q!), x, w)
    near(
      gx!,
      numeric((p) => f(p, d(w)), d(x)),
    )
    near(
      gw!,
      numeric((q) => f(d(x), q), d(w)),
    )
  }
})

describe('16. factorisations', () => {
  test('solve, in both operands', () => {
    checked((a) => mul(linalg.solve(a, d([1, 2, 3])), d([1, -1, 2])), general)
    checked((b) => mul(linalg.solve(d(general), b), d([1, -1, 2])), [1, 2, 3])
  })
  test('triangular solve reads and moves one triangle', () => {
    checked((a) => mul(linalg.triangularSolve(a, weights, { lower: true }), weights), general)
    checked((a) => mul(linalg.triangularSolve(a, weights, { lower: false }), weights), general)
    const g = slope((a) => mul(linalg.triangularSolve(a, weights, { lower: true }), weights), general)
    expect((g as number[][])[0]![2]).toBe(0)
  })
  test('cholesky of the symmetric part', () => {
    checked((a) => mul(linalg.cholesky(a), weights), spd)
    const g = slope((a) => mul(linalg.cholesky(a), weights), spd) as number[][]
    expect(g[0]![1]).toBeCloseTo(g[1]![0]!, 14)
  })
  test('qr, svd, eigh, inv, det, slogdet, expm against differences', () => {
    checked((a) => mul(linalg.qr(a).q, weights), general)
    checked((a) => mul(linalg.qr(a).r, weights), general)
    checked((a) => mul(linalg.svd(a).u, weights), general)
    checked((a) => mul(linalg.svd(a).vt, weights), general)
    checked((a) => linalg.svdvals(a), general)
    checked((a) => mul(linalg.eigh(a).vectors, weights), spd)
    checked((a) => mul(linalg.inv(a), weights), general)
    checked((a) => linalg.det(a), general)
    checked((a) => linalg.slogdet(a).logabsdet, general)
    checked((a) => mul(linalg.expm(a), weights), general, 6)
  })
  test('the sign of a determinant has no gradient', () => {
    near(
      slope((a) => linalg.slogdet(a).sign, general),
      [0, 0, 0, 0, 0, 0, 0, 0, 0],
    )
  })
  test('singular values need no gaps: only UᵀdAV is used', () => {
    near(
      slope(
        (a) => sum(linalg.svdvals(a)) as Tensor,
        [
          [2, 0],
          [0, 2],
        ],
      ),
      [
        [1, 0],
        [0, 1],
      ],
    )
  })
  test('second derivatives of a solve', () => {
    const f = (a: Tensor): Tensor => sin(linalg.solve(a, d([1, 2, 3]))) as Tensor
    const first = (a: Tensor): Tensor => grad((v: Tensor) => sum(f(v)) as Tensor)(a) as Tensor
    checked((a) => mul(first(a), sub(weights, 1)), general, 6)
  })
})
