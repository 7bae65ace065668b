import { type Arithmetic, ONE, ZERO } from './arithmetic.js'
import type { Entry, Kernel } from './kernel.js'
import {
  dotted,
  eachMatrix,
  get,
  isFiniteMatrix,
  type Matrix,
  matrix,
  nanMatrix,
  set,
  symmetrized,
} from './matrix.js'
import type { Pair } from './tensor.js'

// Direct algorithms, by their textbook formulas (Golub and Van Loan, Matrix Computations), with the conventions of core
// for signs, order and failure.

const copy = (a: Matrix): Matrix => ({ ...a, data: [...a.data] })

const choleskyOf = (by: Arithmetic, a: Matrix): Matrix => {
  const { sub, div, sqrt } = by
  const n = a.rows
  const l = matrix(n, n, () => ZERO)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const rest = sub(
        get(a, i, j),
        dotted(
          by,
          j,
          (k) => get(l, i, k),
          (k) => get(l, j, k),
        ),
      )
      if (i > j) set(l, i, j, div(rest, get(l, j, j)))
      else if (rest[0] > 0 && rest[0] < Number.POSITIVE_INFINITY) set(l, i, i, sqrt(rest))
      else return nanMatrix(n, n)
    }
  return l
}
const choleskyOver =
  (by: Arithmetic): Kernel =>
  (call) =>
    eachMatrix(call, (a) => {
      const l = choleskyOf(by, symmetrized(by, a))
      call.decide(Number(isFiniteMatrix(l)))
      return [l]
    })

interface TriangularParams {
  readonly lower: boolean
  readonly transpose: boolean
  readonly unitDiagonal: boolean
}
const triangularSolveOver =
  ({ sub, mul, div }: Arithmetic): Kernel =>
  (call) => {
    const { lower, transpose, unitDiagonal } = call.params as unknown as TriangularParams
    return eachMatrix(call, (a, b) => {
      const x = copy(b)
      const entry = (i: number, j: number) => (transpose ? get(a, j, i) : get(a, i, j))
      const forward = lower !== transpose
      for (let step = 0; step < x.rows; step++) {
        const i = forward ? step : x.rows - 1 - step
        for (let c = 0; c < x.cols; c++) {
          let rest = get(x, i, c)
          for (let j = forward ? 0 : i + 1; j < (forward ? i : x.rows); j++)
            rest = sub(rest, mul(entry(i, j), get(x, j, c)))
          set(x, i, c, unitDiagonal ? rest : div(rest, entry(i, i)))
        }
      }
      return [x]
    })
  }

const luOver =
  ({ sub, mul, div, abs, compare, isZero }: Arithmetic): Kernel =>
  (call) =>
    eachMatrix(call, (a) => {
      const n = a.rows
      const f = copy(a)
      const pivots = Array.from({ length: n }, (_, i) => i)
      const permutation = [...pivots]
      if (!isFiniteMatrix(a)) return [nanMatrix(n, n), pivots, permutation]
      for (let s = 0; s < n; s++) {
        let pivot = s
        for (let i = s + 1; i < n; i++) if (compare(abs(get(f, i, s)), abs(get(f, pivot, s))) > 0) pivot = i
        pivots[s] = pivot
        call.decide(pivot)
        if (isZero(get(f, pivot, s))) continue
        if (pivot !== s) {
          for (let j = 0; j < n; j++) {
            const t = get(f, s, j)
            set(f, s, j, get(f, pivot, j))
            set(f, pivot, j, t)
          }
          const t = permutation[s]!
          permutation[s] = permutation[pivot]!
          permutation[pivot] = t
        }
        for (let i = s + 1; i < n; i++) {
          const factor = div(get(f, i, s), get(f, s, s))
          set(f, i, s, factor)
          for (let j = s + 1; j < n; j++) set(f, i, j, sub(get(f, i, j), mul(factor, get(f, s, j))))
        }
      }
      return [f, pivots, permutation]
    })

/** H = I - τ v vᵀ with v₀ = 1 that maps a column, from row s on, to a multiple of e₁; LAPACK's signs. */
interface Reflector {
  readonly from: number
  readonly v: readonly Pair[]
  readonly tau: Pair
}
const reflector = (by: Arithmetic, a: Matrix, s: number): Reflector => {
  const { add, sub, mul, div, neg, sqrt, isNegative, isZero } = by
  const square = (x: Pair): Pair => mul(x, x)
  const x = Array.from({ length: a.rows - s }, (_, i) => get(a, s + i, s))
  const tail = x.slice(1).reduce((sum, y) => add(sum, square(y)), ZERO)
  if (isZero(tail)) return { from: s, v: x.map((_, i) => (i === 0 ? ONE : ZERO)), tau: ZERO }
  const norm = sqrt(add(square(x[0]!), tail))
  const beta = isNegative(x[0]!) ? norm : neg(norm)
  const denominator = sub(x[0]!, beta)
  return {
    from: s,
    v: x.map((y, i) => (i === 0 ? ONE : div(y, denominator))),
    tau: div(sub(beta, x[0]!), beta),
  }
}
const reflect = (by: Arithmetic, a: Matrix, { from, v, tau }: Reflector, firstColumn: number): void => {
  if (by.isZero(tau)) return
  for (let j = firstColumn; j < a.cols; j++) {
    const w = by.mul(
      tau,
      dotted(
        by,
        v.length,
        (i) => v[i]!,
        (i) => get(a, from + i, j),
      ),
    )
    v.forEach((vi, i) => {
      set(a, from + i, j, by.sub(get(a, from + i, j), by.mul(vi, w)))
    })
  }
}

const qrOver =
  (by: Arithmetic): Kernel =>
  (call) =>
    eachMatrix(call, (a) => {
      const [m, n] = [a.rows, a.cols]
      const k = Math.min(m, n)
      if (!isFiniteMatrix(a)) return [nanMatrix(m, k), nanMatrix(k, n)]
      const work = copy(a)
      const reflectors: Reflector[] = []
      for (let s = 0; s < k; s++) {
        const h = reflector(by, work, s)
        call.decide(by.isZero(h.tau) ? 0 : by.isNegative(get(work, s, s)) ? -1 : 1)
        reflectors.push(h)
        reflect(by, work, h, s)
      }
      const q = matrix(m, k, (i, j) => (i === j ? ONE : ZERO))
      for (const h of reflectors.reverse()) reflect(by, q, h, h.from)
      return [q, matrix(k, n, (i, j) => (j >= i ? get(work, i, j) : ZERO))]
    })

/** Factorisations and solutions, over any arithmetic. */
export const factorizationsOver = (by: Arithmetic) =>
  ({
    cholesky: choleskyOver(by),
    triangularSolve: triangularSolveOver(by),
    lu: luOver(by),
    qr: qrOver(by),
  }) as const satisfies Readonly<Record<string, Entry>>
