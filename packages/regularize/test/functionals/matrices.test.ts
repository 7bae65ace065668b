import { checkGrad } from '@cotangent/check'
import { grad, jit, matmul, mul, sum, type Tensor, tensor, vmap } from '@cotangent/core'
import {
  type Functional,
  l1,
  linf,
  logDet,
  mcp,
  nuclear,
  nuclearBall,
  orthogonal,
  rank,
  schatten,
  singularValues,
  spectral,
  spectralBall,
  stiefel,
} from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import { numbers, randomMinimum } from './brute.js'

const d = (x: readonly (readonly number[])[]): Tensor => tensor(x as number[][], { dtype: 'float64' })
const list = (x: Tensor): number[] => [...x.toTypedArray()].map((v) => v + 0)
const total = (x: readonly number[]) => x.reduce((n, v) => n + v, 0)

const dotted = (a: readonly number[], b: readonly number[]) => total(a.map((v, i) => v * b[i]!))

/** Singular values of a 3×2 or 2×3 matrix given by rows, from the 2×2 Gram matrix: apart from any decomposition. */
const valuesOf = (x: readonly number[], rows: number): readonly [number, number] => {
  const columns = 6 / rows
  const at = (i: number, j: number) => x[i * columns + j]!
  const three = [0, 1, 2]
  const [a, b] = [0, 1].map((k) => three.map((i) => (rows === 3 ? at(i, k) : at(k, i)))) as [
    number[],
    number[],
  ]
  const [p, q, r] = [dotted(a, a), dotted(a, b), dotted(b, b)]
  const top = Math.sqrt((p + r) / 2 + Math.hypot((p - r) / 2, q))
  // Cauchy-Binet: the squares of the minors add up to det of the Gram matrix, without cancellation.
  const minor = (i: number, j: number) => a[i]! * b[j]! - a[j]! * b[i]!
  const product = Math.hypot(minor(0, 1), minor(0, 2), minor(1, 2))
  return [top, product <= 1e-14 * top * top ? 0 : product / top]
}

interface Entry {
  readonly of: Functional
  readonly r: (s: readonly [number, number]) => number
}
const entries: readonly Entry[] = [
  { of: nuclear(0.6), r: ([a, b]) => 0.6 * (a + b) },
  { of: schatten(0.6, 0.5), r: ([a, b]) => 0.6 * (Math.sqrt(a) + Math.sqrt(b)) },
  { of: schatten(0.6, 1.5), r: ([a, b]) => 0.6 * (a ** 1.5 + b ** 1.5) },
  { of: schatten(0.6, 2), r: ([a, b]) => 0.6 * (a * a + b * b) },
  { of: logDet(0.6, 0.4), r: ([a, b]) => 0.6 * (Math.log(1 + a / 0.4) + Math.log(1 + b / 0.4)) },
  { of: spectral(0.6), r: ([a]) => 0.6 * a },
  { of: spectral(0.6, { squared: true }), r: ([a]) => 0.3 * a * a },
  {
    of: singularValues(mcp(0.7, 2)),
    r: (s) => total(s.map((v) => (v <= 1.4 ? 0.7 * v - (v * v) / 4 : 0.49))),
  },
  { of: orthogonal(0.3), r: ([a, b]) => 0.3 * ((a * a - 1) ** 2 + (b * b - 1) ** 2) },
  { of: orthogonal(0.3, { variant: 'dso' }), r: ([a, b]) => 0.6 * ((a * a - 1) ** 2 + (b * b - 1) ** 2) },
]
const tall = [
  [3, -1, 0.5, -0.25, 2, 1.5],
  [0.25, 0.125, -1, 0.5, -0.25, 0.0625],
  [1, 0, 0, 1, 0, 0],
  [2, 4, 1, 2, -1, -2],
  [0, 0, 0, 0, 0, 0],
]
const fold = (x: readonly number[], rows: number) => {
  const n = x.length / rows
  return d(Array.from({ length: rows }, (_, i) => x.slice(i * n, (i + 1) * n)))
}
const steps = [0.1, 0.5, 1, 2.5, 5, 10]
/** Of a matrix with more columns than rows so and mc count the columns that cannot be orthonormal. */
const offset = (f: Functional, rows: number) =>
  !f.name.startsWith('orthogonal') ? 0 : f.name.endsWith('dso)') || rows === 2 ? 0.3 : 0

