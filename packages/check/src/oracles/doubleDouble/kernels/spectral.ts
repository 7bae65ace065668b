import type { Entry, Kernel } from '../../words/kernel.js'
import {
  dotted,
  eachMatrix,
  get,
  identity,
  isFiniteMatrix,
  largest,
  leadingRow,
  type Matrix,
  matrix,
  nanMatrix,
  set,
  symmetrized,
  transposed,
} from '../../words/matrix.js'
import {
  add,
  compare,
  type DoubleDouble,
  div,
  isNegative,
  mul,
  neg,
  ONE,
  scale,
  sqrt,
  square,
  sub,
  ZERO,
} from '../arithmetic.js'
import { arithmetic } from '../words.js'

// Jacobi's methods: slow for large matrices, and as accurate as the arithmetic (Golub and Van Loan, 8.5 and 8.6.3).

const MAX_SWEEPS = 60
/** Relative size of what is neglected. */
const NEGLIGIBLE = 2 ** -108

interface Rotation {
  readonly c: DoubleDouble
  readonly s: DoubleDouble
}
/** The smaller of the two rotations that annul g in [[a, g], [g, b]]. */
const rotation = (a: DoubleDouble, b: DoubleDouble, g: DoubleDouble): Rotation => {
  const theta = div(sub(b, a), scale(g, 2))
  const root = sqrt(add(square(theta), ONE))
  const t = isNegative(theta) ? div(ONE, sub(theta, root)) : div(ONE, add(theta, root))
  const c = div(ONE, sqrt(add(square(t), ONE)))
  return { c, s: mul(t, c) }
}
/** Columns p and q become c·p - s·q and s·p + c·q. */
const rotateColumns = (a: Matrix, p: number, q: number, { c, s }: Rotation): void => {
  for (let i = 0; i < a.rows; i++) {
    const [x, y] = [get(a, i, p), get(a, i, q)]
    set(a, i, p, sub(mul(c, x), mul(s, y)))
    set(a, i, q, add(mul(s, x), mul(c, y)))
  }
}
const rotateRows = (a: Matrix, p: number, q: number, { c, s }: Rotation): void => {
  for (let j = 0; j < a.cols; j++) {
    const [x, y] = [get(a, p, j), get(a, q, j)]
    set(a, p, j, sub(mul(c, x), mul(s, y)))
    set(a, q, j, add(mul(s, x), mul(c, y)))
  }
}

/** Sweeps over all pairs until a sweep turns nothing; false if that does not happen. */
const sweep = (n: number, turn: (p: number, q: number) => boolean): boolean => {
  for (let k = 0; k < MAX_SWEEPS; k++) {
    let turned = false
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) turned = turn(p, q) || turned
    if (!turned) return true
  }
  return false
}

/** Columns in an order, each with the sign that makes its leading entry positive. */
const flips = (a: Matrix, order: readonly number[], decide: (what: number) => void): boolean[] =>
  order.map((j) => {
    const row = leadingRow(a, j)
    decide(row)
    return row >= 0 && get(a, row, j)[0] < 0
  })
const arranged = (a: Matrix, order: readonly number[], flipped: readonly boolean[]): Matrix =>
  matrix(a.rows, order.length, (i, j) => (flipped[j] ? neg(get(a, i, order[j]!)) : get(a, i, order[j]!)))

const eigh: Kernel = (call) =>
  eachMatrix(call, (input) => {
    const n = input.rows
    const a = symmetrized(arithmetic, input)
    const failed = [nanMatrix(1, n), nanMatrix(n, n)]
    if (!isFiniteMatrix(a)) return failed
    const floor = largest(a) * NEGLIGIBLE
    const v = identity(n)
    const converged = sweep(n, (p, q) => {
      const g = get(a, p, q)
      if (Math.abs(g[0]) <= floor) return false
      const r = rotation(get(a, p, p), get(a, q, q), g)
      rotateColumns(a, p, q, r)
      rotateRows(a, p, q, r)
      rotateColumns(v, p, q, r)
      return true
    })
    if (!converged) return failed
    const order = [...Array(n).keys()].sort((i, j) => compare(get(a, i, i), get(a, j, j)))
    return [
      matrix(1, n, (_, j) => get(a, order[j]!, order[j]!)),
      arranged(v, order, flips(v, order, call.decide)),
    ]
  })

