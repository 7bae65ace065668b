import { describe, expect, it } from 'vitest'
import { cholesky, eigh, lu, qr, svd, triangularSolve } from '../../src/math/linalg/index.js'

const EPS = Number.EPSILON

/** Seeded uniform numbers in [-1, 1) (mulberry32). */
function generator(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1
  }
}

function build(m: number, n: number, entry: (i: number, j: number) => number): Float64Array {
  const a = new Float64Array(m * n)
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) a[i * n + j] = entry(i, j)
  return a
}

const random = (m: number, n: number, seed: number) => build(m, n, generator(seed * 7919 + m * 131 + n))
const identity = (n: number) => build(n, n, (i, j) => (i === j ? 1 : 0))
const transpose = (a: Float64Array, m: number, n: number) => build(n, m, (i, j) => a[j * n + i]!)

function multiply(a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array {
  return build(m, n, (i, j) => {
    let sum = 0
    for (let p = 0; p < k; p++) sum += a[i * k + p]! * b[p * n + j]!
    return sum
  })
}

function norm(a: Float64Array): number {
  let max = 0
  for (const v of a) max = Math.max(max, Math.abs(v))
  if (!(max > 0)) return max
  let sum = 0
  for (const v of a) sum += (v / max) ** 2
  return Math.sqrt(sum) * max
}

function distance(a: Float64Array, b: Float64Array): number {
  expect(a.length).toBe(b.length)
  return norm(a.map((v, i) => v - b[i]!))
}

/** The norm of a - b is at most c · size · eps · scale. NaN fails. */
function expectClose(a: Float64Array, b: Float64Array, size: number, scale = norm(b), c = 8): void {
  expect(distance(a, b)).toBeLessThanOrEqual(c * Math.max(size, 1) * EPS * scale)
}

function expectOrthonormalColumns(q: Float64Array, m: number, n: number): void {
  expectClose(multiply(transpose(q, m, n), q, n, m, n), identity(n), Math.max(m, n), 1)
}

const allNaN = (x: Float64Array) => x.every(Number.isNaN)

const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 12, 60]
const shapes: [number, number][] = [
  ...sizes.flatMap((m) => [0, 1, 2, 3, 5, 8, 12].map((n): [number, number] => [m, n])),
  [12, 60],
  [60, 60],
  [60, 61],
]

const symmetric = (n: number, seed: number) => {
  const a = random(n, n, seed)
  return build(n, n, (i, j) => a[i * n + j]! + a[j * n + i]!)
}
const positive = (n: number, seed: number) => {
  const a = random(n, n + 2, seed)
  return multiply(a, transpose(a, n, n + 2), n, n + 2, n)
}

describe('cholesky', () => {
  it.each(sizes)('reconstructs a positive definite matrix of size %i', (n) => {
    for (let seed = 0; seed < 5; seed++) {
      const a = positive(n, seed)
      const copy = a.slice()
      const l = cholesky(a, n)
      expect(a).toEqual(copy)
      for (let i = 0; i < n; i++) {
        expect(l[i * n + i]).toBeGreaterThan(0)
        for (let j = i + 1; j < n; j++) expect(l[i * n + j]).toBe(0)
      }
      expectClose(multiply(l, transpose(l, n, n), n, n, n), a, n)
    }
  })

  it('gives exact values and reads the lower triangle only', () => {
    expect([...cholesky(Float64Array.of(4, NaN, 2, 5), 2)]).toEqual([2, 0, 1, 2])
    expect([...cholesky(Float64Array.of(9), 1)]).toEqual([3])
  })

  it('is accurate entry by entry for graded matrices', () => {
    const n = 6
    const b = positive(n, 3)
    const a = build(n, n, (i, j) => b[i * n + j]! * 2 ** (-30 * (i + j)))
    const l = cholesky(a, n)
    const expected = cholesky(b, n)
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) expect(l[i * n + j]).toBe(expected[i * n + j]! * 2 ** (-30 * i))
    }
  })

  it('gives NaN if not positive definite or not finite', () => {
    expect(allNaN(cholesky(Float64Array.of(1, 2, 2, 1), 2))).toBe(true)
    expect(allNaN(cholesky(Float64Array.of(0), 1))).toBe(true)
    expect(allNaN(cholesky(Float64Array.of(-1), 1))).toBe(true)
    expect(allNaN(cholesky(Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, -1), 3))).toBe(true)
    for (const bad of [NaN, Infinity, -Infinity]) {
      for (const at of [0, 3, 4, 6, 7, 8]) {
        const a = identity(3)
        a[at] = bad
        expect(allNaN(cholesky(a, 3))).toBe(true)
      }
    }
  })
})