describe.each(entries)('$of.name', ({ of: f, r }) => {
  test('value by the Gram matrix, tall and wide', () => {
    for (const x of tall)
      for (const rows of [2, 3])
        expect(f.value(fold(x, rows)).item()).toBeCloseTo(r(valuesOf(x, rows)) + offset(f, rows), 10)
  })

  test('no random matrix is better than the prox, for every step', () => {
    const random = numbers(13)
    for (const x of tall)
      for (const rows of [2, 3])
        for (const t of steps) {
          const objective = (z: readonly number[]) =>
            t * r(valuesOf(z, rows)) + z.reduce((n, v, i) => n + 0.5 * (v - x[i]!) ** 2, 0)
          const z = list(f.prox!(fold(x, rows), t))
          const best = Math.min(
            randomMinimum(objective, z, random, 200),
            randomMinimum(objective, x, random, 100),
            objective(x.map(() => 0)),
          )
          expect(objective(z) - best, `x ${x}, rows ${rows}, step ${t}, prox ${z}`).toBeLessThan(1e-10)
        }
    expect(() => f.prox!(fold(tall[0]!, 2), 1, fold(tall[0]!, 2))).toThrow(
      /metric is not known in closed form/,
    )
  })

  test('kkt is 0 at the prox and positive elsewhere', () => {
    for (const x of tall)
      for (const t of [0.3, 2]) {
        const z = f.prox!(fold(x, 3), t)
        const gradient = fold(
          list(z).map((v, i) => (v - x[i]!) / t),
          3,
        )
        for (const k of list(f.kkt!(z, gradient))) expect(Math.abs(k), `x ${x}`).toBeLessThan(1e-7)
      }
    const off = f.kkt!(fold(tall[0]!, 3), fold([9, 9, 9, 9, 9, 9], 3))
    expect(Math.max(...list(off))).toBeGreaterThan(0.5)
  })

  test('jit and vmap change nothing', () => {
    const near = (v: Tensor): Tensor => f.prox!(v, 0.7)
    for (const x of tall.slice(0, 2)) {
      const plain = list(near(fold(x, 2)))
      list(jit(near)(fold(x, 2))).forEach((v, i) => {
        expect(v).toBeCloseTo(plain[i]!, 10)
      })
    }
    const stacked = vmap((v: Tensor) => f.value(v))(
      tensor(
        tall.map((x) => [x.slice(0, 3), x.slice(3)]),
        { dtype: 'float64' },
      ),
    )
    list(stacked).forEach((v, i) => {
      expect(v).toBeCloseTo(f.value(fold(tall[i]!, 2)).item(), 10)
    })
  })

  test('first and second derivatives of the value, away from kinks', () => {
    const x = fold([1.5, -1, 0.25, 2], 2)
    expect(checkGrad((v: Tensor) => f.value(v), [x], { order: 2, seed: 3 })._tag).toBe('Right')
  })

  test('the derivative of the prox is its difference quotient, at equal singular values too', () => {
    const way = [0.5, -0.25, 1, 0.75, -1, 0.5]
    const weights = fold([1, 2, 3, 4, 5, 6], 3)
    for (const x of [tall[0]!, [2, 0, 0, 2, 0, 0]]) {
      const at = (h: number) =>
        sum(
          mul(
            f.prox!(
              fold(
                x.map((v, i) => v + h * way[i]!),
                3,
              ),
              0.3,
            ),
            weights,
          ),
        ).item()
      const g = list(grad((v: Tensor) => sum(mul(f.prox!(v, 0.3), weights)))(fold(x, 3)))
      if (f.name === 'spectral(0.6)' && x[0] === 2) continue // both values sit on the clip: a kink
      if (f.name === 'spectral(0.6, squared)' && x[0] === 2) continue
      expect(total(g.map((v, i) => v * way[i]!)), `x ${x}`).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 5)
    }
  })
})

test('the prox is differentiable in the step and the strength', () => {
  const x = fold(tall[0]!, 3)
  const weights = fold([1, 2, 3, 4, 5, 6], 3)
  const f = (lambda: Tensor) => sum(mul(nuclear(lambda).prox(x, 0.5), weights))
  const at = (l: number) => f(tensor(l, { dtype: 'float64' })).item()
  const g = grad(f)(tensor(0.6, { dtype: 'float64' })).item()
  expect(g).toBeCloseTo((at(0.6 + 1e-6) - at(0.6 - 1e-6)) / 2e-6, 7)
  const mixed = (lambda: Tensor): Tensor =>
    sum(mul(grad((v: Tensor) => nuclear(lambda).value(v))(x), weights))
  const slope = grad(mixed)(tensor(0.6, { dtype: 'float64' })).item()
  expect(slope).toBeCloseTo(mixed(tensor(1, { dtype: 'float64' })).item(), 9)
})

test('published values of the nuclear prox: pyproximal and ProximalOperators.jl', () => {
  const check = (x: readonly (readonly number[])[], want: readonly (readonly number[])[]) =>
    list(nuclear(1).prox(d(x), 1)).forEach((v, i) => {
      expect(v).toBeCloseTo(want.flat()[i]!, 10)
    })
  check(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    [
      [1.4089445837, 1.8613394953, 2.3137344069],
      [3.3639728636, 4.4441034975, 5.5242341314],
    ],
  )
  check(
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
    [
      [1.586052850795247, 1.944185442781408, 2.302318034767569],
      [3.944185442781405, 4.720927213907027, 5.497668985032647],
      [6.302318034767567, 7.49766898503265, 8.693019935297732],
    ],
  )
})

