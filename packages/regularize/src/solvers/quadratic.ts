import type { Floats, Ints } from '../arrays/kernels.js'
import type { Workspace } from '../arrays/workspace.js'

/** A least squares problem: columns of X one after another, float64, in the memory that its solver works in. */
export interface Quadratic {
  readonly work: Workspace
  readonly n: number
  readonly p: number
  /** Column-major: entry i of column j is x[j·n + i]. */
  readonly x: Floats
  readonly y: Floats
  /** Xᵀy/n. */
  readonly q: Floats
  /** ‖y‖²/n. */
  readonly yy: number
  /** Every column. */
  readonly all: Ints
}

export const quadratic = (work: Workspace, x: Floats, y: Floats, p: number): Quadratic => {
  const n = y.length
  const all = work.iota(p)
  const q = work.floats(p)
  work.kernels.dots(x, n, all, p, y, 0, 1 / n, q, 0)
  return { work, n, p, x, y, q, yy: work.kernels.dot(y, 0, y, 0, n) / n, all }
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
