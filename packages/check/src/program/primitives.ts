import type { Tensor } from '@cotangent/core'
import * as ct from '@cotangent/core'
import { bind, PRIMITIVES } from '@cotangent/core/internal'
import type { Draw, Params, ProgramOperation } from './operations.js'

// Primitives that no public operation is made of: derivatives of loops write into buffers at places that they compute, and
// random numbers are scaled with one rounding, and tanh has a slope.

const apply = (name: string, inputs: readonly Tensor[], params: Params = {}): Tensor =>
  bind(PRIMITIVES.get(name)!, inputs, params)[0]!

/** An axis, and how many entries of it; the place comes from an integer of the program. */
const window = ([x, i]: readonly Tensor[], draw: Draw): Params | null => {
  if (x!.rank === 0 || i!.dtype !== 'int32' || i!.size === 0) return null
  const axis = draw(x!.rank)
  const n = x!.shape[axis]!
  return n === 0 ? null : { axis, size: 1 + draw(n) }
}

/** The first integer of a tensor, as a place where so many entries fit. */
const placeIn = (x: Tensor, i: Tensor, { axis, size }: Params): Tensor => {
  const first = ct.take(ct.reshape(i, [-1]), 0, { axis: 0 }) as Tensor
  const room = x.shape[axis as number]! - (size as number) + 1
  return ct.mod(first, ct.tensor(room, { dtype: 'int32' })) as Tensor
}

/** The last entries along an axis. */
const tail = (x: Tensor, { axis, size }: Params): Tensor =>
  ct.slice(
    x,
    x.shape.map((n, a) => (a === axis ? n - (size as number) : 0)),
    [...x.shape],
  ) as Tensor

export const primitives: Readonly<Record<string, ProgramOperation>> = {
  dynamicSlice: {
    arity: 2,
    params: window,
    apply: ([x, i], p) => apply('dynamicSlice', [x!, placeIn(x!, i!, p)], p),
  },
  /** The last entries, written over others. */
  dynamicUpdate: {
    arity: 2,
    params: window,
    apply: ([x, i], p) => apply('dynamicUpdate', [x!, tail(x!, p), placeIn(x!, i!, p)], { axis: p.axis }),
  },
  /** The slope of tanh. */
  sech2: {
    arity: 1,
    params: ([x]) => (x!.dtype.startsWith('float') ? {} : null),
    apply: ([x]) => apply('sech2', [x!]),
  },
  fma: {
    arity: 2,
    params: ([x, y]) =>
      x!.dtype.startsWith('float') && x!.dtype === y!.dtype && x!.shape.join() === y!.shape.join()
        ? {}
        : null,
    apply: ([x, y]) => apply('fma', [x!, y!, x!]),
  },
}
