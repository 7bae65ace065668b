import { CotangentError, type Tensor, tensor } from '@cotangent/core'
import { Cholesky } from '../arrays/cholesky.js'
import type { Floats, Ints } from '../arrays/kernels.js'
import type { Workspace } from '../arrays/workspace.js'
import { type Design, designOf } from '../solvers/design.js'

/** What happened at a knot: coefficients that came in or left. */
export interface Knot {
  /** λ of ½‖y - Xw‖² + λ‖w‖₁: the correlation |xⱼᵀr| that the active columns share. */
  readonly lambda: number
  readonly coefs: readonly number[]
  readonly enters?: number
  readonly leaves?: number
}

/** A piecewise linear path of solutions, from all zero to least squares. */
export interface ExactPath {
  readonly knots: readonly Knot[]
  /** Of the knots, falling. */
  readonly lambdas: readonly number[]
  /** Coefficients at each knot. */
  readonly coefs: readonly (readonly number[])[]
  /** The columns in the order in which they came in, those that left and came again by their last time. */
  readonly active: readonly number[]
  /** ‖w‖₁ at each knot. */
  readonly l1norms: readonly number[]
  /** The solution at any λ, exact between knots: [features], float64. */
  at(lambda: number): Tensor
}

/** Options of {@link larsPath} and {@link lassoPath}. */
export interface ExactPathOptions {
  /** Knots after the first at most. Default: as many as there are. */
  readonly maxSteps?: number
}

/** Correlations within this share of the largest are equal to it. */
const TIE = 1e-12

/** State of the homotopy: columns of X, and what is known at the present λ. */
class Homotopy {
  readonly w: Float64Array
  readonly corr: Floats
  readonly active: number[] = []
  /** Columns that depend on those that were active when they came. */
  private readonly useless = new Set<number>()
  private readonly work: Workspace
  private readonly factor: Cholesky
  private readonly x: Floats
  private readonly y: Floats
  private readonly n: number
  private readonly p: number
  private readonly all: Ints
  lambda: number

  constructor({ work, x, y, n, p }: Design) {
    this.work = work
    this.factor = new Cholesky(work)
    this.x = x
    this.y = y
    this.n = n
    this.p = p
    this.w = new Float64Array(p)
    this.corr = work.floats(p)
    this.all = work.iota(p)
    this.correlate()
    this.lambda = this.corr.reduce((m, c) => Math.max(m, Math.abs(c)), 0)
  }

  /** Brings in the column whose correlation has come up to λ; undefined where there is none. */
  enter(): number | undefined {
    const { dot } = this.work.kernels
    for (;;) {
      let best = -1
      for (let j = 0; j < this.p; j++)
        if (this.isOut(j) && (best < 0 || Math.abs(this.corr[j]!) > Math.abs(this.corr[best]!))) best = j
      if (best < 0 || Math.abs(this.corr[best]!) < this.lambda * (1 - TIE)) return undefined
      const row = Float64Array.from(this.active, (k) =>
        dot(this.x, k * this.n, this.x, best * this.n, this.n),
      )
      if (this.factor.append(row, dot(this.x, best * this.n, this.x, best * this.n, this.n))) {
        this.active.push(best)
        return best
      }
      this.useless.add(best)
    }
  }

  /**
   * Goes on to the next knot, which is where a column outside reaches λ, where λ is 0, or with `dropping` where a
   * coefficient does; that column is returned, out of the active ones. `kept` is the one that has just left.
   */
  advance(dropping: boolean, kept: number | undefined): number | undefined {
    return this.work.within(() => this.advanceWithin(dropping, kept))
  }

  private advanceWithin(dropping: boolean, kept: number | undefined): number | undefined {
    const { x, n, active, corr, w, lambda, work } = this
    const d = work.floatsOf(active.map((j) => Math.sign(corr[j]!)))
    this.factor.solve(d)
    const along = work.floats(n)
    active.forEach((j, k) => {
      work.kernels.axpy(d[k]!, x, j * n, along, 0, n)
    })
    const slopes = work.floats(this.p)
    work.kernels.dots(x, n, this.all, this.p, along, 0, 1, slopes, 0)
    let length = lambda
    for (let j = 0; j < this.p; j++) {
      if (!this.isOut(j)) continue
      for (const sign of [1, -1]) {
        // What has just left is at λ still, and may come in again on the other side.
        if (j === kept && sign * corr[j]! > 0) continue
        const t = (lambda - sign * corr[j]!) / (1 - sign * slopes[j]!)
        if (t > 0 && t < length) length = t
      }
    }
    let leaves = -1
    if (dropping)
      active.forEach((j, k) => {
        const t = -w[j]! / d[k]!
        if (t > 0 && t < length) {
          length = t
          leaves = k
        }
      })
    active.forEach((j, k) => {
      w[j]! += length * d[k]!
    })
    this.lambda = length === lambda ? 0 : lambda - length
    const out = leaves < 0 ? undefined : active[leaves]!
    if (out !== undefined) {
      w[out] = 0
      active.splice(leaves, 1)
      this.factor.remove(leaves)
    }
    this.correlate()
    return out
  }

