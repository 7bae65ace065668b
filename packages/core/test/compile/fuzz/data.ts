import { allocate } from '../../../src/dtype.js'
import type { Aval } from '../../../src/graph/ir.js'
import { sizeOf } from '../../../src/shape.js'
import { copyOfData, dataOf, fromData, type Tensor } from '../../../src/tensor.js'
import type { Random } from './random.js'

/** What numbers an input holds. */
export type Kind = 'whole' | 'dyadic' | 'special' | 'real' | 'wide'

export const kinds: readonly (readonly [number, Kind])[] = [
  [6, 'whole'],
  [3, 'dyadic'],
  [3, 'special'],
  [5, 'real'],
  [1.5, 'wide'],
]

const SPECIAL = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0]
const EDGES = [2147483647, -2147483648, 65536, -1, 0]

const FLOATS: Readonly<Record<Kind, (r: Random) => number>> = {
  whole: (r) => r.int(-3, 3),
  dyadic: (r) => r.int(-32, 32) / 16,
  special: (r) => (r.chance(0.2) ? r.pick(SPECIAL) : r.int(-3, 3)),
  real: (r) => r.normal(),
  wide: (r) => r.normal() * 2 ** r.int(-40, 40),
}

/** Random elements. */
export const randomData = (r: Random, { shape, dtype }: Aval, kind: Kind): Tensor => {
  const data = allocate(dtype, sizeOf(shape))
  const one = (): number => {
    if (dtype === 'bool') return r.int(0, 1)
    if (dtype === 'int32') return kind === 'special' && r.chance(0.2) ? r.pick(EDGES) : r.int(-4, 4)
    return FLOATS[kind](r)
  }
  for (let i = 0; i < data.length; i++) data[i] = one()
  return fromData(data, shape, dtype)
}

/** Whole numbers from lo to hi. */
export const randomIndices = (r: Random, shape: readonly number[], lo: number, hi: number): Tensor => {
  const data = new Int32Array(sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = r.int(lo, hi)
  return fromData(data, shape, 'int32')
}

/** Indices of which one or two are not in 0 ... n-1. */
export const wrongIndices = (r: Random, shape: readonly number[], n: number): Tensor => {
  const right = randomIndices(r, shape, 0, Math.max(0, n - 1))
  const data = dataOf(right).slice()
  for (let k = r.int(1, 2); k > 0; k--)
    data[r.int(0, data.length - 1)] = r.pick([-1, n, n + 1, -n - 1, 2 ** 31 - 1, -(2 ** 31)])
  return fromData(data, shape, 'int32')
}

/** The first place where two tensors have different bits (all NaN are one); undefined if there is none. */
export const firstDifference = (a: Tensor, b: Tensor): number | undefined => {
  const [x, y] = [dataOf(a), dataOf(b)]
  if (a.dtype !== b.dtype || x.length !== y.length || a.shape.join() !== b.shape.join()) return -1
  for (let i = 0; i < x.length; i++) if (!Object.is(x[i], y[i])) return i
  return undefined
}

/** The first place where two tensors have different numbers: zeros of both signs are one. */
export const firstOtherNumber = (a: Tensor, b: Tensor): number | undefined => {
  const [x, y] = [dataOf(a), dataOf(b)]
  if (a.dtype !== b.dtype || x.length !== y.length || a.shape.join() !== b.shape.join()) return -1
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i] && !Object.is(x[i], y[i])) return i
  return undefined
}

/** A copy that shares nothing, of what lies in memory now: the tensor does not remember that it was looked at. */
export const copyOf = (t: Tensor): Tensor => fromData(copyOfData(t), t.shape, t.dtype)

/** Says what differs where. */
export const show = (got: Tensor, want: Tensor, i: number): string =>
  i < 0
    ? `${got.dtype}[${got.shape}] for ${want.dtype}[${want.shape}]`
    : `entry ${i} of ${want.dtype}[${want.shape}] is ${dataOf(got)[i]} and should be ${dataOf(want)[i]}`