test('Moreau: nuclear and the spectral ball, spectral and the nuclear ball, coded apart', () => {
  for (const [f, ball] of [
    [nuclear(0.8), spectralBall(0.8)],
    [spectral(0.8), nuclearBall(0.8)],
  ] as const)
    for (const x of tall)
      for (const t of [0.3, 1, 4]) {
        const p = list(f.prox(fold(x, 2), t))
        const q = list(
          ball.prox(
            fold(
              x.map((v) => v / t),
              2,
            ),
            1 / t,
          ),
        )
        p.forEach((v, i) => {
          expect(v + t * q[i]!).toBeCloseTo(x[i]!, 12)
        })
      }
})

describe('sets of matrices', () => {
  const random = numbers(5)
  const sets = [
    { of: spectralBall(0.9), near: (s: readonly [number, number]) => Math.max(0, s[0] - 0.9) },
    { of: nuclearBall(1.2), near: (s: readonly [number, number]) => Math.max(0, s[0] + s[1] - 1.2) },
    { of: rank(1), near: (s: readonly [number, number]) => s[1] },
    { of: stiefel(), near: (s: readonly [number, number]) => Math.abs(s[0] - 1) + Math.abs(s[1] - 1) },
  ]
  test.each(sets)('$of.name: in the set, idempotent, and no point of it is nearer', ({ of: f, near }) => {
    for (const x of tall)
      for (const rows of [2, 3]) {
        const p = f.prox(fold(x, rows), 3)
        expect(near(valuesOf(list(p), rows))).toBeLessThan(2e-7)
        expect(f.value(p).item()).toBe(0)
        list(f.prox(p, 1)).forEach((v, i) => {
          expect(v).toBeCloseTo(list(p)[i]!, 12)
        })
        const gap = (z: readonly number[]) => z.reduce((n, v, i) => n + (v - x[i]!) ** 2, 0)
        for (let k = 0; k < 100; k++) {
          const scale = 10 ** (-5 * random())
          const z = list(
            f.prox(
              fold(
                list(p).map((v) => v + scale * (2 * random() - 1)),
                rows,
              ),
              1,
            ),
          )
          expect(gap(list(p)) - gap(z)).toBeLessThan(1e-10)
        }
      }
    const far = f.name === 'stiefel()' ? [9, 9, 8, 1, 1, 0] : [9, 0, 0, 8, 1, 0]
    expect(f.value(fold(far, 2)).item()).toBe(Infinity)
  })
})

test('the gradient is of least norm at 0 and at equal values, and finite', () => {
  const zero = fold([0, 0, 0, 0, 0, 0], 3)
  for (const { of: f } of entries)
    expect(list(grad((x: Tensor) => f.value(x))(zero))).toEqual([0, 0, 0, 0, 0, 0])
  const same = fold([2, 0, 0, 2, 0, 0], 3)
  expect(list(grad((x: Tensor) => spectral(1).value(x))(same))).toEqual([0.5, 0, 0, 0.5, 0, 0])
})

test('what does not change singular values changes nothing', () => {
  const [c, s] = [0.6, 0.8]
  const turn = d([
    [c, -s],
    [s, c],
  ])
  const x = fold(tall[0]!, 3)
  for (const { of: f } of entries) {
    expect(f.value(matmul(x, turn)).item()).toBeCloseTo(f.value(x).item(), 10)
    const [a, b] = [list(f.prox!(matmul(x, turn), 1)), list(matmul(f.prox!(x, 1), turn))]
    a.forEach((v, i) => {
      expect(v).toBeCloseTo(b[i]!, 10)
    })
  }
})

test('kernels of higher rank count as [others, last]', () => {
  const x = tensor(
    [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 9],
      ],
    ],
    { dtype: 'float64' },
  )
  const flat = d([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 9],
  ])
  expect(nuclear(1).value(x).item()).toBe(nuclear(1).value(flat).item())
  expect(nuclear(1).prox(x, 1).shape).toEqual([2, 2, 2])
  expect(list(nuclear(1).prox(x, 1))).toEqual(list(nuclear(1).prox(flat, 1)))
})

test('what is wrong is refused', () => {
  expect(() => nuclear(-1)).toThrow('nuclear: λ is -1')
  expect(() => nuclear(Number.NaN)).toThrow('nuclear: λ is NaN')
  expect(() => nuclear(1).value(tensor([1, 2]))).toThrow('nuclear: a tensor of shape [2] is not a matrix.')
  expect(() => rank(1.5)).toThrow('rank: k is 1.5')
  expect(() => schatten(1, 0)).toThrow('p is 0. Give a number above 0.')
  expect(() => orthogonal(1, { variant: 'x' as 'so' })).toThrow("the variant is 'x'")
  expect(singularValues(l1(1)).name).toBe('singularValues(l1(1))')
  expect(
    singularValues(linf(1)).dualNorm!(
      d([
        [3, 0],
        [0, 4],
      ]),
    ).item(),
  ).toBe(7)
})