describe('triangularSolve', () => {
  const flags = [false, true]
  for (const lower of flags) {
    for (const trans of flags) {
      for (const unitDiagonal of flags) {
        it(`solves with lower=${lower} transpose=${trans} unitDiagonal=${unitDiagonal}`, () => {
          for (const n of sizes) {
            for (const k of [0, 1, 3]) {
              const raw = random(n, n, 11)
              // Entries outside what may be read are NaN; the diagonal dominates.
              const a = build(n, n, (i, j) => {
                if (i === j) return unitDiagonal ? NaN : 2 + raw[i * n + j]!
                return i > j === lower ? raw[i * n + j]! / Math.max(1, n / 2) : NaN
              })
              const full = build(n, n, (i, j) => {
                if (i === j && unitDiagonal) return 1
                return i === j || i > j === lower ? a[i * n + j]! : 0
              })
              const op = trans ? transpose(full, n, n) : full
              const b = random(n, k, 12)
              const copy = b.slice()
              const x = triangularSolve(a, b, n, k, { lower, transpose: trans, unitDiagonal })
              expect(b).toEqual(copy)
              expect(x.length).toBe(n * k)
              expectClose(multiply(op, x, n, n, k), b, n, norm(op) * norm(x))
            }
          }
        })
      }
    }
  }

  it('gives exact values, not transposed and not of unit diagonal by default', () => {
    const a = Float64Array.of(2, 0, 1, 4)
    expect([...triangularSolve(a, Float64Array.of(2, 9), 2, 1, { lower: true })]).toEqual([1, 2])
    expect([...triangularSolve(a, Float64Array.of(4, 8), 2, 1, { lower: true, transpose: true })]).toEqual([
      1, 2,
    ])
  })

  it('divides by zero as IEEE arithmetic does', () => {
    expect([...triangularSolve(Float64Array.of(0), Float64Array.of(1, 0), 1, 2, { lower: true })]).toEqual([
      Infinity,
      NaN,
    ])
  })
})

describe('lu', () => {
  it.each(shapes)('reconstructs a %i × %i matrix', (m, n) => {
    for (let seed = 0; seed < 3; seed++) {
      const a = random(m, n, 20 + seed)
      const copy = a.slice()
      const f = lu(a, m, n)
      expect(a).toEqual(copy)
      const k = Math.min(m, n)
      const l = build(m, k, (i, j) => (i === j ? 1 : i > j ? f.lu[i * n + j]! : 0))
      const u = build(k, n, (i, j) => (i <= j ? f.lu[i * n + j]! : 0))
      const pa = build(m, n, (i, j) => a[f.permutation[i]! * n + j]!)
      expectClose(multiply(l, u, m, k, n), pa, Math.max(m, n))
      for (const v of l) expect(Math.abs(v)).toBeLessThanOrEqual(1)
      expect(f.pivots.length).toBe(k)
      const replayed = Int32Array.from({ length: m }, (_, i) => i)
      let sign = 1
      f.pivots.forEach((p, i) => {
        const t = replayed[i]!
        replayed[i] = replayed[p]!
        replayed[p] = t
        if (p !== i) sign = -sign
      })
      expect(f.permutation).toEqual(replayed)
      expect(f.sign).toBe(sign)
    }
  })

  it('gives exact values', () => {
    const f = lu(Float64Array.of(1, 2, 4, 6), 2, 2)
    expect([...f.lu]).toEqual([4, 6, 0.25, 0.5])
    expect([...f.pivots]).toEqual([1, 1])
    expect([...f.permutation]).toEqual([1, 0])
    expect(f.sign).toBe(-1)
  })

  it('factorises singular matrices', () => {
    expect([...lu(new Float64Array(9), 3, 3).lu]).toEqual(Array(9).fill(0))
    const f = lu(Float64Array.of(1, 2, 3, 2, 4, 6, 1, 1, 1), 3, 3)
    expect(Math.abs(f.lu[8]! * f.lu[4]!)).toBe(0)
  })

  it('gives NaN for NaN and infinities', () => {
    for (const bad of [NaN, Infinity]) {
      for (let at = 0; at < 6; at++) {
        const a = random(3, 2, 1)
        a[at] = bad
        expect(allNaN(lu(a, 3, 2).lu)).toBe(true)
      }
    }
  })
})

