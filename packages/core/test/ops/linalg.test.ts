import {
  type CotangentError,
  grad,
  jit,
  jvp,
  linalg,
  matmul,
  mul,
  slice,
  sum,
  type Tensor,
  tensor,
  transpose,
  vjp,
  vmap,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'

const d = (x: unknown): Tensor => tensor(x as number[], { dtype: 'float64' }) as unknown as Tensor

// Deterministic dyadic numbers, so that a failure is the same failure every time.
const generator = (seed: number) => {
  let state = seed
  return (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return ((state >>> 20) % 257) / 64 - 2
  }
}
const random = (shape: readonly number[], seed: number): Tensor => {
  const next = generator(seed)
  return tensor(Float64Array.from({ length: shape.reduce((n, k) => n * k, 1) }, next), {
    shape: [...shape],
  }) as unknown as Tensor
}
const values = (t: Tensor): number[] => [...t.toTypedArray()]
const mapped = (t: Tensor, f: (x: number, i: number) => number): Tensor =>
  tensor(Float64Array.from(values(t), f), { shape: [...t.shape] }) as unknown as Tensor
const along = (x: Tensor, v: Tensor, h: number): Tensor => {
  const w = values(v)
  return mapped(x, (a, i) => a + h * w[i]!)
}
const inner = (a: Tensor, b: Tensor): number => {
  const w = values(b)
  return values(a).reduce((s, x, i) => s + x * w[i]!, 0)
}
const close = (actual: unknown, expected: unknown, digits = 9): void => {
  const flat = (x: unknown): number[] =>
    typeof x === 'number' ? [x] : Array.isArray(x) ? x.flatMap(flat) : values(x as Tensor)
  const [a, b] = [flat(actual), flat(expected)]
  expect(a.length).toBe(b.length)
  const size = Math.max(1, ...b.map(Math.abs))
  a.forEach((x, i) => {
    expect(Math.abs(x - b[i]!) / size).toBeLessThan(10 ** -digits)
  })
}

const times = (a: Tensor, b: Tensor): Tensor => {
  const [m, k] = a.shape.slice(-2) as [number, number]
  const n = b.shape.at(-1)!
  const [x, y] = [values(a), values(b)]
  const count = x.length / (m * k)
  const out: number[] = []
  for (let s = 0; s < count; s++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let t = 0
        for (let p = 0; p < k; p++) t += x[(s * m + i) * k + p]! * y[(s * k + p) * n + j]!
        out.push(t)
      }
  return tensor(Float64Array.from(out), { shape: [...a.shape.slice(0, -1), n] }) as unknown as Tensor
}
const flipped = (a: Tensor): Tensor => {
  const [m, n] = a.shape.slice(-2) as [number, number]
  const x = values(a)
  const out = new Float64Array(x.length)
  for (let s = 0; s < x.length / (m * n); s++)
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[(s * n + j) * m + i] = x[(s * m + i) * n + j]!
  return tensor(out, { shape: [...a.shape.slice(0, -2), n, m] }) as unknown as Tensor
}
const plusDiagonal = (a: Tensor, c: number): Tensor => {
  const n = a.shape.at(-1)!
  return mapped(a, (x, i) => (Math.floor(i / n) % n === i % n ? x + c : x))
}
const diagonalOf = (s: readonly number[]): Tensor => d(s.map((x, i) => s.map((_, j) => (i === j ? x : 0))))

const spd = (shape: readonly number[], seed: number): Tensor => {
  const a = random(shape, seed)
  return plusDiagonal(times(a, flipped(a)), 1)
}
const regular = (shape: readonly number[], seed: number): Tensor => plusDiagonal(random(shape, seed), 5)

// Every operation as a function of one tensor, and where it is smooth.
interface Law {
  readonly name: string
  readonly f: (a: Tensor) => Tensor
  readonly at: readonly (readonly [string, Tensor])[]
}
const squares = [
  ['3×3', regular([3, 3], 1)],
  ['1×1', regular([1, 1], 2)],
  ['5×5', regular([5, 5], 3)],
  ['2 of 2×2', regular([2, 2, 2], 4)],
] as const
const symmetric = [
  ['3×3', spd([3, 3], 5)],
  ['4×4', spd([4, 4], 6)],
  ['2 of 2×2', spd([2, 2, 2], 7)],
] as const
const rectangular = [
  ['square', regular([3, 3], 8)],
  ['tall', random([4, 2], 9)],
  ['wide', random([2, 4], 10)],
  ['2 of 3×2', random([2, 3, 2], 18)],
] as const
const rightSide = random([3], 12)
const columns = random([2, 3, 2], 13)
const fixed = regular([3, 3], 14)
const three = squares.slice(0, 1)
const laws: readonly Law[] = [
  { name: 'cholesky', f: linalg.cholesky, at: symmetric },
  { name: 'inv', f: linalg.inv, at: squares },
  { name: 'det', f: linalg.det, at: squares },
  { name: 'logabsdet', f: (a) => linalg.slogdet(a).logabsdet, at: squares },
  { name: 'eigvalsh', f: linalg.eigvalsh, at: symmetric },
  { name: 'eigenvectors', f: (a) => linalg.eigh(a).vectors, at: symmetric },
  { name: 'q', f: (a) => linalg.qr(a).q, at: rectangular },
  { name: 'r', f: (a) => linalg.qr(a).r, at: rectangular },
  { name: 'u', f: (a) => linalg.svd(a).u, at: rectangular },
  { name: 'svdvals', f: linalg.svdvals, at: rectangular },
  { name: 'vt', f: (a) => linalg.svd(a).vt, at: rectangular },
  { name: 'pinv', f: (a) => linalg.pinv(a), at: rectangular },
  { name: 'norm fro', f: (a) => linalg.norm(a), at: rectangular },
  { name: 'norm nuc', f: (a) => linalg.norm(a, { ord: 'nuc' }), at: rectangular },
  { name: 'norm 2', f: (a) => linalg.norm(a, { ord: 2 }), at: rectangular },
  { name: 'norm 1', f: (a) => linalg.norm(a, { ord: 1 }), at: rectangular },
  { name: 'norm ∞', f: (a) => linalg.norm(a, { ord: Number.POSITIVE_INFINITY }), at: rectangular },
  { name: 'trace', f: linalg.trace, at: rectangular },
  { name: 'matrixPower 3', f: (a) => linalg.matrixPower(a, 3), at: squares },
  { name: 'matrixPower -2', f: (a) => linalg.matrixPower(a, -2), at: squares },
  { name: 'expm', f: linalg.expm, at: squares },
  { name: 'solve in A, vector', f: (a) => linalg.solve(a, rightSide), at: three },
  { name: 'solve in A, batch of B', f: (a) => linalg.solve(a, columns), at: three },
  {
    name: 'solve in B',
    f: (b) => linalg.solve(fixed, b),
    at: [
      ['vector', rightSide],
      ['batch', columns],
    ],
  },
  { name: 'lstsq in A', f: (a) => linalg.lstsq(a, random([a.shape[0]!], 15)), at: rectangular.slice(0, 3) },
  { name: 'lstsq in B', f: (b) => linalg.lstsq(random([3, 2], 16), b), at: [['vector', rightSide]] },
  ...[true, false].flatMap((lower) =>
    [true, false].flatMap((transpose) =>
      [true, false].map((unitDiagonal) => {
        const options = { lower, transpose, unitDiagonal }
        return {
          name: `triangularSolve ${JSON.stringify(options)}`,
          f: (a: Tensor) =>
            linalg.triangularSolve(a, linalg.triangularSolve(fixed, columns, options), options),
          at: three,
        }
      }),
    ),
  ),
]

const fixed2 = random([2, 2], 17)
const STEP = 1e-5
describe.each(laws)('$name', ({ f, at }) => {
  test.each(at)('%s: derivatives of first and second order', (_, x) => {
    const y = f(x)
    const w = random(y.shape, 21)
    const [v, u] = [random(x.shape, 22), random(x.shape, 23)]
    const g = (a: Tensor): Tensor => sum(mul(f(a), w))
    // Forward mode against central differences, entry by entry.
    const [, dy] = jvp(f, [x], [v])
    const [above, below] = [values(f(along(x, v, STEP))), values(f(along(x, v, -STEP)))]
    close(
      dy,
      above.map((p, i) => (p - below[i]!) / (2 * STEP)),
      6,
    )
    // Reverse mode is its adjoint.
    const gradient = grad(g)
    const [, pull] = vjp(f, x)
    expect(Math.abs(inner(pull(w)[0] as Tensor, v) - inner(dy, w))).toBeLessThan(
      1e-10 * (1 + Math.abs(inner(dy, w)) + Math.abs(inner(dy, dy))),
    )
    // The Hessian, forward over reverse against differences, and reverse over reverse along another direction.
    const [, hv] = jvp(gradient, [x], [v])
    const [gAbove, gBelow] = [values(gradient(along(x, v, STEP))), values(gradient(along(x, v, -STEP)))]
    close(
      hv,
      gAbove.map((p, i) => (p - gBelow[i]!) / (2 * STEP)),
      5,
    )
    const hu = grad((a: Tensor) => sum(mul(gradient(a), u)))(x)
    const scale = 1 + Math.sqrt(inner(hv, hv) * inner(u, u))
    expect(Math.abs(inner(hu, v) - inner(hv, u)) / scale).toBeLessThan(1e-9)
  })

  test.each(at)('%s: vmap equals a loop, and jit the plain call, for the value and the gradient', (_, x) => {
    const other = mapped(x, (a) => a * 1.25)
    const both = tensor(Float64Array.from([...values(x), ...values(other)]), {
      shape: [2, ...x.shape],
    }) as unknown as Tensor
    close(vmap(f)(both), [...values(f(x)), ...values(f(other))], 12)
    const w = random(f(x).shape, 24)
    const gradient = grad((a: Tensor) => sum(mul(f(a), w)))
    close(vmap(gradient)(both), [...values(gradient(x)), ...values(gradient(other))], 11)
    close(jit(f)(x), f(x), 12)
    close(jit(gradient)(x), gradient(x), 11)
  })
})

describe('values of NumPy and SciPy', () => {
  const a = d([
    [4, 1, 0.5],
    [1, 3, -1],
    [0.5, -1, 2],
  ])
  const b = d([
    [1, 2, 0],
    [0.5, -1, 3],
    [2, 1, 1],
  ])
  const r = d([
    [1, 2],
    [3, -1],
    [0.5, 2],
    [1, 1],
  ])
  test.each<[string, () => Tensor, unknown]>([
    [
      'cholesky',
      () => linalg.cholesky(a),
      [
        [2, 0, 0],
        [0.5, 1.658312395178, 0],
        [0.25, -0.6784005253, 1.215431087011],
      ],
    ],
    ['eigvalsh', () => linalg.eigvalsh(a), [1.059550439799, 3.317544438557, 4.622905121644]],
    ['svdvals', () => linalg.svdvals(r), [3.435731019959, 3.073394273193]],
    ['det', () => linalg.det(b), 7],
    ['logabsdet', () => linalg.slogdet(b).logabsdet, 1.945910149055],
    ['sign', () => linalg.slogdet(b).sign, 1],
    [
      'inv',
      () => linalg.inv(b),
      [
        [-0.571428571429, -0.285714285714, 0.857142857143],
        [0.785714285714, 0.142857142857, -0.428571428571],
        [0.357142857143, 0.428571428571, -0.285714285714],
      ],
    ],
    [
      'pinv',
      () => linalg.pinv(r),
      [
        [0.071748878924, 0.27802690583, 0.026905829596, 0.080717488789],
        [0.192825112108, -0.127802690583, 0.19730941704, 0.091928251121],
      ],
    ],
    [
      'expm',
      () => linalg.expm(b),
      [
        [8.467683151259, 5.908543333231, 7.214216073286],
        [8.691351906594, 6.166247854672, 8.862814999846],
        [11.319205388195, 7.763749048806, 10.872421842355],
      ],
    ],
    [
      'expm, with squaring',
      () =>
        linalg.expm(
          d([
            [1, 30],
            [-30, 2],
          ]),
        ),
      [
        [0.7467080676221806, -4.431508255339515],
        [4.431508255339517, 0.59899112577753],
      ],
    ],
    [
      'q',
      () => linalg.qr(r).q,
      [
        [-0.298142397, 0.607050421506],
        [-0.894427191, -0.402347372393],
        [-0.1490711985, 0.621167873169],
        [-0.298142397, 0.28940775909],
      ],
    ],
    [
      'r',
      () => linalg.qr(r).r,
      [
        [-3.35410196625, -0.298142397],
        [0, 3.148191720831],
      ],
    ],
    ['solve', () => linalg.solve(b, d([1, 2, 3])), [1.428571428571, -0.214285714286, 0.357142857143]],
    ['lstsq', () => linalg.lstsq(r, d([1, 2, 3, 4])), [1.031390134529, 0.896860986547]],
    ['norm nuc', () => linalg.norm(r, { ord: 'nuc' }), 6.509125293151],
    ['norm 2', () => linalg.norm(r, { ord: 2 }), 3.435731019959],
    ['norm fro', () => linalg.norm(r), 4.609772228646],
    ['norm 1', () => linalg.norm(r, { ord: 1 }), 6],
    ['norm ∞', () => linalg.norm(r, { ord: Number.POSITIVE_INFINITY }), 4],
    [
      'matrixPower',
      () => linalg.matrixPower(b, -3),
      [
        [-0.067055393586, -0.309037900875, 0.314868804665],
        [0.237609329446, 0.399416909621, -0.463556851312],
        [-0.072886297376, 0.055393586006, 0.037900874636],
      ],
    ],
  ])('%s', (_, f, expected) => {
    close(f(), expected, 10)
  })
})

describe('reconstruction', () => {
  test.each(rectangular)('qr and svd, %s', (_, a) => {
    const { q, r } = linalg.qr(a)
    close(times(q, r), a, 13)
    const { u, s, vt } = linalg.svd(a)
    const k = s.shape.at(-1)!
    const scaled = mapped(u, (x, i) => {
      const matrix = Math.floor(i / (u.shape.at(-2)! * k))
      return x * values(s)[matrix * k + (i % k)]!
    })
    close(times(scaled, vt), a, 13)
    for (const basis of [q, u, flipped(vt)]) {
      const gram = times(flipped(basis), basis)
      close(
        gram,
        mapped(gram, (_x, i) => (Math.floor(i / k) % k === i % k ? 1 : 0)),
        13,
      )
    }
    close(times(times(a, linalg.pinv(a)), a), a, 12)
  })
  test.each(symmetric)('cholesky and eigh, %s', (_, a) => {
    const l = linalg.cholesky(a)
    close(times(l, flipped(l)), a, 13)
    const { values: w, vectors } = linalg.eigh(a)
    const n = a.shape.at(-1)!
    const scaled = mapped(vectors, (x, i) => x * values(w)[Math.floor(i / (n * n)) * n + (i % n)]!)
    close(times(scaled, flipped(vectors)), a, 13)
  })
  test('solve broadcasts batch axes', () => {
    close(matmul(fixed, linalg.solve(fixed, columns)), columns, 13)
    expect(linalg.solve(squares[3][1], d([1, 2])).shape).toEqual([2, 2])
  })
  test('float32 in, float32 out, rounded once', () => {
    const a = tensor([
      [1, 2],
      [3, 4.5],
    ])
    expect(linalg.inv(a).dtype).toBe('float32')
    expect(linalg.det(a).item()).toBe(-1.5)
    expect(
      linalg
        .cholesky(
          tensor([
            [2, 0],
            [0, 3],
          ]),
        )
        .toArray(),
    ).toEqual([
      [Math.fround(Math.SQRT2), 0],
      [0, Math.fround(Math.sqrt(3))],
    ])
  })
  test('rank', () => {
    expect(
      linalg
        .matrixRank(
          d([
            [1, 2],
            [2, 4],
            [3, 6],
          ]),
        )
        .item(),
    ).toBe(1)
    expect(
      linalg
        .matrixRank(
          d([
            [0, 0],
            [0, 0],
          ]),
        )
        .item(),
    ).toBe(0)
  })
  test('matrices without entries', () => {
    expect(linalg.det(tensor([], { shape: [0, 0] })).item()).toBe(1)
    expect(linalg.det(tensor([], { shape: [0, 3, 3] })).shape).toEqual([0])
    expect(linalg.pinv(tensor([], { shape: [0, 3] })).shape).toEqual([3, 0])
    expect(linalg.expm(tensor([], { shape: [0, 0] })).shape).toEqual([0, 0])
    expect(linalg.norm(tensor([], { shape: [0, 3] })).item()).toBe(0)
  })
})

describe('conventions', () => {
  const hessianOf = (f: (a: Tensor) => Tensor, x: Tensor): number[][] =>
    values(x).map((_, k) =>
      values(
        jvp(
          grad((a: Tensor) => f(a)),
          [x],
          [mapped(x, (_x, i) => (i === k ? 1 : 0))],
        )[1],
      ),
    )
  const det = (a: Tensor): Tensor => linalg.det(a)

  test('det: the gradient at a singular matrix is the matrix of cofactors', () => {
    close(grad(det)(diagonalOf([1, 0])), diagonalOf([0, 1]))
    close(grad(det)(diagonalOf([0, 0])), diagonalOf([0, 0]))
    close(grad(det)(diagonalOf([2, 3, 0, 5, 7])), diagonalOf([0, 0, 210, 0, 0]))
    close(grad(det)(diagonalOf([2, 3, 0, 0, 7])), diagonalOf([0, 0, 0, 0, 0]))
  })
  test('det: second derivatives at singular matrices', () => {
    close(hessianOf(det, diagonalOf([0, 0])), [
      [0, 0, 0, 1],
      [0, 0, -1, 0],
      [0, -1, 0, 0],
      [1, 0, 0, 0],
    ])
    // d² det along E and F at diag(2, 3, 0, 0, 7): only the two empty places count, times 2·3·7.
    const x = diagonalOf([2, 3, 0, 0, 7])
    const [e, f] = [diagonalOf([0, 0, 1, 0, 0]), diagonalOf([0, 0, 0, 1, 0])]
    const [, along34] = jvp(grad(det), [x], [e])
    expect(inner(along34, f)).toBeCloseTo(42, 9)
  })
  test('det: third derivatives at a singular matrix', () => {
    const [e, f, g] = [diagonalOf([1, 0, 0, 0]), diagonalOf([0, 1, 0, 0]), diagonalOf([0, 0, 1, 0])]
    const first = (a: Tensor): Tensor => jvp(det, [a], [e])[1]
    const second = (a: Tensor): Tensor => jvp(first, [a], [f])[1]
    expect(jvp(second, [diagonalOf([0, 0, 0, 5])], [g])[1].item()).toBeCloseTo(5, 9)
  })
  test('det: more vanishing singular values than the border has places', () => {
    const x = diagonalOf([2, 0, 0, 0, 0, 3])
    close(
      grad(det)(x),
      mapped(x, () => 0),
    )
    expect(
      hessianOf(det, x)
        .flat()
        .every((h) => h === 0),
    ).toBe(true)
    const scaled = diagonalOf([1, 1e-7, 1e-7, 1e-7, 1e-7])
    expect(values(grad(det)(scaled))[6]! / 1e-21).toBeCloseTo(1, 9)
  })
  test('det: a dense singular matrix, first and second order', () => {
    const a = random([5, 5], 51)
    const x = mapped(a, (v, i) => (i < 5 ? values(a)[i + 5]! + values(a)[i + 10]! : v))
    expect(Math.abs(linalg.det(x).item())).toBeLessThan(1e-12)
    const [v, u] = [random([5, 5], 52), random([5, 5], 53)]
    const [up, down] = [along(x, v, 1e-4), along(x, v, -1e-4)]
    close(inner(grad(det)(x), v), (det(up).item() - det(down).item()) / 2e-4, 6)
    close(
      inner(jvp(grad(det), [x], [v])[1], u),
      (inner(grad(det)(up), u) - inner(grad(det)(down), u)) / 2e-4,
      6,
    )
  })
  test('det: nearly singular and mixed batches', () => {
    const near = diagonalOf([1, 1, 1, 1e-12])
    close(grad(det)(near), diagonalOf([1e-12, 1e-12, 1e-12, 1]), 12)
    const batch = tensor(
      Float64Array.from([...values(diagonalOf([1, 2, 3, 0])), ...values(spd([4, 4], 31))]),
      {
        shape: [2, 4, 4],
      },
    ) as unknown as Tensor
    const total = grad((a: Tensor) => sum(linalg.det(a)))(batch)
    close(vmap(grad(det))(batch), total, 11)
    close(values(total).slice(0, 16), diagonalOf([0, 0, 0, 6]))
    // A singular and a regular matrix in one batch do not disturb each other.
    const along2 = vmap((a: Tensor) => jvp(grad(det), [a], [diagonalOf([0, 0, 1, 0])])[1])(batch)
    close(values(along2).slice(0, 16), diagonalOf([0, 0, 0, 2]))
  })
  test('slogdet of a singular matrix', () => {
    const { sign, logabsdet } = linalg.slogdet(diagonalOf([1, 0]))
    expect([sign.item(), logabsdet.item()]).toEqual([0, Number.NEGATIVE_INFINITY])
    close(grad((a: Tensor) => linalg.slogdet(a).sign)(diagonalOf([1, 2])), diagonalOf([0, 0]))
    expect(linalg.slogdet(diagonalOf([1e200, -1e200, 1e200])).logabsdet.item()).toBeCloseTo(
      600 * Math.LN10,
      9,
    )
  })
  test('nuclear norm: the least subgradient, and a right Hessian at equal singular values', () => {
    const nuclear = (a: Tensor): Tensor => linalg.norm(a, { ord: 'nuc' })
    close(grad(nuclear)(diagonalOf([1, 0])), diagonalOf([1, 0]))
    close(grad(nuclear)(diagonalOf([0, 0])), diagonalOf([0, 0]))
    close(grad(nuclear)(d([[3], [4]])), [0.6, 0.8])
    // At the identity, the derivative of the polar factor along a rotation is the rotation.
    close(
      jvp(
        grad(nuclear),
        [diagonalOf([1, 1])],
        [
          d([
            [0, 1],
            [-1, 0],
          ]),
        ],
      )[1],
      [0, 1, -1, 0],
    )
    const tall = d([
      [1, 0],
      [0, 1],
      [0, 0],
    ])
    close(
      jvp(
        grad(nuclear),
        [tall],
        [
          d([
            [0, 0],
            [0, 0],
            [2, 3],
          ]),
        ],
      )[1],
      [0, 0, 0, 0, 2, 3],
    )
  })
  test('spectral norm: equal singular values share the slope', () => {
    const top = (a: Tensor): Tensor => linalg.norm(a, { ord: 2 })
    close(grad(top)(diagonalOf([1, 1])), diagonalOf([0.5, 0.5]))
    close(grad(top)(diagonalOf([3, -3, 1])), diagonalOf([0.5, -0.5, 0]))
    close(grad(top)(diagonalOf([0, 0])), diagonalOf([0, 0]))
  })
  test('Frobenius norm: slope 0 at 0, no overflow', () => {
    const fro = (a: Tensor): Tensor => linalg.norm(a)
    close(grad(fro)(diagonalOf([0, 0])), diagonalOf([0, 0]))
    expect(fro(diagonalOf([3e200, 4e200])).item()).toBeCloseTo(5e200, -190)
    close(grad(fro)(diagonalOf([3e-200, 4e-200])), diagonalOf([0.6, 0.8]))
    expect(fro(diagonalOf([Number.POSITIVE_INFINITY, 1])).item()).toBe(Number.POSITIVE_INFINITY)
  })
  test('eigh: functions of equal eigenvalues that ignore the basis are right, none is NaN', () => {
    const identity = diagonalOf([1, 1, 1])
    close(grad((a: Tensor) => sum(linalg.eigvalsh(a)))(identity), identity)
    // The projection onto the span of a twofold eigenvalue is smooth, though the vectors in it are not.
    const c = random([3, 3], 41)
    const x = diagonalOf([1, 1, 3])
    const projected = (a: Tensor): Tensor => {
      const pair = slice(linalg.eigh(a).vectors, [0, 0], [3, 2])
      return sum(mul(matmul(pair, transpose(pair)), c))
    }
    const e = spd([3, 3], 42)
    const difference =
      (projected(along(x, e, STEP)).item() - projected(along(x, e, -STEP)).item()) / (2 * STEP)
    close(inner(grad(projected)(x), e), difference, 8)
    const v = grad((a: Tensor) => sum(mul(linalg.eigh(a).vectors, c)))(identity)
    expect(values(v).every(Number.isFinite)).toBe(true)
  })
  test('svd: no NaN in any derivative at equal or zero singular values', () => {
    const points = [
      diagonalOf([1, 1]),
      diagonalOf([0, 0]),
      d([
        [1, 0],
        [0, 1],
        [0, 0],
      ]),
      d([
        [2, 0, 0],
        [0, 0, 0],
      ]),
    ]
    for (const x of points) {
      const f = (a: Tensor): Tensor => {
        const { u, s, vt } = linalg.svd(a)
        return sum(mul(sum(u), mul(sum(s), sum(mul(vt, vt)))))
      }
      expect(values(grad(f)(x)).every(Number.isFinite)).toBe(true)
      expect(hessianOf(f, x).flat().every(Number.isFinite)).toBe(true)
    }
  })
  test('pinv: the derivative at constant rank of a rank-deficient matrix', () => {
    // A(t) = (1 + t) u vᵀ keeps its rank: A⁺(t) = A⁺ / (1 + t).
    const a = d([
      [1, 2],
      [2, 4],
      [3, 6],
    ])
    const [p, dp] = jvp((x: Tensor) => linalg.pinv(x), [a], [a])
    close(
      dp,
      values(p).map((x) => -x),
      12,
    )
    // Equal singular values are no special case: at the identity d(A⁻¹) = -dA.
    close(
      jvp((x: Tensor) => linalg.pinv(x), [diagonalOf([1, 1])], [fixed2])[1],
      values(fixed2).map((x) => -x),
    )
  })
  test('lstsq gives the solution of least norm', () => {
    close(linalg.lstsq(d([[1, 1]]), d([2])), [1, 1])
    close(
      linalg.lstsq(
        d([
          [1, 2],
          [2, 4],
        ]),
        d([1, 2]),
      ),
      [0.2, 0.4],
    )
  })
  test('cholesky: NaN where not positive definite; the input is symmetrised', () => {
    expect(
      values(
        linalg.cholesky(
          d([
            [1, 2],
            [2, 1],
          ]),
        ),
      ).every(Number.isNaN),
    ).toBe(true)
    close(
      linalg.cholesky(
        d([
          [4, 4],
          [0, 5],
        ]),
      ),
      linalg.cholesky(
        d([
          [4, 2],
          [2, 5],
        ]),
      ),
    )
    const g = grad((a: Tensor) => sum(linalg.cholesky(a)))(
      d([
        [4, 2],
        [2, 5],
      ]),
    )
    close(g, flipped(g))
  })
  test('expm: squaring of matrices that are done does not overflow', () => {
    const batch = d([
      [
        [-900, 1],
        [0, -900],
      ],
      [
        [0.5, 0],
        [0, 700],
      ],
    ])
    const y = linalg.expm(batch)
    close(values(y).slice(0, 4), [0, 0, 0, 0])
    expect(values(y)[7]! / Math.exp(700)).toBeCloseTo(1, 10)
    expect(values(grad((a: Tensor) => sum(linalg.expm(a)))(batch)).every(Number.isFinite)).toBe(true)
    close(grad((a: Tensor) => sum(linalg.expm(a)))(diagonalOf([0, 0])), [1, 1, 1, 1])
  })
  test('triangularSolve does not read the other triangle, and gives it gradient 0', () => {
    const a = d([
      [2, Number.NaN],
      [1, 4],
    ])
    close(linalg.triangularSolve(a, d([2, 9])), [1, 2])
    close(values(grad((x: Tensor) => sum(linalg.triangularSolve(x, d([2, 9]))))(a)).slice(1, 2), [0])
  })
})

describe('errors name the operation and the shapes', () => {
  const wide = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ])
  test.each<[string, () => unknown, RegExp]>([
    ['cholesky', () => linalg.cholesky(wide), /^cholesky: needs a square matrix, not \[2, 3\]/],
    ['det', () => linalg.det(tensor([1, 2])), /^det: needs a square matrix, not \[2\]/],
    ['qr', () => linalg.qr(tensor([1, 2])), /^qr: needs a matrix \[\.\.\., m, n\], not \[2\]/],
    ['solve', () => linalg.solve(wide, tensor([1, 2])), /^solve: needs a square matrix, not \[2, 3\]/],
    ['solve rows', () => linalg.solve(fixed, tensor([1, 2])), /^solve: \[3, 3\] and \[2\] do not fit/],
    ['triangularSolve', () => linalg.triangularSolve(wide, wide), /^triangularSolve: needs a square/],
    ['matrixPower', () => linalg.matrixPower(fixed, 0.5), /^matrixPower: the exponent must be an integer/],
    ['norm', () => linalg.norm(wide, { ord: 3 as 2 }), /^norm: 3 is not an ord/],
  ])('%s', (_, f, message) => {
    let error: CotangentError | undefined
    try {
      f()
    } catch (e) {
      error = e as CotangentError
    }
    expect(error?.message).toMatch(message)
    expect(error?.op).toBe(message.source.slice(1, message.source.indexOf(':')))
  })
})
