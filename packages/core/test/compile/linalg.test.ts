import { describe, expect, test } from 'vitest'
import { hasRelaxedMadd } from '../../src/compile/wasm/index.js'
import type { Params } from '../../src/graph/ir.js'
import type { Tensor } from '../../src/tensor.js'
import { agree, dice, entries, interpret, make, run } from './kernels.js'

const FLOATS = ['float32', 'float64'] as const
type Float = (typeof FLOATS)[number]
const SIZES = [0, 1, 2, 3, 4, 5, 8, 9, 15, 16, 17, 18, 33, 65]

const random = (shape: readonly number[], dtype: Float, seed = 1): Tensor => {
  const roll = dice(seed + shape.reduce((a, b) => 10 * a + b, 0))
  return make(shape, dtype, () => roll(2 ** 32) / 2 ** 31 - 1)
}
/** Random off the diagonal, with a large diagonal, so that solutions stay of moderate size. */
const dominant = (n: number, dtype: Float, lead: readonly number[] = [2]): Tensor => {
  const roll = dice(n)
  return make([...lead, n, n], dtype, (i) => {
    const [row, column] = [Math.floor(i / n) % n, i % n]
    return roll(2 ** 32) / 2 ** 31 - 1 + (row === column ? 2 + n : 0)
  })
}

/** Agreement but for the signs of zeros. */
const agreeUnsigned = (name: string, inputs: readonly Tensor[]): void => {
  const { outputs } = run(name, inputs, {})
  interpret(name, inputs, {}).forEach((y, k) => {
    expect(entries(outputs[k]!).map((x) => x + 0)).toEqual(entries(y).map((x) => x + 0))
  })
}