describe('qr', () => {
  it.each(shapes)('reconstructs a %i × %i matrix, reduced and complete', (m, n) => {
    for (const complete of [false, true]) {
      const a = random(m, n, 30)
      const copy = a.slice()
      const { q, r } = qr(a, m, n, complete)
      expect(a).toEqual(copy)
      const k = complete ? m : Math.min(m, n)
      expect(q.length).toBe(m * k)
      expect(r.length).toBe(k * n)
      expectOrthonormalColumns(q, m, k)
      expectClose(multiply(q, r, m, k, n), a, Math.max(m, n))
      for (let i = 0; i < k; i++) for (let j = 0; j < Math.min(i, n); j++) expect(r[i * n + j]).toBe(0)
    }
  })

  it('has the signs of numpy.linalg.qr', () => {
    // NumPy 2.4: qr([[1, 2], [3, 4]]), qr([[-1, 2], [0, -5]]) and qr([[2, 1, 3], [0, 0, 4]]).
    const first = qr(Float64Array.of(1, 2, 3, 4), 2, 2)
    expectClose(first.r, Float64Array.of(-3.162277660168379, -4.427188724235731, 0, -0.6324555320336759), 2)
    expect(first.q[0]).toBeCloseTo(-0.31622776601683794, 15)
    expect([...qr(Float64Array.of(-1, 2, 0, -5), 2, 2).r]).toEqual([-1, 2, 0, -5])
    expect([...qr(Float64Array.of(2, 1, 3, 0, 0, 4), 2, 3).r]).toEqual([2, 1, 3, 0, 0, 4])
    expect([...qr(Float64Array.of(-3), 1, 1).r]).toEqual([-3])
  })

  it('is accurate column by column, from subnormal to huge', () => {
    const b = random(8, 4, 31)
    const scales = [1e300, 2 ** -1040, 1, 1e-200]
    const a = build(8, 4, (i, j) => b[i * 4 + j]! * scales[j]!)
    const { q, r } = qr(a, 8, 4)
    expectOrthonormalColumns(q, 8, 4)
    const product = multiply(q, r, 8, 4, 4)
    for (const j of [0, 2, 3]) {
      const column = (x: Float64Array) => build(8, 1, (i) => x[i * 4 + j]! / scales[j]!)
      expectClose(column(product), column(a), 8)
    }
    const tiny = qr(
      b.map((v) => v * 2 ** -1040),
      8,
      4,
    )
    expectOrthonormalColumns(tiny.q, 8, 4)
    const top = qr(
      b.map((v) => v * 1e308),
      8,
      4,
    )
    expectOrthonormalColumns(top.q, 8, 4)
  })

  it('keeps Q orthonormal if the rank is deficient', () => {
    const a = multiply(random(9, 2, 32), random(2, 6, 33), 9, 2, 6)
    const { q, r } = qr(a, 9, 6)
    expectOrthonormalColumns(q, 9, 6)
    expectClose(multiply(q, r, 9, 6, 6), a, 9)
    expect(qr(new Float64Array(6), 3, 2)).toEqual({
      q: Float64Array.of(1, 0, 0, 1, 0, 0),
      r: new Float64Array(4),
    })
  })

  it('gives NaN for NaN and infinities', () => {
    for (const bad of [NaN, Infinity]) {
      for (let at = 0; at < 6; at++) {
        const a = random(3, 2, 1)
        a[at] = bad
        const { q, r } = qr(a, 3, 2)
        expect(allNaN(q) && allNaN(r)).toBe(true)
      }
    }
  })
})

