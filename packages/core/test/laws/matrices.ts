import fc from 'fast-check'
import type { Tensor } from '../../src/tensor.js'
import { caseOf, dyadic, type Entry, f64, floats } from './generate.js'

// Matrices whose factorisations are smooth around them: separated eigenvalues, pivots and singular values.

const lead = fc.constantFrom<number[]>([], [], [2], [2, 1], [0])
const side = fc.integer({ min: 1, max: 3 })
const sizes = (square: boolean) =>
  fc.record({ lead, m: side, n: side }).map((s) => (square ? { ...s, n: s.m } : s))

/** One matrix for each place of the batch shape. */
const stacked = (
  shape: readonly number[],
  m: number,
  n: number,
  entry: (i: number, j: number) => fc.Arbitrary<number>,
  finish: (a: number[][]) => number[][] = (a) => a,
): fc.Arbitrary<Tensor> => {
  const count = shape.reduce((p, d) => p * d, 1)
  const row = (i: number) => fc.tuple(...Array.from({ length: n }, (_, j) => entry(i, j)))
  const one = fc.tuple(...Array.from({ length: m }, (_, i) => row(i))).map((a) => finish(a as number[][]))
  return fc
    .array(one, { minLength: count, maxLength: count })
    .map((all) => f64(all.flat(2), [...shape, m, n]))
}

const small = dyadic(-1 / 2, 1 / 2)
/** Small entries around a diagonal of separated numbers. */
const around = (i: number, j: number): fc.Arbitrary<number> =>
  i === j ? small.map((x) => x + 3 * (i + 1)) : small
/** No zero below the diagonal: where a column is already reduced, the sign of a reflection jumps, as in LAPACK. */
const reducible = (i: number, j: number): fc.Arbitrary<number> =>
  i > j ? dyadic(1 / 4, 1 / 2) : around(i, j)
const gram = (a: number[][]): number[][] =>
  a.map((r, i) => a.map((c, j) => r.reduce((s, x, k) => s + x * c[k]!, 0) + (i === j ? 2 : 0)))
const mirrored = (a: number[][]): number[][] =>
  a.map((r, i) => r.map((_, j) => a[Math.max(i, j)]![Math.min(i, j)]!))

const factorisation = (
  square: boolean,
  entry: (i: number, j: number) => fc.Arbitrary<number>,
  finish?: (a: number[][]) => number[][],
): Entry => ({
  cases: caseOf(sizes(square), ({ lead: batch, m, n }) =>
    stacked(batch, m, n, entry, finish).map((a) => [a]),
  ),
})

export const matrices: Readonly<Record<string, Entry>> = {
  cholesky: factorisation(true, () => dyadic(-1, 1), gram),
  eigh: factorisation(true, around, mirrored),
  lu: factorisation(true, around, (a) => a.toReversed()),
  qr: factorisation(false, reducible),
  svd: factorisation(false, around),
  triangularSolve: {
    cases: caseOf(
      fc.record({
        lead,
        n: side,
        k: fc.integer({ min: 0, max: 2 }),
        lower: fc.boolean(),
        transpose: fc.boolean(),
        unitDiagonal: fc.boolean(),
      }),
      (s) => fc.tuple(stacked(s.lead, s.n, s.n, around), floats([...s.lead, s.n, s.k])),
      ({ lower, transpose, unitDiagonal }) => ({ lower, transpose, unitDiagonal }),
    ),
    linear: [[1]],
  },
}
