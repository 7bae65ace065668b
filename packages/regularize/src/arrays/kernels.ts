declare const owned: unique symbol
/** Arrays of a workspace: its loops may only be given those. */
export type Floats = Float64Array & { readonly [owned]: true }
export type Ints = Int32Array & { readonly [owned]: true }

/** Rows that are combined at once. */
export const TOGETHER = 6

/**
 * The loops in which the solvers spend their time, over columns of a column-major matrix: column j begins at j·n. Arrays
 * come with the index at which the entries begin.
 */
export interface Kernels<F extends Float64Array = Floats, I extends Int32Array = Ints> {
  /** x[at ..] · y[from ..] over n entries. */
  readonly dot: (x: F, at: number, y: F, from: number, n: number) => number
  /** y[to ..] += k · x[at ..] over n entries. */
  readonly axpy: (k: number, x: F, at: number, y: F, to: number, n: number) => void
  /** y += Σ factors[k] · x[offsets[k] ..] over n entries, for `count` factors. */
  readonly combine: (factors: F, x: F, offsets: I, count: number, y: F, n: number) => void
  /** out[to + k] = scale · x_{columns[k]} · r[from ..] for `count` columns of n entries. */
  readonly dots: (
    x: F,
    n: number,
    columns: I,
    count: number,
    r: F,
    from: number,
    scale: number,
    out: F,
    to: number,
  ) => void
  /** values[i·stride + j] = xᵢ·xⱼ for the columns that i and j stand for, from ≤ i < count and j ≤ i; others of these rows may change. */
  readonly products: (
    x: F,
    n: number,
    columns: I,
    from: number,
    count: number,
    values: F,
    stride: number,
  ) => void
  /**
   * A pass of coordinate descent for ½wᵀGw - qᵀw + Σ aₛ|wₛ| + ½bₛwₛ² over the slots of a list, with c = q - Gw kept for all
   * `size` slots. Twice the number of entries that changed, and one more where an entry became or left 0 or changed its sign.
   * `factors` and `offsets` are room for TOGETHER entries: changes of w that c has not been told yet, which wait until several
   * rows can be read beside each other.
   */
  readonly sweep: (
    list: I,
    count: number,
    size: number,
    w: F,
    c: F,
    a: F,
    b: F,
    G: F,
    stride: number,
    positive: boolean,
    factors: F,
    offsets: I,
  ) => number
  /** b[at ..] becomes L⁻¹b for the lower triangular L of `size` rows, which begin `stride` apart. */
  readonly forward: (rows: F, stride: number, size: number, b: F, at: number) => void
  /** b[at ..] becomes L⁻ᵀb. */
  readonly backward: (rows: F, stride: number, size: number, b: F, at: number) => void
}
