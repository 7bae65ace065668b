import { Cholesky } from '../arrays/cholesky.js'
import type { Floats } from '../arrays/kernels.js'
import type { WorkingSet } from './workingSet.js'

/** Entries that meet their zero in one call at most; what is left is for the next sweep. */
const CROSSINGS = 20

/**
 * The exact minimum on a support with signs as they are: (G + diag(b))·z = q - a·sign(w) there. Where an entry would change
 * its sign the step ends at its zero and goes on without it. The objective falls all the way, since it is a convex
 * quadratic on the segment. The factor of the matrix is kept, and only told what came and went.
 */
export class SupportNewton {
  private readonly factor: Cholesky
  /** Slots in the order of the factor's rows, and the ridge that each row was made with. */
  private readonly members: number[] = []
  private readonly ridge: number[] = []
  /** Whether a slot is among them. */
  private readonly inside: Uint8Array

  constructor(private readonly set: WorkingSet) {
    this.factor = new Cholesky(set.work)
    this.inside = new Uint8Array(set.problem.p)
  }

  /** The factor holds diag(b): with another b it is of another matrix. */
  strengthsChanged(): void {
    if (this.members.every((s, k) => this.ridge[k] === this.set.b[s])) return
    this.factor.clear()
    this.members.length = 0
    this.ridge.length = 0
    this.inside.fill(0)
  }

  /** About how many multiplications a call takes: rows that come or go, and the solution. */
  cost(support: Int32Array, count: number): number {
    let same = 0
    for (let i = 0; i < count; i++) same += this.inside[support[i]!]!
    const changes = count + this.members.length - 2 * same
    return (changes / 2 + 2) * count * count + count * this.set.size
  }

  minimise(support: Int32Array, count: number): void {
    const { members, set } = this
    for (let k = members.length - 1; k >= 0; k--) if (set.w[members[k]!] === 0) this.drop(k)
    for (let i = 0; i < count; i++) if (this.inside[support[i]!] === 0) this.enter(support[i]!)
    for (let i = 0; i < CROSSINGS; i++) if (this.step()) return
  }

  private drop(k: number): void {
    this.factor.remove(k)
    this.inside[this.members[k]!] = 0
    this.members.splice(k, 1)
    this.ridge.splice(k, 1)
  }

  /** In the set's room for factors. */
  private products(s: number): Floats {
    const { members, set } = this
    const { values, stride } = set.gram
    const row = set.factors
    for (let k = 0; k < members.length; k++) row[k] = values[s * stride + members[k]!]!
    return row
  }

  /**
   * Appends a slot. Where its column depends on the others there is a direction d with Xd = 0, along which the penalty does
   * not rise one way: it is followed to the first zero, and the entry there leaves.
   */
  private enter(s: number): void {
    const { members, set } = this
    const { w, a, b, gram } = set
    const diagonal = gram.values[s * gram.stride + s]! + b[s]!
    while (w[s] !== 0 && !this.factor.append(this.products(s), diagonal)) {
      const others = this.products(s)
      this.factor.solve(others)
      const slots = [...members, s]
      const d = [...members.map((_, k) => -others[k]!), 1]
      const slope = slots.reduce((sum, t, k) => sum + a[t]! * Math.sign(w[t]!) * d[k]!, 0)
      const sign = slope === 0 ? -Math.sign(w[s]!) : -Math.sign(slope)
      const { first, length } = firstZero(w, slots, d, sign) ?? firstZero(w, slots, d, -sign)!
      slots.forEach((t, k) => {
        w[t] = k === first ? 0 : w[t]! + length * d[k]!
      })
      if (first < members.length) this.drop(first)
    }
    if (w[s] === 0) return
    members.push(s)
    this.inside[s] = 1
    this.ridge.push(b[s]!)
  }

  /** One step; whether it ended at the minimum. */
  private step(): boolean {
    const { members, set } = this
    const { w, c, a, b, gram, factors: d, offsets } = set
    const count = members.length
    for (let k = 0; k < count; k++) {
      const s = members[k]!
      d[k] = c[s]! - b[s]! * w[s]! - a[s]! * Math.sign(w[s]!)
    }
    this.factor.solve(d)
    const zero = firstZero(w, members, d, 1)
    const stopped = zero !== undefined && zero.length <= 1
    const length = stopped ? zero.length : 1
    for (let k = 0; k < count; k++) {
      const s = members[k]!
      const next = stopped && k === zero.first ? 0 : w[s]! + length * d[k]!
      d[k] = w[s]! - next
      w[s] = next
      offsets[k] = s * gram.stride
    }
    set.work.kernels.combine(d, gram.values, offsets, count, c, set.size)
    set.updates += count
    if (stopped) this.drop(zero.first)
    return !stopped
  }
}

/** Which entry of w + t·d is the first to meet 0 for t of the given sign, and at which t. */
const firstZero = (
  w: Float64Array,
  slots: readonly number[],
  d: ArrayLike<number>,
  sign: number,
): { readonly first: number; readonly length: number } | undefined => {
  let first = -1
  let least = Number.POSITIVE_INFINITY
  for (let k = 0; k < slots.length; k++) {
    const length = (-w[slots[k]!]! / d[k]!) * sign
    if (length >= 0 && length < least) {
      first = k
      least = length
    }
  }
  return first < 0 ? undefined : { first, length: sign * least }
}