  private isOut(j: number): boolean {
    return !this.active.includes(j) && !this.useless.has(j)
  }

  private correlate(): void {
    const { work, x, n } = this
    work.within(() => {
      const r = work.floatsOf(this.y)
      for (const j of this.active) work.kernels.axpy(-this.w[j]!, x, j * n, r, 0, n)
      work.kernels.dots(x, n, this.all, this.p, r, 0, 1, this.corr, 0)
    })
  }
}

const pathOf = (
  op: string,
  X: Tensor,
  y: Tensor,
  dropping: boolean,
  { maxSteps }: ExactPathOptions,
): ExactPath => {
  if (X.rank !== 2 || y.rank !== 1 || X.shape[0] !== y.shape[0])
    throw new CotangentError(
      'Shape',
      `${op}: X of shape [${X.shape}] and y of shape [${y.shape}]. Give X as [samples, features] and y as [samples].`,
      { op, shapes: [X.shape, y.shape] },
    )
  const state = new Homotopy(designOf(op, X, y))
  const knots: Knot[] = []
  const order: number[] = []
  let left: number | undefined
  const limit = maxSteps ?? Number.POSITIVE_INFINITY
  for (;;) {
    // A column that has just left has the correlation λ still, and goes on without.
    const enters = left === undefined && state.lambda > 0 && knots.length < limit ? state.enter() : undefined
    knots.push({
      lambda: state.lambda,
      coefs: [...state.w],
      ...(enters === undefined ? {} : { enters }),
      ...(left === undefined ? {} : { leaves: left }),
    })
    if (enters !== undefined) {
      if (order.includes(enters)) order.splice(order.indexOf(enters), 1)
      order.push(enters)
    }
    if (state.lambda === 0 || state.active.length === 0 || knots.length > limit) break
    left = state.advance(dropping, left)
  }
  const lambdas = knots.map((k) => k.lambda)
  const coefs = knots.map((k) => k.coefs)
  return {
    knots,
    lambdas,
    coefs,
    active: order,
    l1norms: coefs.map((w) => w.reduce((sum, v) => sum + Math.abs(v), 0)),
    at: (lambda) => interpolated(op, lambdas, coefs, lambda),
  }
}

const interpolated = (
  op: string,
  lambdas: readonly number[],
  coefs: readonly (readonly number[])[],
  lambda: number,
): Tensor => {
  if (!(lambda >= lambdas.at(-1)!))
    throw new CotangentError(
      'Value',
      `${op}: the path ends at λ = ${lambdas.at(-1)}, and ${lambda} is asked for. Raise maxSteps, or give a larger λ.`,
      { op },
    )
  const k = lambdas.findIndex((l) => l <= lambda)
  if (k <= 0) return tensor(Float64Array.from(coefs[0]!)) as Tensor
  const t = (lambdas[k - 1]! - lambda) / (lambdas[k - 1]! - lambdas[k]!)
  return tensor(Float64Array.from(coefs[k]!, (v, j) => (1 - t) * coefs[k - 1]![j]! + t * v)) as Tensor
}

/**
 * Least angle regression: from 0 in the direction that makes equal angles with the most correlated columns, one more at
 * each knot. λ is the correlation |xⱼᵀr| they share. X [samples, features] is used as it is: centre and scale it first where
 * that is wanted. Efron et al. 2004, https://doi.org/10.1214/009053604000000067
 *
 * @example
 * const X = tensor([[1, 0], [0, 1], [0, 0]])
 * larsPath(X, tensor([3, 1, 0])).lambdas // => [3, 1, 0]
 * larsPath(X, tensor([3, 1, 0])).coefs // => [[0, 0], [2, 0], [3, 1]]
 */
export const larsPath = (X: Tensor, y: Tensor, options: ExactPathOptions = {}): ExactPath =>
  pathOf('larsPath', X, y, false, options)

/**
 * All solutions of the lasso ½‖y - Xw‖² + λ‖w‖₁, exactly: they are linear in λ between the knots. As {@link larsPath}, but a
 * coefficient that comes to 0 leaves. In the scaling of {@link leastSquares} λ is n times smaller.
 *
 * @example
 * const path = lassoPath(tensor([[1, 0], [0, 1], [0, 0]]), tensor([3, 1, 0]))
 * path.at(2) // => [1, 0]
 * path.active // => [0, 1]
 */
export const lassoPath = (X: Tensor, y: Tensor, options: ExactPathOptions = {}): ExactPath =>
  pathOf('lassoPath', X, y, true, options)
