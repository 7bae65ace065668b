import { dot, dots, iota } from './kernels.js'

/** A least squares problem in plain arrays: columns of X one after another, float64. */
export interface Quadratic {
  readonly n: number
  readonly p: number
  /** Column-major: entry i of column j is x[j·n + i]. */
  readonly x: Float64Array
  readonly y: Float64Array
  /** Xᵀy/n. */
  readonly q: Float64Array
  /** ‖y‖²/n. */
  readonly yy: number
  /** Every column. */
  readonly all: Int32Array
}

export const quadratic = (x: Float64Array, y: Float64Array, p: number): Quadratic => {
  const n = y.length
  const all = iota(p)
  const q = new Float64Array(p)
  dots(x, n, all, p, y, 0, 1 / n, q)
  return { n, p, x, y, q, yy: dot(y, 0, y, 0, n) / n, all }
}

/** Σ aⱼ|wⱼ| + ½bⱼwⱼ², and wⱼ ≥ 0 where `positive`. */
export interface Strengths {
  readonly a: Float64Array
  readonly b: Float64Array
  readonly positive: boolean
}

/** How a solve ended. */
export interface Descent {
  /** The objective is at most so far from its minimum. */
  readonly gap: number
  /** Sweeps over the working set. */
  readonly sweeps: number
  readonly converged: boolean
}
