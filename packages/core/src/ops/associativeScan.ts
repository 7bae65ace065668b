import { concat, reverse, sliceAxis } from '../primitives/structural.js'
import type { Tensor } from '../tensor.js'

/** An associative operation on tuples of tensors of one shape, entry by entry; the first operand comes earlier. */
export type Combine = (before: readonly Tensor[], after: readonly Tensor[]) => readonly Tensor[]

/**
 * All prefixes x₀, x₀∘x₁, x₀∘x₁∘x₂, ... along an axis, in ⌈log₂ n⌉ steps: after the step of width w, entry i holds the
 * last 2w entries up to i. (W. D. Hillis and G. L. Steele, "Data parallel algorithms", 1986.) Made of slices and
 * concatenations, so derivatives of every order are those of the operation.
 */
export const associativeScan = (
  combine: Combine,
  xs: readonly Tensor[],
  axis: number,
  backwards = false,
): readonly Tensor[] => {
  if (backwards) {
    const turn = (ts: readonly Tensor[]) => ts.map((t) => reverse(t, [axis]))
    return turn(associativeScan(combine, turn(xs), axis))
  }
  const n = xs[0]!.shape[axis]!
  let prefixes = xs
  for (let width = 1; width < n; width *= 2) {
    const before = prefixes.map((x) => sliceAxis(x, axis, 0, n - width))
    const after = prefixes.map((x) => sliceAxis(x, axis, width, n))
    const joined = combine(before, after)
    prefixes = prefixes.map((x, k) => concat([sliceAxis(x, axis, 0, width), joined[k]!], axis))
  }
  return prefixes
}
