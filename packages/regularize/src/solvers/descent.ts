import type { Ints } from '../arrays/kernels.js'
import { SupportNewton } from './newton.js'
import type { Descent, Quadratic, Strengths } from './quadratic.js'
import { WorkingSet } from './workingSet.js'

// Of the columns outside the working set, those come in whose correlation could reach its bound if it moved half as fast
// as the strength: between the sequential strong rule (Tibshirani et al. 2012), which is 1, and those that already do.
const REACH = 0.5
/** Columns that come in at once, at first; twice as many each time. */
const ROOM = 100
/** A support of so few entries is worth an exact solve even while it still changes. */
const SMALL = 64
/** The equations are solved once that costs no more than so many times the sweeps so far; they end the matter, most times. */
const EAGER = 8
/** Sweeps after which a larger one is, too. */
const LONG = 8
/** All columns come in once they are no more than so many times those inside. */
const COMPLETE = 4
/** Share of the tolerance that the problem on the working set is solved to. */
const SHARE = 0.3

/**
 * Coordinate descent for 1/2n·‖y - Xw‖² + Σ aⱼ|wⱼ| + ½bⱼwⱼ². Sweeps run over a working set and on the Gram matrix of its
 * columns (Friedman, Hastie, Tibshirani 2010); once a sweep leaves the support alone the equations on it are solved
 * exactly; all other columns are then looked at, and the duality gap over all of them decides.
 */
export class CoordinateDescent {
  readonly set: WorkingSet
  private readonly newton: SupportNewton
  private before: Float64Array | undefined
  private list: Ints
  private positive = false
  /** Multiplications in sweeps of the present problem. */
  private spent = 0

  constructor(problem: Quadratic) {
    this.set = new WorkingSet(problem)
    this.list = problem.work.ints(0)
    this.newton = new SupportNewton(this.set)
  }

  /** Starts from given coefficients. */
  start(w: Float64Array): void {
    this.set.w.fill(0)
    for (let j = 0; j < w.length; j++)
      if (w[j] !== 0) {
        const s = this.set.admit(j)
        this.set.w[s] = w[j]!
      }
    this.set.updates = Number.POSITIVE_INFINITY
    this.set.look()
  }

  /** Goes on from where it is. */
  solve(strengths: Strengths, tolerance: number, maxSweeps: number): Descent {
    const { set } = this
    this.positive = strengths.positive
    set.take(strengths)
    this.newton.strengthsChanged()
    let sweeps = 0
    for (let round = 0; ; round++) {
      const gap = set.gap(strengths)
      if (gap <= tolerance || sweeps >= maxSweeps) {
        this.before = strengths.a
        return { gap, sweeps, converged: gap <= tolerance }
      }
      this.widen(strengths, round)
      sweeps += this.inner(SHARE * tolerance, maxSweeps - sweeps)
      set.look()
    }
  }

  /** Brings columns into the working set, the most correlated first. */
  private widen(strengths: Strengths, round: number): void {
    const { set, before } = this
    const { corr, gram, problem } = set
    const { a, positive } = strengths
    if (!set.open) return
    const found: number[] = []
    for (let j = 0; j < problem.p; j++) {
      if (gram.slots[j]! >= 0) continue
      const slack = round === 0 && before !== undefined ? REACH * Math.max(before[j]! - a[j]!, 0) : 0
      if ((positive ? corr[j]! : Math.abs(corr[j]!)) > a[j]! - slack) found.push(j)
    }
    const room = Math.max(ROOM * 2 ** round, gram.size)
    if (found.length > room) {
      const excess = (j: number) => Math.abs(corr[j]!) - a[j]!
      found.sort((i, j) => excess(j) - excess(i))
      found.length = room
    }
    for (const j of found) set.admit(j)
    // With most columns inside, the Gram matrix of all is cheaper than to look at the data again and again.
    if (problem.p <= COMPLETE * gram.size && problem.p <= 2 * problem.n) set.admitAll()
    set.take(strengths)
  }

  private inner(tolerance: number, maxSweeps: number): number {
    const { set } = this
    const m = set.size
    if (this.list.length < m) this.list = set.work.ints(set.gram.stride)
    this.spent = 0
    for (let sweeps = 1; ; sweeps++) {
      for (let s = 0; s < m; s++) this.list[s] = s
      const moved = this.sweep(m, m)
      if (sweeps >= maxSweeps || set.innerGap(this.positive) <= tolerance) return sweeps
      const count = this.support(m)
      const settled = !moved || count <= SMALL || sweeps >= LONG
      if (settled && this.newton.cost(this.list, count) <= EAGER * this.spent) {
        this.newton.minimise(this.list, count)
        if (set.innerGap(this.positive) <= tolerance) return sweeps
      } else if (count < m / 2) {
        this.sweep(count, m)
        this.sweep(count, m)
        sweeps += 2
      }
    }
  }

  private support(m: number): number {
    let count = 0
    for (let s = 0; s < m; s++) if (this.set.w[s] !== 0) this.list[count++] = s
    return count
  }

  /** One pass over the first slots of the list; whether an entry became or left 0, or changed its sign. */
  private sweep(count: number, m: number): boolean {
    const { w, c, a, b, gram, work, factors, offsets } = this.set
    const { values, stride } = gram
    const found = work.kernels.sweep(
      this.list,
      count,
      m,
      w,
      c,
      a,
      b,
      values,
      stride,
      this.positive,
      factors,
      offsets,
    )
    this.set.updates += count
    this.spent += count + (found >> 1) * m
    return (found & 1) === 1
  }
}