describe.each(FLOATS)('linear algebra in %s has the bits of the interpreter', (dtype) => {
  const FLAGS = [false, true]
  test.each(SIZES)('triangularSolve, n = %d', (n) => {
    for (const k of [0, 1, 3, 8, 11])
      for (const lower of FLAGS)
        for (const transpose of FLAGS)
          for (const unitDiagonal of FLAGS) {
            const a = unitDiagonal ? random([2, n, n], dtype) : dominant(n, dtype)
            agree('triangularSolve', [a, random([2, n, k], dtype)], { lower, transpose, unitDiagonal })
          }
  })

  test('triangularSolve reads one triangle, and divides by zero as it must', () => {
    const nan = Number.NaN
    const flags = { lower: true, transpose: false, unitDiagonal: false }
    const a = make([3, 3], dtype, (i) => [2, nan, nan, 1, 0, nan, 1, 1, 1][i]!)
    const b = make([3, 2], dtype, (i) => i)
    for (const transpose of FLAGS) agree('triangularSolve', [a, b], { ...flags, transpose })
    const unit = make([3, 3], dtype, (i) => [nan, 1, 2, nan, nan, 3, nan, nan, nan][i]!)
    for (const transpose of FLAGS)
      agree('triangularSolve', [unit, b], { lower: false, transpose, unitDiagonal: true })
  })

  test.each(SIZES)('cholesky, n = %d', (n) => agree('cholesky', [dominant(n, dtype)], {}))

  test('cholesky of what is not positive definite', () => {
    const bad = [0, -1, Number.NaN, Number.POSITIVE_INFINITY]
    for (const n of [1, 2, 5, 20])
      for (const x of bad)
        for (const at of [0, n - 1, n >> 1]) {
          const good = entries(dominant(n, dtype, []))
          agree('cholesky', [make([n, n], dtype, (i) => (i === at * n + at ? x : good[i]!))], {})
          agree('cholesky', [make([n, n], dtype, (i) => (i === at * n && !(x <= 0) ? x : good[i]!))], {})
        }
  })

  test.each(SIZES)('lu, n = %d', (n) => {
    agreeUnsigned('lu', [random([2, n, n], dtype)])
    agreeUnsigned('lu', [dominant(n, dtype)])
  })

  test('lu of singular, graded and broken matrices', () => {
    for (const n of [1, 3, 6, 20]) {
      agreeUnsigned('lu', [make([n, n], dtype, () => 0)])
      agreeUnsigned('lu', [make([n, n], dtype, () => 1)])
      agreeUnsigned('lu', [make([n, n], dtype, (i) => Math.floor(i / n) % 2)])
      agreeUnsigned('lu', [make([n, n], dtype, (i) => (i % n === 1 ? 0 : ((i * 7) % 11) - 5))])
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
        agreeUnsigned('lu', [make([n, n], dtype, (i) => (i === n * n - 1 ? bad : i))])
    }
  })

  /** Tall, wide and square; of full rank, of rank one, graded, zero; not finite. */
  const matrices = (m: number, n: number): Tensor[] => {
    const roll = dice(m * 100 + n)
    const noise = (): number => roll(2 ** 32) / 2 ** 31 - 1
    const kinds: ((i: number, j: number) => number)[] = [
      noise,
      (i, j) => (i + 1) * (j - 2),
      (i, j) => noise() * 10 ** -(i + j),
      (i) => (i % 2 ? noise() : 0),
      () => 0,
      (i, j) => (i === j ? 3 - i : 0),
      (i, j) => noise() * (dtype === 'float64' ? 1e-200 : 1e-30) * (1 + i + j),
      (i, j) => noise() * (dtype === 'float64' ? 1e300 : 1e30) * (1 + i + j),
      (i, j) => (i + j === 0 ? Number.NaN : 1),
      (i, j) => (i === m - 1 && j === n - 1 ? Number.POSITIVE_INFINITY : 1),
    ]
    return kinds.map((kind) => make([m, n], dtype, (i) => kind(Math.floor(i / n), i % n)))
  }
  const SHAPES = [
    [0, 0],
    [0, 3],
    [3, 0],
    [1, 1],
    [1, 5],
    [5, 1],
    [2, 2],
    [3, 3],
    [8, 8],
    [9, 4],
    [4, 9],
    [17, 11],
    [11, 17],
    [33, 33],
  ] as const

  test.each(SHAPES)('qr, %d x %d', (m, n) => {
    for (const a of matrices(m, n)) agreeUnsigned('qr', [a])
    agreeUnsigned('qr', [random([2, m, n], dtype)])
  })

  test.each([0, 1, 2, 3, 4, 5, 8, 11, 17, 33])('eigh, n = %d', (n) => {
    for (const a of matrices(n, n)) agreeUnsigned('eigh', [a])
    agreeUnsigned('eigh', [random([2, n, n], dtype)])
    agreeUnsigned('eigh', [make([n, n], dtype, (i) => Number(i % (n + 1) === 0))])
  })

  // |A - U diag(s) Vᵀ|, |UᵀU - I|, |VVᵀ - I| and |s - s'| in units of max(m, n) ε s₀: at most 2 were seen.
  const UNITS = 8
  const eps = dtype === 'float32' ? 2 ** -24 : 2 ** -52

  test.each(SHAPES)('svd, %d x %d, is one, with the values and the signs of the interpreter', (m, n) => {
    const k = Math.min(m, n)
    for (const a of matrices(m, n)) {
      const [u, s, vt] = run('svd', [a], {}).outputs.map(entries) as [number[], number[], number[]]
      const expected = interpret('svd', [a], {}).map(entries)
      if (expected[1]!.some(Number.isNaN)) {
        expect([u, s, vt]).toEqual(expected)
        continue
      }
      let worst = 0
      const close = (x: number, y: number): void => {
        worst = Math.max(worst, Math.abs(x - y))
      }
      const scale = (s[0] ?? 0) || 1
      s.forEach((x, i) => {
        close(x / scale, expected[1]![i]! / scale)
      })
      expect(s).toEqual([...s].sort((x, y) => y - x))
      const x = entries(a)
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0
          for (let c = 0; c < k; c++) sum += u[i * k + c]! * (s[c]! / scale) * vt[c * n + j]!
          close(sum, x[i * n + j]! / scale)
        }
      for (let c = 0; c < k; c++) {
        for (let d = 0; d <= c; d++) {
          let [uu, vv] = [0, 0]
          for (let i = 0; i < m; i++) uu += u[i * k + c]! * u[i * k + d]!
          for (let j = 0; j < n; j++) vv += vt[c * n + j]! * vt[d * n + j]!
          close(uu, Number(c === d))
          close(vv, Number(c === d))
        }
        const column = Array.from({ length: m }, (_, i) => u[i * k + c]!)
        const largest = Math.max(...column.map(Math.abs))
        expect(column.find((entry) => Math.abs(entry) >= largest * (1 - 1e-7))).toBeGreaterThan(0)
      }
      expect(worst).toBeLessThanOrEqual(UNITS * Math.max(m, n) * eps)
    }
  })

  test('svd of well separated values has the vectors of the interpreter', () => {
    for (const [m, n] of [
      [9, 4],
      [4, 9],
      [12, 12],
    ] as const) {
      const a = random([2, m, n], dtype)
      const expected = interpret('svd', [a], {})
      run('svd', [a], {}).outputs.forEach((y, c) => {
        const [got, want] = [entries(y), entries(expected[c]!)]
        // The vectors of values that differ by δ s₀ turn by about ε/δ; here δ is more than 0.01.
        expect(Math.max(...got.map((x, i) => Math.abs(x - want[i]!)))).toBeLessThan(2000 * eps)
      })
    }
  })
})

// Fused products are rounded once: results differ from the interpreter's in their last digits only.
describe.runIf(hasRelaxedMadd())('linear algebra with relaxed instructions', () => {
  const flags = { lower: false, transpose: false, unitDiagonal: false }
  test.each([1, 2, 5, 8, 17, 40])('n = %d', (n) => {
    const a = dominant(n, 'float64')
    const cases: readonly (readonly [string, readonly Tensor[], Params])[] = [
      ['triangularSolve', [a, random([2, n, 11], 'float64')], flags],
      ['triangularSolve', [a, random([2, n, 11], 'float64')], { ...flags, transpose: true }],
      ...['cholesky', 'lu', 'qr', 'eigh', 'svd'].map((name) => [name, [a], {}] as const),
    ]
    for (const [name, inputs, params] of cases) {
      const expected = interpret(name, inputs, params)
      run(name, inputs, params, { relaxed: true }).outputs.forEach((y, k) => {
        const want = entries(expected[k]!)
        const error = Math.max(...entries(y).map((x, i) => Math.abs(x - want[i]!)))
        expect({ name, k, close: error < 1e-10 }).toEqual({ name, k, close: true })
      })
    }
  })
})