describe('eigh', () => {
  function check(a: Float64Array, n: number): Float64Array {
    const copy = a.slice()
    const { values, vectors } = eigh(a, n)
    expect(a).toEqual(copy)
    expect(values.length).toBe(n)
    expectOrthonormalColumns(vectors, n, n)
    const scaled = build(n, n, (i, j) => vectors[i * n + j]! * values[j]!)
    expectClose(multiply(scaled, transpose(vectors, n, n), n, n, n), a, n)
    for (let i = 1; i < n; i++) expect(values[i]).toBeGreaterThanOrEqual(values[i - 1]!)
    for (let j = 0; j < n; j++) {
      const column = build(n, 1, (i) => vectors[i * n + j]!)
      const max = column.reduce((x, y) => Math.max(x, Math.abs(y)), 0)
      expect(column.find((v) => Math.abs(v) >= max * (1 - 1e-8))).toBeGreaterThan(0)
    }
    return values
  }

  it.each([...sizes, 150])('decomposes symmetric matrices of size %i', (n) => {
    for (let seed = 0; seed < (n > 60 ? 1 : 5); seed++) check(symmetric(n, 40 + seed), n)
  })

  it('gives known values', () => {
    const { values, vectors } = eigh(Float64Array.of(2, NaN, 1, 2), 2)
    expectClose(values, Float64Array.of(1, 3), 2)
    expectClose(vectors, Float64Array.of(Math.SQRT1_2, Math.SQRT1_2, -Math.SQRT1_2, Math.SQRT1_2), 2)
    // The second difference matrix has the eigenvalues 2 - 2 cos(k π / (n + 1)).
    const n = 20
    const laplacian = build(n, n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0))
    const expected = build(1, n, (_, k) => 4 * Math.sin(((k + 1) * Math.PI) / (2 * (n + 1))) ** 2)
    expectClose(check(laplacian, n), expected, n, 4, 1)
  })

  it('is exact for diagonal matrices', () => {
    const a = build(4, 4, (i, j) => (i === j ? [3, -1e-30, 7e200, 2][i]! : 0))
    expect([...eigh(a, 4).values]).toEqual([-1e-30, 2, 3, 7e200])
    expect([...eigh(a, 4).vectors]).toEqual([0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0])
    expect([...eigh(Float64Array.of(-5), 1).values]).toEqual([-5])
    expect([...eigh(new Float64Array(9), 3).vectors]).toEqual([...identity(3)])
  })

  it('handles repeated eigenvalues and low rank', () => {
    for (const n of [3, 8, 40]) {
      const v = random(n, 1, 50)
      const projector = multiply(v, transpose(v, n, 1), n, 1, n)
      const values = check(projector, n)
      for (let i = 0; i < n - 1; i++) expect(Math.abs(values[i]!)).toBeLessThan(8 * n * EPS * norm(projector))
      check(
        build(n, n, () => 1),
        n,
      )
      const { q } = qr(random(n, n, 51), n, n)
      const twoValues = multiply(
        build(n, n, (i, j) => q[i * n + j]! * (j % 2 ? 3 : -1)),
        transpose(q, n, n),
        n,
        n,
        n,
      )
      check(
        build(n, n, (i, j) => twoValues[Math.max(i, j) * n + Math.min(i, j)]!),
        n,
      )
    }
  })

  it.each([12, 60, 100, 200])('handles Gram matrices of low rank, of size %i', (n) => {
    const rank = Math.floor(n / 3)
    for (let seed = 0; seed < (n > 100 ? 1 : 3); seed++) {
      const b = random(n, rank, 53 + seed)
      const gram = multiply(b, transpose(b, n, rank), n, rank, n)
      const values = check(gram, n)
      expect(Math.abs(values[n - rank - 1]!)).toBeLessThan(8 * EPS * norm(gram))
      // The same with the significant part last, and with noise scaled down further.
      const graded = build(n, n, (i, j) => gram[i * n + j]! * 2 ** (-i - j))
      check(graded, n)
      check(graded.slice().reverse(), n)
    }
  })

  it('handles graded matrices, extreme scales, and near-diagonal ones', () => {
    const b = symmetric(10, 52)
    for (const step of [-30, 30]) {
      check(
        build(10, 10, (i, j) => b[i * 10 + j]! * 2 ** (step * (i + j))),
        10,
      )
    }
    for (const scale of [1e-305, 1e-160, 1e160, 1e300]) {
      const a = b.map((v) => v * scale)
      const { values, vectors } = eigh(a, 10)
      const reference = eigh(b, 10)
      expectOrthonormalColumns(vectors, 10, 10)
      expectClose(
        values.map((v) => v / scale),
        reference.values,
        10,
      )
    }
    check(
      build(6, 6, (i, j) => (i === j ? i : 1e-18)),
      6,
    )
    // Wilkinson's W21+: pairs of eigenvalues that agree to working precision.
    const wilkinson = build(21, 21, (i, j) => (i === j ? Math.abs(i - 10) : Math.abs(i - j) === 1 ? 1 : 0))
    // Largest eigenvalue: Wilkinson, "The Algebraic Eigenvalue Problem" (1965), p. 309.
    expect(check(wilkinson, 21)[20]).toBeCloseTo(10.746194182903393, 13)
  })

  it('gives NaN for NaN and infinities, in the lower triangle only', () => {
    for (const bad of [NaN, Infinity]) {
      for (const at of [0, 3, 4, 6, 7, 8]) {
        const a = symmetric(3, 1)
        a[at] = bad
        const { values, vectors } = eigh(a, 3)
        expect(allNaN(values) && allNaN(vectors)).toBe(true)
      }
    }
  })
})

