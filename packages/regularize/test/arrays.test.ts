import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cholesky } from '../src/arrays/cholesky.js'
import { type Floats, TOGETHER } from '../src/arrays/kernels.js'
import { SCALAR } from '../src/arrays/scalar.js'
import { plain, Workspace } from '../src/arrays/workspace.js'

/** Dyadic numbers: sums of products of them are exact, in any order. */
const entries = (n: number) => fc.array(fc.integer({ min: -256, max: 256 }), { minLength: n, maxLength: n })
const LARGE = 1 << 20

const vector = new Workspace(LARGE)
/** The same call on arrays of the memory and on plain ones, which must end alike. */
const alike = (numbers: readonly number[], run: (work: Workspace, x: Floats) => unknown): void => {
  const results = [vector, plain()].map((work) =>
    work.within(() => {
      const x = work.floatsOf(numbers.map((v) => v / 64))
      return { value: run(work, x), x: [...x] }
    }),
  )
  expect(results[0]).toEqual(results[1])
}

test('large problems are worked on in WebAssembly', () => {
  expect(vector.kernels).not.toBe(SCALAR)
  expect(plain().kernels).toBe(SCALAR)
})

describe('kernels in WebAssembly compute what those in JavaScript do, bit for bit where sums are exact', () => {
  const sizes = fc.tuple(fc.nat(37), fc.nat(5), fc.nat(5))

  test('dot and axpy', () => {
    fc.assert(
      fc.property(sizes, entries(100), fc.integer({ min: -64, max: 64 }), ([n, at, from], numbers, k) => {
        alike(numbers, (work, x) => work.kernels.dot(x, at, x, 50 + from, n))
        alike(numbers, (work, x) => {
          work.kernels.axpy(k / 8, x, at, x, 50 + from, n)
          return undefined
        })
      }),
    )
  })

  test('combine and dots', () => {
    fc.assert(
      fc.property(fc.nat(19), fc.nat(15), entries(320 + 40), (n, count, numbers) => {
        alike(numbers, (work, x) => {
          const y = work.floatsOf(numbers.slice(320))
          const offsets = work.iota(count)
          for (let k = 0; k < count; k++) offsets[k] = ((7 * k) % 16) * n
          const factors = work.floatsOf(numbers.slice(0, count))
          work.kernels.combine(factors, x, offsets, count, y, n)
          x.set(y)
          return undefined
        })
        alike(numbers, (work, x) => {
          const r = work.floatsOf(numbers.slice(320))
          const columns = work.iota(count)
          for (let k = 0; k < count; k++) columns[k] = (7 * k) % 16
          work.kernels.dots(x, n, columns, count, r, 3, 0.25, x, 340 - count)
          return undefined
        })
      }),
    )
  })

  test('products', () => {
    fc.assert(
      fc.property(
        fc.nat(150),
        fc.nat(11),
        fc.nat(11),
        fc.infiniteStream(fc.integer({ min: -256, max: 256 })),
        (n, p, from, stream) => {
          const numbers = [...stream.take(n * p)]
          alike(numbers, (work, x) => {
            const columns = work.iota(p)
            for (let k = 0; k < p; k++) columns[k] = p - 1 - k
            const values = work.floats(13 * p)
            values.fill(9)
            work.kernels.products(x, n, columns, Math.min(from, p), p, values, 13)
            // What lies right of the diagonal is left open.
            return [...values].filter((_, k) => k % 13 <= Math.floor(k / 13))
          })
        },
      ),
    )
  })

  test('sweep', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), entries(90), fc.boolean(), (n, numbers, positive) => {
        alike(numbers, (work, x) => {
          const part = (from: number, of: (v: number) => number) =>
            work.floatsOf(Array.from(x.subarray(from, from + n), of))
          const [w, c] = [part(0, Math.round), part(9, (v) => 4 * v)]
          const [a, b] = [part(18, Math.abs), part(27, () => 0)]
          const G = work.floats(n * n)
          // Powers of 2 on the diagonal, and with b, so that divisions are exact; a column of zeros has none.
          for (let i = 0; i < n; i++)
            for (let j = 0; j < n; j++)
              G[i * n + j] = i === j ? [0, 1, 2, 4][i % 4]! : Math.sign(Math.round(x[36 + i + j]!))
          const [factors, offsets] = [work.floats(TOGETHER), work.ints(TOGETHER)]
          for (let i = 0; i < n; i++) if (x[27 + i]! > 0) b[i] = G[i * n + i]!
          const found = work.kernels.sweep(work.iota(n), n, n, w, c, a, b, G, n, positive, factors, offsets)
          x.set([...w, ...c])
          return found
        })
      }),
    )
  })
})

describe.each([
  ['in WebAssembly', () => new Workspace(LARGE)],
  ['in JavaScript', plain],
])('the Cholesky factor %s', (_, make) => {
  test('solves what it was made of, rows appended and removed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), entries(40 * 40 + 40), fc.nat(39), (n, numbers, which) => {
        const work = make()
        const B = Array.from({ length: n }, (_, i) => numbers.slice(40 * i, 40 * i + n).map((v) => v / 64))
        const A = B.map((u, i) => B.map((v, j) => u.reduce((s, _, k) => s + u[k]! * v[k]!, i === j ? 1 : 0)))
        const factor = new Cholesky(work, 4)
        A.forEach((row, k) => {
          expect(factor.append(row.slice(0, k), row[k]!)).toBe(true)
        })
        let kept = A.map((_, k) => k)
        const check = () => {
          const b = kept.map((k) => numbers[1600 + k]! / 64)
          const z = work.floatsOf(b)
          factor.solve(z)
          const back = kept.map((i) => kept.reduce((s, j, k) => s + A[i]![j]! * z[k]!, 0))
          back.forEach((v, k) => {
            expect(v).toBeCloseTo(b[k]!, 6)
          })
        }
        check()
        factor.remove(which % n)
        kept = kept.filter((k) => k !== which % n)
        check()
      }),
      { numRuns: 30 },
    )
  })

  test('refuses a row that depends on the others, and stays as it was', () => {
    const work = make()
    const factor = new Cholesky(work)
    expect(factor.append([], 4)).toBe(true)
    expect(factor.append([2], 1)).toBe(false)
    expect(factor.size).toBe(1)
    const b = work.floatsOf([8])
    factor.solve(b)
    expect([...b]).toEqual([2])
  })
})

describe('a workspace', () => {
  test('grows under its arrays', () => {
    const work = new Workspace(LARGE)
    const first = work.floatsOf([1, 2, 3])
    const second = work.floats(3_000_000)
    expect(second.every((v) => v === 0)).toBe(true)
    expect([...first]).toEqual([1, 2, 3])
    first[0] = 5
    expect(work.kernels.dot(first, 0, first, 0, 3)).toBe(38)
  })

  test('gives zeros where other arrays have been', () => {
    const work = new Workspace(LARGE)
    for (let i = 0; i < 3; i++)
      work.within(() => {
        const x = work.floats(100)
        expect(x.every((v) => v === 0)).toBe(true)
        x.fill(7)
      })
    expect(work.ints(300).every((v) => v === 0)).toBe(true)
  })

  test('goes on in JavaScript where no more memory is to be had', () => {
    const work = new Workspace(LARGE, 2)
    const x = work.floatsOf([3, 4])
    expect(work.kernels).not.toBe(SCALAR)
    const y = work.floats(20_000)
    expect(work.kernels).toBe(SCALAR)
    y[1] = 2
    expect(work.kernels.dot(x, 0, y, 0, 2)).toBe(8)
  })
})
