import { Cholesky } from '../arrays/cholesky.js'
import type { Block } from './groupDescent.js'
import type { WorkingSet } from './workingSet.js'

// A larger system costs more than the sweeps it saves.
const LARGEST = 1000

/**
 * A Newton step on the entries that are not 0. There the objective is smooth, with the Hessian
 * G + diag(b) + c_g/‖w_g‖·(I - ûûᵀ) for û = w_g/‖w_g‖. The step is halved until the objective falls, and ends before an entry
 * under an l1 term changes its sign. Whether a step was taken.
 */
export const groupNewton = (
  set: WorkingSet,
  blocks: readonly Block[],
  strengths: ArrayLike<number>,
  positive: boolean,
): boolean => set.work.within(() => stepOf(set, blocks, strengths, positive))

const stepOf = (
  set: WorkingSet,
  blocks: readonly Block[],
  strengths: ArrayLike<number>,
  positive: boolean,
): boolean => {
  const { w, c, a, b, gram, work } = set
  const live = blocks
    .map(({ group, from, size }) => {
      const slots = Array.from({ length: size }, (_, k) => from + k).filter((s) => w[s] !== 0)
      return { slots, strength: strengths[group]!, length: Math.hypot(...slots.map((s) => w[s]!)) }
    })
    .filter(({ slots }) => slots.length > 0)
  const all = live.flatMap(({ slots }) => slots)
  if (all.length === 0 || all.length > LARGEST) return false

  const factor = new Cholesky(work, all.length)
  const d = work.floats(all.length)
  let k = 0
  for (const { slots, strength, length } of live) {
    const first = k
    for (const s of slots) {
      const row = new Float64Array(k)
      for (let i = 0; i < k; i++) row[i] = gram.values[s * gram.stride + all[i]!]!
      const unit = w[s]! / length
      for (let i = first; i < k; i++) row[i]! -= (strength / length) * unit * (w[all[i]!]! / length)
      const own = gram.values[s * gram.stride + s]! + b[s]! + (strength / length) * (1 - unit * unit)
      if (!factor.append(row, own)) return false
      d[k++] = c[s]! - b[s]! * w[s]! - a[s]! * Math.sign(w[s]!) - strength * unit
    }
  }
  factor.solve(d)

  // Gd on all slots; the quadratic part of the objective along the step is then known in closed form.
  const turn = work.floats(set.size)
  const { offsets } = set
  for (const [i, s] of all.entries()) offsets[i] = s * gram.stride
  work.kernels.combine(d, gram.values, offsets, all.length, turn, set.size)
  let linear = 0
  let bent = 0
  let step = 1
  all.forEach((s, i) => {
    linear -= c[s]! * d[i]!
    bent += turn[s]! * d[i]!
    if ((positive || a[s]! > 0) && w[s]! * (w[s]! + d[i]!) <= 0) step = Math.min(step, (-0.9 * w[s]!) / d[i]!)
  })
  const penalty = (t: number): number => {
    let [total, i] = [0, 0]
    for (const { slots, strength } of live) {
      let square = 0
      for (const s of slots) {
        const v = w[s]! + t * d[i++]!
        square += v * v
        total += a[s]! * Math.abs(v) + 0.5 * b[s]! * v * v
      }
      total += strength * Math.sqrt(square)
    }
    return total
  }
  const before = penalty(0)
  // Near the minimum the objective is flat to the last digit, and the step is right all the same.
  const rounding = 1e-15 * before
  for (let tries = 0; tries < 10; tries++, step /= 2) {
    if (!(penalty(step) - before + step * linear + 0.5 * step * step * bent < rounding)) continue
    all.forEach((s, i) => {
      w[s]! += step * d[i]!
    })
    for (let s = 0; s < set.size; s++) c[s]! -= step * turn[s]!
    set.updates += 1
    return true
  }
  return false
}