const norm2 = (a: Matrix, j: number): DoubleDouble =>
  dotted(
    arithmetic,
    a.rows,
    (i) => get(a, i, j),
    (i) => get(a, i, j),
  )

/** Fills column j with a unit vector orthogonal to the columns `done`: the unit vector that is furthest from them. */
const complete = (u: Matrix, j: number, done: readonly number[]): void => {
  let best: DoubleDouble[] = []
  let size = ZERO
  for (let e = 0; e < u.rows; e++) {
    let x = Array.from({ length: u.rows }, (_, i) => (i === e ? ONE : ZERO))
    // Twice is enough (Kahan and Parlett).
    for (let pass = 0; pass < 2; pass++)
      for (const d of done) {
        const p = dotted(
          arithmetic,
          u.rows,
          (i) => get(u, i, d),
          (i) => x[i]!,
        )
        x = x.map((y, i) => sub(y, mul(p, get(u, i, d))))
      }
    const length = dotted(
      arithmetic,
      u.rows,
      (i) => x[i]!,
      (i) => x[i]!,
    )
    if (compare(length, size) > 0) [best, size] = [x, length]
  }
  const norm = sqrt(size)
  best.forEach((x, i) => {
    set(u, i, j, div(x, norm))
  })
}

/** One-sided Jacobi: A V = U S for m >= n, unordered. */
const tallSvd = (
  a: Matrix,
): { readonly u: Matrix; readonly s: DoubleDouble[]; readonly v: Matrix } | undefined => {
  const n = a.cols
  const u: Matrix = { ...a, data: [...a.data] }
  const v = identity(n)
  const scaleOf = largest(a)
  const floor = (scaleOf * NEGLIGIBLE) ** 2
  const converged = sweep(n, (p, q) => {
    const [alpha, beta] = [norm2(u, p), norm2(u, q)]
    const g = dotted(
      arithmetic,
      u.rows,
      (i) => get(u, i, p),
      (i) => get(u, i, q),
    )
    const size = Math.sqrt(alpha[0]) * Math.sqrt(beta[0])
    // Columns that are zero but for rounding have no direction of their own.
    if (Math.abs(g[0]) <= size * NEGLIGIBLE * 4 || Math.min(alpha[0], beta[0]) <= floor) return false
    const r = rotation(alpha, beta, g)
    rotateColumns(u, p, q, r)
    rotateColumns(v, p, q, r)
    return true
  })
  if (!converged) return undefined
  const s = Array.from({ length: n }, (_, j) => sqrt(norm2(u, j)))
  const full = s.flatMap((x, j) => (x[0] > scaleOf * 2 ** -96 ? [j] : []))
  for (const j of full) for (let i = 0; i < u.rows; i++) set(u, i, j, div(get(u, i, j), s[j]!))
  for (let j = 0; j < n; j++)
    if (!full.includes(j)) {
      complete(u, j, full)
      full.push(j)
    }
  return { u, s, v }
}

const svd: Kernel = (call) =>
  eachMatrix(call, (a) => {
    const [m, n] = [a.rows, a.cols]
    const k = Math.min(m, n)
    const wide = m < n
    const t = isFiniteMatrix(a) ? tallSvd(wide ? transposed(a) : a) : undefined
    if (!t) return [nanMatrix(m, k), nanMatrix(1, k), nanMatrix(k, n)]
    const [u, v] = wide ? [t.v, t.u] : [t.u, t.v]
    const order = t.s.map((_, i) => i).sort((i, j) => compare(t.s[j]!, t.s[i]!))
    const flipped = flips(u, order, call.decide)
    return [
      arranged(u, order, flipped),
      matrix(1, k, (_, j) => t.s[order[j]!]!),
      transposed(arranged(v, order, flipped)),
    ]
  })

export const spectral = { eigh, svd } as const satisfies Readonly<Record<string, Entry>>
