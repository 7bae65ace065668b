import { SCALAR } from '../arrays/scalar.js'
import type { PlainForm } from './formOf.js'
import { groupGap, groupScale } from './groupGap.js'
import { groupNewton } from './groupNewton.js'
import type { Descent, Quadratic } from './quadratic.js'
import { WorkingSet } from './workingSet.js'

/** Groups that come in at once, at first; twice as many each time. */
const ROOM = 20
const SHARE = 0.3
const REACH = 0.5
/** A tolerance, as a share of ‖y‖²/n, of one who asks for exact coefficients. */
const PRECISE = 1e-10
/** A Newton step is taken once it costs no more than so many times the sweeps so far. */
const EAGER = 1

/** A group in the working set: its slots, which follow each other, and a bound on the curvature within it. */
export interface Block {
  readonly group: number
  readonly from: number
  readonly size: number
  /** Raised where a step shows that it is too small. */
  lipschitz: number
}

/**
 * Block coordinate descent for 1/2n·‖y - Xw‖² + Σ c_g‖w_g‖ + Σ aⱼ|wⱼ| + ½bⱼwⱼ²: one proximal gradient step on a group at a time
 * (Qin, Scheinberg, Goldfarb 2013), over a working set of groups and on the Gram matrix of their columns; between sweeps
 * Newton steps on the groups that are not zero, where the objective is smooth.
 */
export class GroupDescent {
  readonly set: WorkingSet
  readonly blocks: Block[] = []
  private readonly inside = new Set<number>()
  private before: PlainForm | undefined

  constructor(problem: Quadratic) {
    this.set = new WorkingSet(problem)
  }

  start(w: Float64Array, form: PlainForm): void {
    this.set.w.fill(0)
    form.norms!.groups.forEach((group, g) => {
      if (group.every((j) => w[j] === 0)) return
      this.admit(g, group)
      for (const j of group) this.set.w[this.set.gram.slots[j]!] = w[j]!
    })
    this.set.updates = Number.POSITIVE_INFINITY
    this.set.look()
  }

  solve(form: PlainForm, tolerance: number, maxSweeps: number): Descent {
    const { set } = this
    const { groups, c } = form.norms!
    set.take(form)
    let sweeps = 0
    for (let round = 0; ; round++) {
      const gap = this.gap(form)
      if (gap <= tolerance || sweeps >= maxSweeps) {
        this.before = form
        // The gap is of second order in the distance: one Newton step more makes the coefficients as exact.
        const precise = tolerance <= PRECISE * set.problem.yy
        if (precise && groupNewton(set, this.blocks, c, form.positive)) set.look()
        return { gap, sweeps, converged: gap <= tolerance }
      }
      this.widen(form, round)
      set.take(form)
      const inner = { ...form, norms: { groups, c } }
      sweeps += this.inner(inner, SHARE * tolerance, maxSweeps - sweeps)
      set.look()
    }
  }

  private admit(g: number, group: Int32Array): void {
    if (this.inside.has(g)) return
    this.inside.add(g)
    const from = this.set.size
    for (const j of group) this.set.admit(j)
    const lipschitz = largestEigenvalue(this.set, from, group.length)
    this.blocks.push({ group: g, from, size: group.length, lipschitz })
  }

  private widen(form: PlainForm, round: number): void {
    const { set, before } = this
    const { groups, c } = form.norms!
    const found: { g: number; s: number }[] = []
    const w = set.coefficients()
    groups.forEach((group, g) => {
      if (this.inside.has(g)) return
      const slack = round === 0 && before !== undefined ? REACH * Math.max(before.norms!.c[g]! - c[g]!, 0) : 0
      const s = groupScale(set.corr, w, form, group, Math.max(c[g]! - slack, 0))
      if (s > 1) found.push({ g, s })
    })
    found.sort((x, y) => y.s - x.s)
    for (const { g } of found.slice(0, Math.max(ROOM * 2 ** round, this.inside.size)))
      this.admit(g, groups[g]!)
    if (set.problem.p <= 2 * set.size && set.problem.p <= 2 * set.problem.n)
      groups.forEach((group, g) => {
        this.admit(g, group)
      })
  }

  private gap(form: PlainForm): number {
    const { rr, yr } = this.set.residualSums()
    const { groups, c } = form.norms!
    return groupGap({ rr, yr, corr: this.set.corr, w: this.set.coefficients(), form, groups, c })
  }

