import { flattenFloats } from './leaves.js'
import { EPS, EPS32, type Subject } from './subject.js'

/** A function of plain numbers, arrays or tensors with a gradient that came from elsewhere. */
export interface Pair<A extends readonly unknown[] = readonly never[]> {
  readonly f: (...args: A) => unknown
  /** The gradient in the shape of the argument; for several arguments an array with one each. */
  readonly gradient: (...args: A) => unknown
}

/** `f` is opaque: only values and the claimed gradient are looked at. */
export const givenSubject = (pair: Pair<never>, args: readonly unknown[]): Subject => {
  const at = flattenFloats(args)
  const call = (g: (...xs: never[]) => unknown, x: Float64Array): unknown =>
    (g as (...xs: unknown[]) => unknown)(...(at.rebuild(x) as unknown[]))
  return {
    name: pair.f.name || 'f',
    x: at.data,
    entries: at.entries,
    eps: at.single ? EPS32 : EPS,
    value: (x) => flattenFloats(call(pair.f, x)),
    reverse: (x, v) => {
      const g = flattenFloats(call(pair.gradient, x))
      return { data: g.data.map((c) => c * v[0]!), layout: g.layout }
    },
  }
}