describe('svd', () => {
  function check(a: Float64Array, m: number, n: number): Float64Array {
    const k = Math.min(m, n)
    const copy = a.slice()
    const { u, s, vt } = svd(a, m, n)
    expect(a).toEqual(copy)
    expect([u.length, s.length, vt.length]).toEqual([m * k, k, k * n])
    expectOrthonormalColumns(u, m, k)
    expectOrthonormalColumns(transpose(vt, k, n), n, k)
    const us = build(m, k, (i, j) => u[i * k + j]! * s[j]!)
    expectClose(multiply(us, vt, m, k, n), a, Math.max(m, n))
    for (let i = 0; i < k; i++) expect(s[i]).toBeGreaterThanOrEqual(i + 1 < k ? s[i + 1]! : 0)

    const f = svd(a, m, n, true)
    expect([f.u.length, f.vt.length]).toEqual([m * m, n * n])
    expectOrthonormalColumns(f.u, m, m)
    expectOrthonormalColumns(transpose(f.vt, n, n), n, n)
    expect(f.s).toEqual(s)
    // The reduced form is the leading part of the full one.
    expect(build(m, k, (i, j) => f.u[i * m + j]!)).toEqual(u)
    expect(f.vt.slice(0, k * n)).toEqual(vt)
    for (let j = 0; j < m; j++) {
      const column = build(m, 1, (i) => f.u[i * m + j]!)
      const max = column.reduce((x, y) => Math.max(x, Math.abs(y)), 0)
      expect(column.find((v) => Math.abs(v) >= max * (1 - 1e-8))).toBeGreaterThan(0)
    }
    return s
  }

  it.each(shapes)('decomposes a %i × %i matrix', (m, n) => {
    for (let seed = 0; seed < 3; seed++) check(random(m, n, 60 + seed), m, n)
  })

  it('gives known values', () => {
    expect([...svd(Float64Array.of(0, -3, 2, 0), 2, 2).s]).toEqual([3, 2])
    expect([...svd(Float64Array.of(0, -3, 2, 0), 2, 2).vt]).toEqual([-0, -1, 1, 0].map((v) => v + 0))
    expect(svd(Float64Array.of(-4), 1, 1)).toEqual({
      u: Float64Array.of(1),
      s: Float64Array.of(4),
      vt: Float64Array.of(-1),
    })
    expectClose(svd(Float64Array.of(3, 4), 1, 2).s, Float64Array.of(5), 1)
    const diagonal = build(4, 4, (i, j) => (i === j ? [1e-250, 3, -1e20, 1e-12][i]! : 0))
    expect([...svd(diagonal, 4, 4).s]).toEqual([1e20, 3, 1e-12, 1e-250])
  })

  it('keeps U and V orthonormal if the rank is deficient', () => {
    for (const [m, n] of [
      [1, 1],
      [2, 3],
      [7, 4],
      [4, 7],
      [9, 9],
      [60, 12],
      [40, 40],
    ] as [number, number][]) {
      expect(norm(check(new Float64Array(m * n), m, n))).toBe(0)
      // Exactly of rank 1, and of rank 2 up to rounding.
      const ones = check(
        build(m, n, () => 1),
        m,
        n,
      )
      expect(ones[0]).toBeCloseTo(Math.sqrt(m * n), 12)
      for (const v of ones.slice(1)) expect(v).toBeLessThan(4 * EPS * ones[0]! * Math.max(m, n))
      const s = check(multiply(random(m, 2, 70), random(2, n, 71), m, 2, n), m, n)
      for (const v of s.slice(2)) expect(v).toBeLessThan(8 * EPS * s[0]! * Math.max(m, n))
      const holes = random(m, n, 72)
      check(
        build(m, n, (i, j) => (i % 2 || j === 0 ? 0 : holes[i * n + j]!)),
        m,
        n,
      )
    }
  })

  it('handles repeated singular values', () => {
    for (const n of [2, 5, 30]) {
      const { q } = qr(random(n, n, 73), n, n)
      for (const v of check(q, n, n)) expect(Math.abs(v - 1)).toBeLessThan(4 * n * EPS)
      check(identity(n), n, n)
    }
  })

  it('has the singular values of Hilbert matrices', () => {
    // Of the matrices of doubles 1/(i+j+1), by mpmath 1.4 svd_r with 60 digits.
    const reference: Record<number, number[]> = {
      6: [
        1.618899858924339, 0.24236087057520955, 0.016321521319875826, 0.0006157483541826453,
        1.2570757122637029e-5, 1.082799484481101e-7,
      ],
      10: [
        1.7519196702651776, 0.3429295484835091, 0.035741816271639235, 0.0025308907686700287,
        0.0001287496142763734, 4.729689293190096e-6, 1.2289677387429186e-7, 2.1474388217975424e-9,
        2.2667455503810733e-11, 1.0932524334974553e-13,
      ],
    }
    for (const n of [6, 10]) {
      const s = check(
        build(n, n, (i, j) => 1 / (i + j + 1)),
        n,
        n,
      )
      reference[n]!.forEach((v, i) => {
        expect(Math.abs(s[i]! - v)).toBeLessThan(2 * EPS * reference[n]![0]!)
      })
    }
  })

  it('has high relative accuracy for graded matrices', () => {
    const b = build(6, 6, (i, j) => (i === j ? 8 : ((3 * i + 5 * j) % 7) - 3))
    // Singular values by mpmath 1.4 svd_r with 140 digits; the matrices are exact in doubles.
    const cases: [(i: number, j: number) => number, number[]][] = [
      [
        (_, j) => -20 * j,
        [
          9.055385138137574, 8.734222401617035e-6, 7.657824155008378e-12, 7.51427688487303e-18,
          5.724402055936417e-24, 6.587020645485582e-30,
        ],
      ],
      [
        (i) => -20 * i,
        [
          9.055385138137456, 8.699868126908346e-6, 7.211481521788525e-12, 7.53240358006434e-18,
          6.515171367001656e-24, 6.155160673443638e-30,
        ],
      ],
      [
        (i, j) => -20 * i - 13 * ((j * 5) % 6),
        [
          8.000000000931323, 3.492459657292699e-10, 1.3552527714450827e-20, 3.878569053584541e-30,
          5.183253523119656e-38, 4.4892943962567755e-49,
        ],
      ],
    ]
    for (const [exponent, reference] of cases) {
      const a = build(6, 6, (i, j) => b[i * 6 + j]! * 2 ** exponent(i, j))
      for (const matrix of [a, transpose(a, 6, 6)]) {
        const s = check(matrix, 6, 6)
        reference.forEach((v, i) => {
          expect(Math.abs(s[i]! / v - 1)).toBeLessThan(16 * EPS)
        })
      }
    }
  })

  it('handles extreme scales and gradings', () => {
    const a = random(8, 5, 74)
    const reference = svd(a, 8, 5)
    for (const scale of [1e-305, 1e-160, 1e160, 1e300]) {
      const { u, s, vt } = svd(
        a.map((v) => v * scale),
        8,
        5,
      )
      expectClose(
        s.map((v) => v / scale),
        reference.s,
        8,
      )
      expectClose(u, reference.u, 8, 1, 64)
      expectClose(vt, reference.vt, 8, 1, 64)
    }
    for (const step of [-200, -150, -80, 50, 190]) {
      const graded = (i: number, j: number) => a[i * 5 + j]! * 2 ** (step * j)
      check(build(8, 5, graded), 8, 5)
      check(
        build(5, 5, (i, j) => a[i * 5 + j]! * 2 ** ((step * (i + j)) / 2)),
        5,
        5,
      )
    }
  })

  it('gives NaN for NaN and infinities', () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      for (let at = 0; at < 6; at++) {
        const a = random(3, 2, 1)
        a[at] = bad
        for (const [m, n] of [
          [3, 2],
          [2, 3],
        ] as [number, number][]) {
          for (const full of [false, true]) {
            const { u, s, vt } = svd(a, m, n, full)
            expect(allNaN(u) && allNaN(s) && allNaN(vt)).toBe(true)
            expect(u.length).toBe(full ? m * m : m * 2)
            expect(vt.length).toBe(full ? n * n : 2 * n)
          }
        }
      }
    }
  })
})