  private innerGap(form: PlainForm): number {
    const { set } = this
    const { rr, yr } = set.innerSums()
    return groupGap({
      rr,
      yr,
      corr: set.c,
      w: set.w,
      form: { ...form, a: set.a, b: set.b },
      groups: this.slotGroups(),
      c: this.blocks.map(({ group }) => form.norms!.c[group]!),
    })
  }

  private slots: Int32Array[] = []
  private slotGroups(): readonly Int32Array[] {
    for (let k = this.slots.length; k < this.blocks.length; k++) {
      const { from, size } = this.blocks[k]!
      this.slots.push(Int32Array.from({ length: size }, (_, i) => from + i))
    }
    return this.slots
  }

  private inner(form: PlainForm, tolerance: number, maxSweeps: number): number {
    let quiet = 0
    this.spent = 0
    for (let sweeps = 1; ; sweeps++) {
      const moved = this.sweep(form)
      quiet = moved ? 0 : quiet + 1
      if (sweeps >= maxSweeps || this.innerGap(form) <= tolerance) return sweeps
      if (quiet < 1 && sweeps % 10 !== 0) continue
      if (this.newtonCost() > EAGER * this.spent) continue
      for (let i = 0; i < 5 && groupNewton(this.set, this.blocks, form.norms!.c, form.positive); i++)
        if (this.innerGap(form) <= tolerance) return sweeps
    }
  }

  /** About how many multiplications a Newton step takes: a factorisation, and products with the working set. */
  private newtonCost(): number {
    const { w, size } = this.set
    let count = 0
    for (let s = 0; s < size; s++) if (w[s] !== 0) count++
    return count ** 3 / 3 + count * size
  }

  /** Multiplications in sweeps of the present problem. */
  private spent = 0

  /** One pass over the blocks; whether a group, or an entry under an l1 term, became or left 0. */
  private sweep({ norms, positive }: PlainForm): boolean {
    const { w, c, a, b, gram, size: m } = this.set
    const { factors, offsets, work } = this.set
    const { combine } = work.kernels
    let moved = false
    for (const block of this.blocks) {
      const { group, from, size, lipschitz } = block
      let ridge = 0
      for (let s = from; s < from + size; s++) ridge = Math.max(ridge, b[s]!)
      const h = lipschitz + ridge
      if (h === 0) continue
      let length = 0
      const next = new Float64Array(size)
      for (let k = 0; k < size; k++) {
        const s = from + k
        const z = w[s]! + (c[s]! - b[s]! * w[s]!) / h
        const t = a[s]! / h
        const v = z > t ? z - t : positive || z >= -t ? 0 : z + t
        next[k] = v
        length += v * v
      }
      const shrink = length === 0 ? 0 : Math.max(1 - norms!.c[group]! / h / Math.sqrt(length), 0)
      let square = 0
      let bent = 0
      for (let k = 0; k < size; k++) {
        const s = from + k
        const v = shrink * next[k]!
        const old = w[s]!
        next[k] = v - old
        if (v === old) continue
        w[s] = v
        square += next[k]! ** 2
        bent += next[k]! * c[s]!
        if (old * v <= 0) moved = true
      }
      if (square === 0) continue
      let count = 0
      for (let k = 0; k < size; k++) {
        if (next[k] === 0) continue
        factors[count] = -next[k]!
        offsets[count++] = (from + k) * gram.stride
      }
      combine(factors, gram.values, offsets, count, c, m)
      for (let k = 0; k < size; k++) bent -= next[k]! * c[from + k]!
      if (bent > lipschitz * square) block.lipschitz = (1.2 * bent) / square
      this.set.updates += size
      this.spent += size * m
    }
    return moved
  }
}

/** By power iteration: at most the largest eigenvalue of the products of a group, and soon near it. */
const largestEigenvalue = ({ gram }: WorkingSet, from: number, size: number): number => {
  const { dot } = SCALAR
  let v = Float64Array.from({ length: size }, (_, k) => 1 + 0.3 * Math.sin(k + 1))
  let value = 0
  for (let i = 0; i < 30; i++) {
    const next = v.map((_, k) => dot(gram.values, (from + k) * gram.stride + from, v, 0, size))
    const length = Math.sqrt(dot(next, 0, next, 0, size) / dot(v, 0, v, 0, size))
    if (length === 0 || Math.abs(length - value) <= 1e-4 * length) return 1.01 * length
    value = length
    v = next.map((x) => x / length)
  }
  return 1.01 * value
}
