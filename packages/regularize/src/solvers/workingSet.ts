import { type Floats, type Ints, TOGETHER } from '../arrays/kernels.js'
import type { Workspace } from '../arrays/workspace.js'
import { dualityGap } from './gap.js'
import { Gram } from './gram.js'
import type { Quadratic, Strengths } from './quadratic.js'

/**
 * The columns that coordinate descent works on, with all that it knows of them by slot. Everything stays from one set of
 * strengths to the next.
 */
export class WorkingSet {
  readonly gram: Gram
  /** The coefficient, xᵀr/n, the strengths and Xᵀy/n of each slot. */
  w: Floats
  c: Floats
  a: Floats
  b: Floats
  q: Floats
  /** xⱼᵀr/n of every column, as it was at the last look. */
  readonly corr: Floats
  /** y - Xw at the last look. */
  private readonly r: Floats
  /** Room for factors and offsets of a combination of columns. */
  factors: Floats
  offsets: Ints
  /** Updates of c since it was last computed anew: each leaves a rounding error behind. */
  updates = 0

  constructor(readonly problem: Quadratic) {
    const { work } = problem
    this.gram = new Gram(work, problem.x, problem.n, problem.p)
    this.corr = work.floatsOf(problem.q)
    this.r = work.floatsOf(problem.y)
    const room = () => work.floats(Math.max(this.gram.stride, TOGETHER))
    ;[this.w, this.c, this.a, this.b, this.q, this.factors] = [room(), room(), room(), room(), room(), room()]
    this.offsets = work.ints(this.w.length)
  }

  get work(): Workspace {
    return this.problem.work
  }

  get size(): number {
    return this.gram.size
  }

  /** The slot of a column, made where it has none. */
  admit(j: number): number {
    const had = this.gram.slots[j]! >= 0
    const s = this.gram.add(j)
    if (had) return s
    this.fit()
    this.c[s] = this.corr[j]!
    this.q[s] = this.problem.q[j]!
    return s
  }

  /** Slots for all columns. */
  admitAll(): void {
    const before = this.size
    this.gram.addAll()
    this.fit()
    for (let s = before; s < this.size; s++) {
      this.c[s] = this.corr[this.gram.columns[s]!]!
      this.q[s] = this.problem.q[this.gram.columns[s]!]!
    }
  }

  private fit(): void {
    const { stride } = this.gram
    if (this.w.length >= stride) return
    for (const name of ['w', 'c', 'a', 'b', 'q', 'factors'] as const) {
      const grown = this.work.floats(stride)
      grown.set(this[name])
      this[name] = grown
    }
    this.offsets = this.work.ints(stride)
  }

  take({ a, b }: Strengths): void {
    for (let s = 0; s < this.size; s++) {
      this.a[s] = a[this.gram.columns[s]!]!
      this.b[s] = b[this.gram.columns[s]!]!
    }
  }

  coefficients(): Float64Array {
    const out = new Float64Array(this.problem.p)
    for (let s = 0; s < this.size; s++) out[this.gram.columns[s]!] = this.w[s]!
    return out
  }

  /** Whether there is a column outside. */
  get open(): boolean {
    return this.size < this.problem.p
  }

  /** Computes all correlations. With every column inside the Gram matrix has them, and the data are not read. */
  look(): void {
    const { problem, gram, c, corr, r } = this
    if (this.open) {
      this.setResidual()
      this.work.kernels.dots(problem.x, problem.n, problem.all, problem.p, r, 0, 1 / problem.n, corr, 0)
      for (let s = 0; s < this.size; s++) c[s] = corr[gram.columns[s]!]!
      this.updates = 0
      return
    }
    if (this.updates > 1000) this.correlate()
    for (let s = 0; s < this.size; s++) corr[gram.columns[s]!] = c[s]!
  }

  /** c = q - Gw, without what rounding has left. */
  private correlate(): void {
    this.c.set(this.q)
    this.along(this.gram.values, this.gram.stride, this.c, this.size)
    this.updates = 0
  }

  private setResidual(): void {
    this.r.set(this.problem.y)
    this.along(this.problem.x, this.problem.n, this.r, this.problem.n, this.gram.columns)
  }

  /** out -= Σ wₛ · (row s, or the column in slot s). */
  private along(rows: Floats, stride: number, out: Floats, length: number, places?: Int32Array): void {
    const { factors, offsets } = this
    let count = 0
    for (let s = 0; s < this.size; s++) {
      if (this.w[s] === 0) continue
      offsets[count] = (places?.[s] ?? s) * stride
      factors[count++] = -this.w[s]!
    }
    this.work.kernels.combine(factors, rows, offsets, count, out, length)
  }

  /** ‖r‖²/n and yᵀr/n at the last look. */
  residualSums(): { readonly rr: number; readonly yr: number } {
    if (!this.open) return this.innerSums()
    const { problem, r, work } = this
    const { n, y } = problem
    const { dot } = work.kernels
    return { rr: dot(r, 0, r, 0, n) / n, yr: dot(y, 0, r, 0, n) / n }
  }

  /** The same for the present coefficients, from products at hand: ‖r‖² = yᵀy - wᵀ(q + c). */
  innerSums(): { readonly rr: number; readonly yr: number } {
    const { w, c, q, problem } = this
    let rr = problem.yy
    let yr = problem.yy
    for (let s = 0; s < this.size; s++) {
      rr -= w[s]! * (q[s]! + c[s]!)
      yr -= w[s]! * q[s]!
    }
    return { rr, yr }
  }

  /** The duality gap over all columns, from what the last look found. */
  gap(strengths: Strengths): number {
    if (!this.open) return this.innerGap(strengths.positive)
    const { corr, problem } = this
    const { rr, yr } = this.residualSums()
    const { a, b, positive } = strengths
    const w = this.coefficients()
    return dualityGap({ rr, yr, yy: problem.yy, count: problem.p, corr, w, a, b, positive })
  }

  /** The gap of the problem restricted to the working set. */
  innerGap(positive: boolean): number {
    const { w, c, a, b, problem } = this
    const { rr, yr } = this.innerSums()
    return dualityGap({ rr, yr, yy: problem.yy, count: this.size, corr: c, w, a, b, positive })
  }
}
