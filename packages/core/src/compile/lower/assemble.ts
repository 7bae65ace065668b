import type { Node } from '../../graph/ir.js'
import { sizeOf } from '../../shape.js'
import { sliceView } from '../view.js'
import type { Lowering } from './lower.js'

/** Each part is copied to its place in the whole. */
export const lowerConcat = (to: Lowering, node: Node): boolean => {
  const axis = node.params.axis as number
  const sources = node.inputs.map((s) => to.sourceOf(s))
  const whole = to.place(node.outputs[0]!)
  let at = 0
  node.inputs.forEach((s, i) => {
    const begin = s.shape.map((_, d) => (d === axis ? at : 0))
    const part = sliceView(
      whole,
      s.shape,
      begin,
      s.shape.map(() => 1),
    )
    to.copy(sources[i]!, part, node.path)
    at += s.shape[axis]!
  })
  return true
}

interface Padding {
  readonly lo: readonly number[]
  readonly interior: readonly number[]
  readonly value: number
}

/** The value everywhere, then the entries that lie inside, at their distances. */
export const lowerPad = (to: Lowering, node: Node): boolean => {
  const [x] = node.inputs
  const [out] = node.outputs
  const { lo, interior, value } = node.params as unknown as Padding
  const source = to.sourceOf(x!)
  const whole = to.place(out!)
  to.copy({ kind: 'uniform', value, dtype: out!.dtype, shape: out!.shape }, whole, node.path)
  // Along each axis entry i goes to lo + i·step; those in 0 ... n-1 are kept.
  const steps = interior.map((k) => k + 1)
  const first = lo.map((l, d) => Math.max(0, Math.ceil(-l / steps[d]!)))
  const behind = lo.map((l, d) =>
    Math.min(x!.shape[d]!, Math.floor((out!.shape[d]! - 1 - l) / steps[d]!) + 1),
  )
  const kept = first.map((f, d) => Math.max(0, behind[d]! - f))
  if (sizeOf(kept) === 0) return true
  const place = sliceView(
    whole,
    kept,
    first.map((f, d) => lo[d]! + f * steps[d]!),
    steps,
  )
  const ones = kept.map(() => 1)
  to.copy(
    source.kind === 'uniform'
      ? { ...source, shape: kept }
      : { kind: 'view', view: sliceView(source.view, kept, first, ones) },
    place,
    node.path,
  )
  return true
}
