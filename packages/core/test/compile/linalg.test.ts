import { describe, expect, test } from 'vitest'
import type { Tensor } from '../../src/tensor.js'
import { agree, dice, entries, interpret, make, run } from './kernels.js'

const FLOATS = ['float32', 'float64'] as const
type Float = (typeof FLOATS)[number]
const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 18, 31, 33, 40, 65]

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
    for (const k of [0, 1, 2, 3, 7, 8, 11, 18])
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
})
